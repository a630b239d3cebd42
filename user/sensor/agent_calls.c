// SPDX-License-Identifier: Apache-2.0
/* agent_calls.c - open calls: one bit each, and their grants. */
#include <errno.h>
#include <string.h>

#include "agent_impl.h"
#include "window.h"

/* Bits are taken in turn, so that a closed call's place rests before it is
 * written again. One that somebody else has set stays, until it is seen (agent_check). */
static int free_bit(const struct agent *agent)
{
	for (uint32_t i = 0; i < EC_MAX_CALLS; i++) {
		uint32_t bit = (agent->next_bit + i) % EC_MAX_CALLS;

		if (!agent->open[bit] && !(agent->shared->open_calls >> bit & 1))
			return (int)bit;
	}
	return -EMFILE;
}

static uint64_t since_ns(enum policy_scope scope, uint64_t begin_ns)
{
	return scope == POLICY_SCOPE_PROCESS ? EC_SINCE_NEVER :
	       scope == POLICY_SCOPE_SUBTREE ? begin_ns :
					       0;
}

int agent_grant(struct agent *agent, struct agent_room *room, uint32_t index, uint32_t bit,
		const struct policy_call *call, uint64_t begin_ns)
{
	struct ec_grant *grant = &agent_shared_call(agent, bit)->grant[index];
	uint32_t off = 0;
	int r;

	if (call->automaton.start) {
		r = arena_take(&room->arena, call->automaton.words_len, &off);
		if (r < 0)
			return r;
		r = window_open(agent->sensor, off, call->automaton.words_len);
		if (r < 0) {
			arena_give(&room->arena, off);
			return r;
		}
		automaton_install(&call->automaton, off, agent->sensor->arena + off);
		window_close(agent->sensor, off, call->automaton.words_len);
	}
	grant->since_ns = since_ns(call->scope, begin_ns);
	grant->start = off ? off + call->automaton.start : 0;
	grant->tool = call->tool;
	grant->within = call->within;
	room->off[bit] = off;
	agent_shared_call(agent, bit)->room[index].off = off;
	agent_shared_call(agent, bit)->room[index].len = off ? call->automaton.words_len : 0;
	return 0;
}

/* What does not fit is cut, an id left out: half of one names another call. */
static void note_names(struct ec_call *shared, const struct agent_call *call)
{
	size_t id_len = call->client_id ? strlen(call->client_id) : 0;

	memset(shared->tool, 0, sizeof(shared->tool));
	memset(shared->client_id, 0, sizeof(shared->client_id));
	if (call->tool)
		memcpy(shared->tool, call->tool, strnlen(call->tool, sizeof(shared->tool) - 1));
	if (id_len < sizeof(shared->client_id))
		memcpy(shared->client_id, call->client_id ? call->client_id : "", id_len);
	shared->begin_ns = call->begin_ns;
}

static void publish(struct agent *agent, uint32_t bit, bool exact)
{
	if (exact)
		__atomic_or_fetch(&agent->shared->exact_calls, 1ull << bit, __ATOMIC_SEQ_CST);
	__atomic_or_fetch(&agent->shared->open_calls, 1ull << bit, __ATOMIC_SEQ_CST);
}

int agent_call_open(struct agent *agent, const struct agent_call *call, uint64_t *ret_id)
{
	int bit = free_bit(agent), r;
	struct ec_call *shared;

	if (bit < 0)
		return bit;
	shared = agent_shared_call(agent, (uint32_t)bit);
	__atomic_add_fetch(&shared->seq, 1, __ATOMIC_SEQ_CST);
	r = agent_grant(agent, &agent->room, agent_current(agent), (uint32_t)bit, call->compiled,
			call->begin_ns);
	if (r == 0)
		shared->id = __atomic_add_fetch(&agent->sensor->control->next_uid, 1,
						__ATOMIC_SEQ_CST);
	memset(&shared->grant[agent_current(agent) ^ 1], 0, sizeof(shared->grant[0]));
	memset(&shared->room[agent_current(agent) ^ 1], 0, sizeof(shared->room[0]));
	note_names(shared, call);
	shared->deadline_ns = call->deadline_ns;
	shared->task = call->exact ? EC_TASK_NONE : 0;
	__atomic_add_fetch(&shared->seq, 1, __ATOMIC_SEQ_CST);
	if (r < 0)
		return r;
	agent->open[bit] = *ret_id = shared->id;
	agent->next_bit = (uint32_t)bit + 1;
	publish(agent, (uint32_t)bit, call->exact);
	agent->kept.open_calls |= 1ull << bit;
	return 0;
}

const struct ec_call *agent_open_call(const struct agent *agent, uint32_t bit)
{
	return agent->open[bit] ? agent_shared_call(agent, bit) : NULL;
}

int agent_call_offer(struct agent *agent, uint64_t id, uint64_t task)
{
	__u64 nobody = EC_TASK_NONE;

	for (uint32_t bit = 0; id && bit < EC_MAX_CALLS; bit++) {
		struct ec_call *shared = agent_shared_call(agent, bit);

		if (agent->open[bit] != id || !(agent->shared->exact_calls >> bit & 1))
			continue;
		return __atomic_compare_exchange_n(&shared->task, &nobody, task, false,
						   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ?
			       0 :
			       -ENOENT;
	}
	return -ENOENT;
}

int agent_call_close(struct agent *agent, uint64_t id)
{
	for (uint32_t bit = 0; bit < EC_MAX_CALLS; bit++) {
		if (!id || agent->open[bit] != id)
			continue;
		__atomic_and_fetch(&agent->shared->open_calls, ~(1ull << bit), __ATOMIC_SEQ_CST);
		__atomic_and_fetch(&agent->shared->exact_calls, ~(1ull << bit), __ATOMIC_SEQ_CST);
		/* a reader that has begun sees the sequence move and lets go */
		__atomic_add_fetch(&agent_shared_call(agent, bit)->seq, 2, __ATOMIC_SEQ_CST);
		if (agent->room.off[bit])
			arena_give(&agent->room.arena, agent->room.off[bit]);
		agent->room.off[bit] = 0;
		agent->open[bit] = 0;
		agent->kept.open_calls &= ~(1ull << bit);
		return 0;
	}
	return -ENOENT;
}
