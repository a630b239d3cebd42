// SPDX-License-Identifier: Apache-2.0
/* generation.c - one compilation of a policy in the kernel, and the step from
 * one to the next. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "agent_impl.h"
#include "window.h"
#include "user/util.h"

void generation_forget(struct sensor *sensor, uint64_t id)
{
	struct ec_node_key key, next;
	void *at = NULL;

	while (!bpf_map_get_next_key(sensor->nodes_fd, at, &next)) {
		if (at && key.generation == id)
			bpf_map_delete_elem(sensor->nodes_fd, &key);
		key = next;
		at = &key;
	}
	if (at && key.generation == id)
		bpf_map_delete_elem(sensor->nodes_fd, &key);
}

void generation_clear(struct sensor *sensor, struct ec_generation *generation)
{
	if (generation->never_nodes)
		generation_forget(sensor, generation->id);
	memset(generation, 0, sizeof(*generation));
}

/* Past [at, at + at_len), when that is in the way. */
static bool step_past(uint32_t at, uint32_t at_len, uint32_t len, uint32_t *off)
{
	if (!at_len || *off >= at + at_len || at >= *off + len)
		return false;
	*off = at + at_len;
	return true;
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

			if (!sensor->agents[i / 2].uid)
				continue;
			moved |= step_past(g->region_off, g->region_len, len, &off);
			/* of an agent that may be gone, and whose rules are still used */
			moved |= step_past(g->rules_off, g->rules_len, len, &off);
		}
	}
	if (off + len > EC_ARENA_WORDS)
		return -ENOSPC;
	*ret_off = off;
	return 0;
}

bool generation_has(const struct sensor *sensor, uint32_t off, const struct automaton *automaton)
{
	size_t size = (size_t)automaton->words_len * sizeof(uint64_t);
	_cleanup_free_ uint64_t *words = malloc(size + sizeof(uint64_t));
	bool same;

	if (!words || window_open(sensor, off, automaton->words_len) < 0)
		return false;
	automaton_install(automaton, off, words);
	same = !memcmp(words, sensor->arena + off, size);
	window_close(sensor, off, automaton->words_len);
	return same;
}

/* Another agent under the same rules: there they are already. 0: there is none. */
static uint32_t find_rules(const struct sensor *sensor, const struct automaton *automaton)
{
	uint32_t tried = 0;

	for (uint32_t i = 0; i < 2 * EC_MAX_AGENTS; i++) {
		const struct ec_generation *g = &sensor->agents[i / 2].generation[i % 2];

		if (!sensor->agents[i / 2].uid || g->rules_len != automaton->words_len ||
		    g->rules_off == tried)
			continue;
		tried = g->rules_off;
		if (generation_has(sensor, g->rules_off, automaton))
			return g->rules_off;
	}
	return 0;
}

/* A number that may have a label is looked up. */
static void note_number(struct ec_generation *generation, const struct policy_node *node)
{
	uint32_t bit = ec_node_bit(node->ino, node->dev);

	__atomic_or_fetch(&generation->nodes_seen[bit / 64], 1ull << bit % 64, __ATOMIC_SEQ_CST);
}

/* First the number, then the object: with that it is in force. */
static int add_node(struct sensor *sensor, struct ec_generation *generation,
		    const struct policy_node *node)
{
	struct ec_node_key key = { .generation = generation->id,
				   .ino = node->ino,
				   .dev = node->dev,
				   .version = node->version };
	struct ec_node value, before = { 0 };

	/* it may have had another name that never names, too */
	if (bpf_map_lookup_elem(sensor->nodes_fd, &key, &before) && errno != ENOENT)
		return -errno;
	value = (struct ec_node) { .rule = node->rule,
				   .ops = node->ops | before.ops | (node->any ? EC_NODE_ANY : 0) };
	note_number(generation, node);
	/* whoever is just looking may miss what is put anew (kernel/bpf/hashtab.c): not for nothing */
	if (value.ops == before.ops)
		return 0;
	return bpf_map_update_elem(sensor->nodes_fd, &key, &value, BPF_ANY) ? -errno : 0;
}

int agent_label(struct agent *agent, const struct policy_node *node)
{
	struct ec_generation *generation = &agent->shared->generation[agent_current(agent)];
	int r;

	note_number(generation, node); /* what is kept is what is there, whatever fails */
	note_number(&agent->kept.generation, node);
	if ((r = add_node(agent->sensor, generation, node)) < 0)
		return r;
	/* what is known of directories is so no more: this may be above one */
	agent->kept.generation.labels++;
	__atomic_add_fetch(&generation->labels, 1, __ATOMIC_SEQ_CST);
	/* how many there are is of no matter, and agent_check knows the number */
	if (!generation->never_nodes) {
		agent->kept.generation.never_nodes = 1;
		__atomic_store_n(&generation->never_nodes, 1, __ATOMIC_SEQ_CST);
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

static int install_rules(const struct sensor *sensor, uint32_t off,
			 const struct automaton *automaton)
{
	int r = window_open(sensor, off, automaton->words_len);

	if (r < 0)
		return r;
	automaton_install(automaton, off, sensor->arena + off);
	window_close(sensor, off, automaton->words_len);
	return 0;
}

int generation_fill(struct agent *agent, uint32_t index, const struct agent_options *options,
		    struct agent_room *ret_room)
{
	struct ec_generation *generation = &agent->shared->generation[index];
	const struct automaton *automaton = options->automaton;
	struct sensor *sensor = agent->sensor;
	uint32_t rules = find_rules(sensor, automaton), off;
	uint32_t len = (rules ? 0 : automaton->words_len) + options->calls_words;
	int r = take_region(sensor, len, &off);

	if (r < 0)
		return r;
	memset(generation, 0, sizeof(*generation));
	generation->id = __atomic_add_fetch(&sensor->control->next_uid, 1, __ATOMIC_SEQ_CST);
	generation->never_nodes = (uint32_t)options->nodes_len;
	for (size_t i = 0; r == 0 && i < options->nodes_len; i++)
		r = add_node(sensor, generation, &options->nodes[i]);
	if (r < 0) {
		generation_clear(sensor, generation);
		return r;
	}
	if (!rules && (r = install_rules(sensor, off, automaton)) < 0) {
		generation_clear(sensor, generation);
		return r;
	}
	rules = rules ?: off;
	generation->flags = options->flags;
	generation->start = automaton->start ? rules + automaton->start : 0;
	generation->allow = options->allow;
	generation->region_off = off;
	generation->region_len = len;
	generation->rules_len = automaton->words_len;
	generation->rules_off = rules;
	fill_flows(generation, options->policy);
	memset(ret_room, 0, sizeof(*ret_room));
	off = generation_room(generation, &len);
	arena_init(&ret_room->arena, off, len);
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

/* old_policy NULL: it is not known what tripped them, so they trip all. */
static uint32_t carry_to(const struct policy *old_policy, size_t index,
			 const struct policy *new_policy)
{
	uint32_t all = 0;

	if (old_policy)
		return policy_flow_carry(old_policy, index, new_policy);
	for (size_t i = 0; i < EC_MAX_FLOWS; i++)
		all |= (uint32_t)(policy_flow(new_policy, i).ops != 0) << i;
	return all;
}

/* Flows are tripped until the session ends, whatever becomes of the policy:
 * from the moment that carry is written the kernel trips both generations, and
 * what it had tripped before is taken over here. */
static void carry_flows(struct ec_generation *from, struct ec_generation *to,
			const struct policy *old_policy, const struct policy *new_policy)
{
	uint32_t tripped = 0;

	for (size_t i = 0; i < EC_MAX_FLOWS; i++)
		__atomic_store_n(&from->flows[i].carry, carry_to(old_policy, i, new_policy),
				 __ATOMIC_SEQ_CST);
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
	agent_remember(agent);
}

int agent_settle(struct agent *agent)
{
	return agent->unsettled ? settle(agent) : 0;
}

uint64_t agent_generation(const struct agent *agent)
{
	return agent->shared->generation[agent_current(agent)].id;
}
