/* SPDX-License-Identifier: Apache-2.0 */
/* agent_impl.h - what the agent's own files share; nobody else's. */
#ifndef EC_AGENT_IMPL_H
#define EC_AGENT_IMPL_H

#include "agent.h"
#include "arena.h"
#include "sensor.h"

/* Where the automatons of the open calls are, under one generation. */
struct agent_room {
	struct arena arena;
	uint32_t off[EC_MAX_CALLS]; /* 0: that call has none */
};

struct agent {
	struct sensor *sensor;
	struct ec_agent *shared;
	uint32_t slot;
	uint64_t uid;
	int denials_fd;
	int effects_fd;
	uint64_t open[EC_MAX_CALLS]; /* ids */
	uint32_t next_bit;
	struct agent_room room;
	struct agent_room next_room; /* of the generation that is prepared */
	bool unsettled;		     /* effects may still be judged under the one before */
};

static inline uint32_t agent_current(const struct agent *agent)
{
	return agent->shared->current & 1;
}

static inline struct ec_call *agent_shared_call(const struct agent *agent, uint32_t bit)
{
	return &agent->sensor->calls[agent->slot * EC_MAX_CALLS + bit];
}

/* generation.c, under the host-wide lock: the policy into generation `index`
 * of a slot whose other fields are not looked at yet. -ENOSPC: no room in the
 * arena; -ENOMEM and others from bpf(2). */
int generation_fill(struct agent *agent, uint32_t index, const struct agent_options *options,
		    struct agent_room *ret_room);
/* Takes it out again; no effect is judged under it. */
void generation_clear(struct sensor *sensor, struct ec_generation *generation);

/* agent_calls.c: what a call grants, for generation `index`. */
int agent_grant(struct agent *agent, struct agent_room *room, uint32_t index, uint32_t bit,
		const struct policy_call *call, uint64_t begin_ns);

#endif
