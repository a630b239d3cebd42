// SPDX-License-Identifier: Apache-2.0
/* generation.c - one compilation of a policy in the kernel, and the step from
 * one to the next. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "agent_impl.h"
#include "user/util.h"

void generation_clear(struct sensor *sensor, struct ec_generation *generation)
{
	struct ec_node_key key, next;
	void *at = NULL;

	if (generation->never_nodes) {
		while (!bpf_map_get_next_key(sensor->nodes_fd, at, &next)) {
			if (at && key.generation == generation->id)
				bpf_map_delete_elem(sensor->nodes_fd, &key);
			key = next;
			at = &key;
		}
		if (at && key.generation == generation->id)
			bpf_map_delete_elem(sensor->nodes_fd, &key);
	}
	memset(generation, 0, sizeof(*generation));
}

/* First fit among the parts of the living agents. */
static int take_region(struct sensor *sensor, uint32_t len, uint32_t *ret_off)
{
	uint32_t off = EC_ARENA_FIRST;
	bool moved = true;

	while (moved) {
		moved = false;
		for (uint32_t i = 0; i < 2 * EC_MAX_AGENTS; i++) {
			const struct ec_generation *g = &sensor->agents[i / 2].generation[i % 2];

			if (sensor->agents[i / 2].uid && g->region_len &&
			    off < g->region_off + g->region_len && g->region_off < off + len) {
				off = g->region_off + g->region_len;
				moved = true;
			}
		}
	}
	if (off + len > EC_ARENA_WORDS)
		return -ENOSPC;
	*ret_off = off;
	return 0;
}

static int add_nodes(struct sensor *sensor, uint64_t generation,
		     const struct agent_options *options)
{
	for (size_t i = 0; i < options->nodes_len; i++) {
		const struct policy_node *node = &options->nodes[i];
		struct ec_node_key key = { .generation = generation,
					   .ino = node->ino,
					   .dev = node->dev };
		struct ec_node value = { .rule = node->rule, .ops = node->ops };

		if (bpf_map_update_elem(sensor->nodes_fd, &key, &value, BPF_ANY))
			return -errno;
	}
	return 0;
}

static void fill_flows(struct ec_generation *generation, const struct policy *policy)
{
	for (size_t i = 0; i < EC_MAX_FLOWS; i++) {
		struct policy_flow flow = policy_flow(policy, i);

		generation->flows[i].rule = flow.rule;
		generation->flows[i].ops = flow.ops;
	}
}

int generation_fill(struct agent *agent, uint32_t index, const struct agent_options *options,
		    struct agent_room *ret_room)
{
	struct ec_generation *generation = &agent->shared->generation[index];
	const struct automaton *automaton = options->automaton;
	uint32_t len = automaton->words_len + options->calls_words, off;
	struct sensor *sensor = agent->sensor;
	int r = take_region(sensor, len, &off);

	if (r < 0)
		return r;
	memset(generation, 0, sizeof(*generation));
	generation->id = __atomic_add_fetch(&sensor->control->next_uid, 1, __ATOMIC_SEQ_CST);
	generation->never_nodes = (uint32_t)options->nodes_len;
	if ((r = add_nodes(sensor, generation->id, options)) < 0) {
		generation_clear(sensor, generation);
		return r;
	}
	automaton_install(automaton, off, sensor->arena + off);
	generation->flags = options->flags;
	generation->start = automaton->start ? off + automaton->start : 0;
	generation->allow = options->allow;
	generation->region_off = off;
	generation->region_len = len;
	fill_flows(generation, options->policy);
	memset(ret_room, 0, sizeof(*ret_room));
	arena_init(&ret_room->arena, off + automaton->words_len, options->calls_words);
	return 0;
}

/* An update of an array of maps returns when no program runs any more that
 * could have seen what was there before (kernel/bpf/syscall.c,
 * maybe_wait_bpf_programs, since 4.13): the same ring again will do. */
static int settle(struct agent *agent)
{
	uint32_t old = agent_current(agent) ^ 1;

	if (bpf_map_update_elem(agent->sensor->denials_fd, &agent->slot, &agent->denials_fd,
				BPF_EXIST) &&
	    bpf_map_update_elem(agent->sensor->denials_fd, &agent->slot, &agent->denials_fd,
				BPF_ANY))
		return -errno;
	generation_clear(agent->sensor, &agent->shared->generation[old]);
	agent->unsettled = false;
	return 0;
}

/* Flows are tripped until the session ends, whatever becomes of the policy:
 * from the moment that carry is written the kernel trips both generations, and
 * what it had tripped before is taken over here. */
static void carry_flows(struct ec_generation *from, struct ec_generation *to,
			const struct policy *old_policy, const struct policy *new_policy)
{
	uint32_t tripped = 0;

	for (size_t i = 0; i < EC_MAX_FLOWS; i++)
		__atomic_store_n(&from->flows[i].carry,
				 policy_flow_carry(old_policy, i, new_policy), __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < EC_MAX_FLOWS; i++)
		if (__atomic_load_n(&from->tripped, __ATOMIC_SEQ_CST) >> i & 1)
			tripped |= from->flows[i].carry;
	for (size_t i = 0; i < EC_MAX_FLOWS; i++)
		if (tripped >> i & 1)
			__atomic_or_fetch(&to->tripped_ops, to->flows[i].ops, __ATOMIC_SEQ_CST);
	__atomic_or_fetch(&to->tripped, tripped, __ATOMIC_SEQ_CST);
}

static int grant_all(struct agent *agent, uint32_t index, const struct agent_recall *recalls,
		     size_t recalls_len)
{
	int r;

	for (uint32_t bit = 0; bit < EC_MAX_CALLS; bit++) {
		const struct policy_call nothing = { 0 }, *call = &nothing;
		uint64_t begin_ns = 0;

		for (size_t i = 0; agent->open[bit] && i < recalls_len; i++)
			if (recalls[i].id == agent->open[bit]) {
				call = recalls[i].call ? recalls[i].call : &nothing;
				begin_ns = recalls[i].begin_ns;
			}
		if ((r = agent_grant(agent, &agent->next_room, index, bit, call, begin_ns)) < 0)
			return r;
	}
	return 0;
}

int agent_prepare(struct agent *agent, const struct agent_options *options,
		  const struct agent_recall *recalls, size_t recalls_len)
{
	_cleanup_close_ int lock = sensor_lock();
	uint32_t next = agent_current(agent) ^ 1;
	struct ec_generation *generation = &agent->shared->generation[next];
	int r;

	if (lock < 0)
		return lock;
	if (agent->unsettled && (r = settle(agent)) < 0)
		return r;
	agent_discard(agent);
	if ((r = generation_fill(agent, next, options, &agent->next_room)) < 0)
		return r;
	if ((r = grant_all(agent, next, recalls, recalls_len)) < 0)
		generation_clear(agent->sensor, generation);
	return r;
}

void agent_discard(struct agent *agent)
{
	uint32_t next = agent_current(agent) ^ 1;

	if (!agent->unsettled && agent->shared->generation[next].id)
		generation_clear(agent->sensor, &agent->shared->generation[next]);
}

void agent_replace(struct agent *agent, const struct policy *old_policy,
		   const struct policy *new_policy)
{
	uint32_t next = agent_current(agent) ^ 1;
	struct ec_agent *shared = agent->shared;

	carry_flows(&shared->generation[next ^ 1], &shared->generation[next], old_policy,
		    new_policy);
	__atomic_store_n(&shared->current, next, __ATOMIC_SEQ_CST);
	agent->room = agent->next_room;
	agent->unsettled = true;
}

int agent_settle(struct agent *agent)
{
	return agent->unsettled ? settle(agent) : 0;
}

uint64_t agent_generation(const struct agent *agent)
{
	return agent->shared->generation[agent_current(agent)].id;
}
