/* SPDX-License-Identifier: Apache-2.0 */
/* join_impl.h - what the join's own files share; nobody else's. */
#ifndef EC_JOIN_IMPL_H
#define EC_JOIN_IMPL_H

#include "join.h"
#include "user/sensor/agent_moved.h"

/* One effect of one process, however often it was seen. */
struct join_seen {
	struct ec_obs obs; /* of the first */
	char *target;	   /* its bytes, not terminated */
	uint64_t hash;
	uint64_t count;
};

struct join_list {
	struct join_seen *at;
	size_t len, room;
	size_t text_len;
};

struct join_process {
	uint32_t pid;
	uint32_t parent;
	uint32_t images[JOIN_PROGRAMS_MAX];
	size_t images_len;
};

/* One object that a grant names. Those of one text (a link and where it leads,
 * the addresses of a host) stand for each other. */
struct join_declared {
	uint32_t op;
	uint32_t text;
	bool is_seen;
	bool is_baseline;
	char *name;   /* for people */
	char *string; /* as the kernel names it */
	size_t string_len;
};

#define JOIN_OPS (EC_OP_PRIV + 1)

struct join {
	struct join_list effects;
	struct join_list drift;
	struct join_process *processes;
	size_t processes_len, processes_room;
	struct join_declared *declared;
	size_t declared_len, declared_room;
	size_t declared_text_len;
	uint64_t counts[JOIN_OPS]; /* permitted by the call, by enum ec_op */
	uint64_t by_baseline;	   /* permitted by the baseline, when told */
	uint64_t programs;
	uint64_t drifts;
	uint64_t shared;
	uint64_t omitted;
	struct agent_moved moved; /* in all */
	bool moved_shared;	  /* some of it perhaps by another call */
};

/* This call was seen doing op on that object. */
void join_mark(struct join *join, const struct effect *effect);

#endif
