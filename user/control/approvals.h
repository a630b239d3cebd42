/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approvals.h - declarations that wait for somebody's approval. The connection
 * that asked is not read any further until it has its answer.
 */
#ifndef EC_CONTROL_APPROVALS_H
#define EC_CONTROL_APPROVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct connection;
struct control;

/* Waiting at once; past it a declaration that needs approval is refused. */
#define APPROVALS_MAX 32u

struct approval {
	uint64_t number; /* 0 = free; never used twice on this host */
	struct connection *peer;
	struct cJSON *request; /* its begin */
	uint64_t begin_ns, deadline_ns;
	char reason[512];
};

/* The begin of this peer waits. Returns 0, or 1: the answer says why it does
 * not, or -ENOMEM. */
int approvals_add(struct connection *peer, const struct cJSON *request, const char *reason,
		  uint32_t timeout_ms, struct cJSON *answer);
/* The peer is gone. */
void approvals_drop(struct control *control, const struct connection *peer);
/* Refuses what has waited too long. */
void approvals_tick(struct control *control, uint64_t now_ns);
struct approval *approvals_find(struct control *control, uint64_t number);
/* Answers the peer and lets it go on; the approval is gone. */
void approvals_decide(struct control *control, struct approval *approval, bool allowed,
		      const char *why);

#endif
