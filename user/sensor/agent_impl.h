/* SPDX-License-Identifier: Apache-2.0 */
/* agent_impl.h - what the agent's own files share; nobody else's. */
#ifndef EC_AGENT_IMPL_H
#define EC_AGENT_IMPL_H

#include "agent.h"
#include "agent_names.h"
#include "arena.h"
#include "sensor.h"

/* Where the automatons of the open calls are, under one generation. */
struct agent_room {
	struct arena arena;
	uint32_t off[EC_MAX_CALLS]; /* 0: that call has none */
};

/* What its controller has put into the kernel, to be held against what is there. */
struct agent_kept {
	struct ec_generation generation; /* without what the kernel writes */
	uint64_t rules;			 /* digest of its automaton */
	uint32_t flags, current;
	uint16_t resolver;
	uint64_t open_calls;
	uint32_t ring_ids[2]; /* denials, effects */
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
	struct agent_kept kept;
	uint16_t names[AGENT_NAMES_MAX]; /* indexes of those that are bound, agent_names.c */
	size_t names_len;
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

/* The arena has this automaton there. */
bool generation_has(const struct sensor *sensor, uint32_t off, const struct automaton *automaton);
/* Where the automatons of its calls have room. */
static inline uint32_t generation_room(const struct ec_generation *generation, uint32_t *ret_len)
{
	uint32_t own = generation->rules_off == generation->region_off ? generation->rules_len : 0;

	*ret_len = generation->region_len - own;
	return generation->region_off + own;
}

/* agent_names.c: forgets those of an agent that is gone; takes those over that
 * another controller has left. */
void names_clear(struct sensor *sensor, uint64_t uid);
void names_adopt(struct agent *agent);
/* agent.c: an empty ring into its place in an array of rings. */
int agent_add_ring(int outer_fd, uint32_t slot, uint32_t len, int *ret_fd);
/* agent_check.c: what is there now is what we want. */
void agent_remember(struct agent *agent);
/* Objects labelled for this id: a generation's never rules, an agent's standard
 * descriptors. */
void generation_forget(struct sensor *sensor, uint64_t id);

/* agent_calls.c: what a call grants, for generation `index`. */
int agent_grant(struct agent *agent, struct agent_room *room, uint32_t index, uint32_t bit,
		const struct policy_call *call, uint64_t begin_ns);

#endif
