/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picks.h - whose tasks are that have no tag (bpf/pick.bpf.c): put there by the
 * node agent, asked by the kernel at every exec, with the node agent or without.
 */
#ifndef EC_PICKS_H
#define EC_PICKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "bpf/pick.h"
#include "sensor.h"

struct picks;
struct ring_buffer;

/* held is told of each task that waits for our word, when picks_fd() is readable
 * and picks_drain() asks. The host's one node agent: -EBUSY, another one lives. */
int picks_open(struct sensor *sensor, void (*held)(void *ctx, const struct ec_held *held),
	       void *ctx, struct picks **ret_picks);
/* What is there stays and goes on; NULL is fine. */
void picks_close(struct picks *picks);
int picks_fd(const struct picks *picks);
void picks_drain(struct picks *picks);
/* We are alive; at least every EC_DAEMON_SILENT_NS. */
void picks_turn(struct picks *picks);

/* -E2BIG: EC_PICKS_MAX are there. */
int picks_put(struct picks *picks, const struct ec_pick_key *key, const struct ec_pick *pick);
int picks_remove(struct picks *picks, const struct ec_pick_key *key); /* -ENOENT */
/* Each that is there; keep says whether it may stay. */
int picks_sweep(struct picks *picks,
		bool (*keep)(void *ctx, const struct ec_pick_key *key, const struct ec_pick *pick),
		void *ctx);
/* One pass over all threads of the host: each that it concerned. Returns how many were
 * tagged or let go, or negative errno. A task that forks meanwhile may leave
 * somebody: until a pass comes to 0. */
int picks_gather(struct picks *picks, void (*each)(void *ctx, const struct ec_gathered *one),
		 void *ctx);

/* Takes out the picks that lead to this agent, 0: all, after which nobody is held any
 * more and who was is killed. -EBUSY: a node agent lives. */
int picks_drop(struct sensor *sensor, uint64_t uid);
/* Does what is loaded have work for a node agent that may be down? */
bool picks_are_there(const struct sensor *sensor);
/* Its process, 0 = none lives. */
pid_t picks_daemon(const struct sensor *sensor);

#endif
