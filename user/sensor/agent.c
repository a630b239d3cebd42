// SPDX-License-Identifier: Apache-2.0
#include "agent.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>

#include "arena.h"
#include "bpf/obs.h"
#include "sensor.h"
#include "user/process.h"
#include "user/util.h"

#define RING_LEN (1u << 20) /* as EC_RING_LEN: a thousand denials and more */

struct agent {
	struct sensor *sensor;
	struct ec_agent *shared;
	uint32_t slot;
	uint64_t uid;
	int denials_fd;
	int effects_fd;
	struct arena calls; /* automatons of open calls */
	struct {
		uint64_t id;
		uint32_t off;
	} open[EC_MAX_CALLS];
	uint32_t next_bit;
};

static void remove_nodes(struct sensor *sensor, uint64_t uid)
{
	struct ec_node_key key, next;
	void *at = NULL;

	while (!bpf_map_get_next_key(sensor->nodes_fd, at, &next)) {
		if (at && key.agent_uid == uid)
			bpf_map_delete_elem(sensor->nodes_fd, &key);
		key = next;
		at = &key;
	}
	if (at && key.agent_uid == uid)
		bpf_map_delete_elem(sensor->nodes_fd, &key);
}

/* Gives a slot back; no task of it is left. */
static void vacate(struct sensor *sensor, uint32_t slot)
{
	struct ec_agent *shared = &sensor->agents[slot];
	uint64_t uid = shared->uid;

	__atomic_store_n(&shared->open_calls, 0, __ATOMIC_SEQ_CST);
	bpf_map_delete_elem(sensor->denials_fd, &slot);
	bpf_map_delete_elem(sensor->effects_fd, &slot);
	if (shared->never_nodes)
		remove_nodes(sensor, uid);
	__atomic_store_n(&shared->uid, 0, __ATOMIC_SEQ_CST);
}

/* Agents whose controller died and whose last task has ended. */
static void reap(struct sensor *sensor)
{
	for (uint32_t slot = 0; slot < EC_MAX_AGENTS; slot++) {
		struct ec_agent *shared = &sensor->agents[slot];

		if (shared->uid && !__atomic_load_n(&shared->tasks, __ATOMIC_SEQ_CST) &&
		    process_stat((pid_t)shared->owner_pid).start != shared->owner_start)
			vacate(sensor, slot);
	}
}

static int take_slot(struct agent *agent)
{
	for (uint32_t slot = 0; slot < EC_MAX_AGENTS; slot++) {
		if (agent->sensor->agents[slot].uid)
			continue;
		agent->slot = slot;
		agent->shared = &agent->sensor->agents[slot];
		return 0;
	}
	return -EMFILE;
}

/* First fit among the parts of the living agents. */
static int take_region(struct sensor *sensor, uint32_t len, uint32_t *ret_off)
{
	uint32_t off = EC_ARENA_FIRST;
	bool moved = true;

	while (moved) {
		moved = false;
		for (uint32_t slot = 0; slot < EC_MAX_AGENTS; slot++) {
			const struct ec_agent *a = &sensor->agents[slot];

			if (a->uid && off < a->region_off + a->region_len &&
			    a->region_off < off + len) {
				off = a->region_off + a->region_len;
				moved = true;
			}
		}
	}
	if (off + len > EC_ARENA_WORDS)
		return -ENOSPC;
	*ret_off = off;
	return 0;
}

static int add_ring(int outer_fd, uint32_t slot, int *ret_fd)
{
	_cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ec_ring", 0, 0, RING_LEN,
						NULL);

	if (fd < 0)
		return fd;
	if (bpf_map_update_elem(outer_fd, &slot, &fd, BPF_ANY))
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int add_nodes(struct agent *agent, const struct agent_options *options)
{
	for (size_t i = 0; i < options->nodes_len; i++) {
		const struct policy_node *node = &options->nodes[i];
		struct ec_node_key key = { .agent_uid = agent->uid,
					   .ino = node->ino,
					   .dev = node->dev };
		struct ec_node value = { .rule = node->rule, .ops = node->ops };

		if (bpf_map_update_elem(agent->sensor->nodes_fd, &key, &value, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* Fills the slot; its uid comes last, so that nobody sees half of it. */
static void publish(struct agent *agent, const struct agent_options *options, uint32_t off,
		    uint32_t len)
{
	const struct automaton *automaton = options->automaton;
	struct ec_agent *shared = agent->shared;

	automaton_install(automaton, off, agent->sensor->arena + off);
	memset(shared, 0, sizeof(*shared));
	shared->flags = options->flags;
	shared->start = automaton->start ? off + automaton->start : 0;
	shared->allow = options->allow;
	shared->owner_pid = (uint32_t)getpid();
	shared->owner_start = process_stat(getpid()).start;
	shared->region_off = off;
	shared->region_len = len;
	shared->never_nodes = (uint32_t)options->nodes_len;
	for (size_t i = 0; i < EC_MAX_FLOWS; i++) {
		struct policy_flow flow = policy_flow(options->policy, i);

		shared->flows[i].rule = flow.rule;
		shared->flows[i].ops = flow.ops;
	}
	__atomic_store_n(&shared->uid, agent->uid, __ATOMIC_SEQ_CST);
}

static int install(struct agent *agent, const struct agent_options *options)
{
	struct sensor *sensor = agent->sensor;
	uint32_t policy_len = options->automaton->words_len;
	uint32_t len = policy_len + options->calls_words, off;
	int r;

	reap(sensor);
	if ((r = take_slot(agent)) < 0 || (r = take_region(sensor, len, &off)) < 0)
		return r;
	agent->uid = __atomic_add_fetch(&sensor->control->next_uid, 1, __ATOMIC_SEQ_CST);
	if ((r = add_ring(sensor->denials_fd, agent->slot, &agent->denials_fd)) < 0 ||
	    (r = add_ring(sensor->effects_fd, agent->slot, &agent->effects_fd)) < 0 ||
	    (r = add_nodes(agent, options)) < 0) {
		agent->shared->never_nodes = 1; /* vacate looks for them */
		agent->shared->uid = agent->uid;
		vacate(sensor, agent->slot);
		return r;
	}
	arena_init(&agent->calls, off + policy_len, options->calls_words);
	publish(agent, options, off, len);
	return 0;
}

static void agent_freep(struct agent **agent)
{
	if (!*agent)
		return;
	close_fd(&(*agent)->denials_fd);
	close_fd(&(*agent)->effects_fd);
	free(*agent);
}

int agent_new(struct sensor *sensor, const struct agent_options *options, struct agent **ret_agent)
{
	__attribute__((cleanup(agent_freep))) struct agent *agent = calloc(1, sizeof(*agent));
	_cleanup_close_ int lock = -1;
	int r;

	if (!agent)
		return -ENOMEM;
	agent->sensor = sensor;
	agent->denials_fd = agent->effects_fd = -1;
	lock = sensor_lock();
	if (lock < 0)
		return lock; /* cppcheck-suppress memleak ; has its cleanup attribute */
	r = install(agent, options);
	if (r < 0)
		return r;
	*ret_agent = TAKE_PTR(agent);
	return 0;
}

void agent_free(struct agent *agent)
{
	_cleanup_close_ int lock = -1;

	if (!agent)
		return;
	lock = sensor_lock();
	if (!agent_tasks(agent))
		vacate(agent->sensor, agent->slot);
	agent_freep(&agent);
}

uint64_t agent_uid(const struct agent *agent)
{
	return agent->uid;
}

int agent_tag(struct agent *agent, pid_t pid)
{
	struct {
		uint32_t slot;
		uint32_t exe;
		uint64_t uid;
	} tag = { .slot = agent->slot, .uid = agent->uid };
	_cleanup_close_ int fd = pidfd_open(pid, 0);

	if (fd < 0)
		return -errno;
	__atomic_add_fetch(&agent->shared->tasks, 1, __ATOMIC_SEQ_CST);
	if (bpf_map_update_elem(agent->sensor->tags_fd, &fd, &tag, BPF_NOEXIST)) {
		__atomic_sub_fetch(&agent->shared->tasks, 1, __ATOMIC_SEQ_CST);
		return -errno;
	}
	return 0;
}

uint64_t agent_tasks(const struct agent *agent)
{
	return __atomic_load_n(&agent->shared->tasks, __ATOMIC_SEQ_CST);
}

void agent_quarantine(struct agent *agent)
{
	__atomic_or_fetch(&agent->shared->flags, EC_AGENT_QUARANTINE, __ATOMIC_SEQ_CST);
}

uint64_t agent_count(const struct agent *agent, unsigned int kind)
{
	return kind < EC_COUNT_MAX ?
		       __atomic_load_n(&agent->shared->count[kind], __ATOMIC_SEQ_CST) :
		       0;
}

int agent_denials_fd(const struct agent *agent)
{
	return agent->denials_fd;
}

int agent_effects_fd(const struct agent *agent)
{
	return agent->effects_fd;
}

/* Bits are taken in turn, so that a closed call's place rests before it is
 * written again. */
static int free_bit(const struct agent *agent)
{
	for (uint32_t i = 0; i < EC_MAX_CALLS; i++) {
		uint32_t bit = (agent->next_bit + i) % EC_MAX_CALLS;

		if (!agent->open[bit].id)
			return (int)bit;
	}
	return -EMFILE;
}

static struct ec_call *shared_call(const struct agent *agent, uint32_t bit)
{
	return &agent->sensor->calls[agent->slot * EC_MAX_CALLS + bit];
}

int agent_call_open(struct agent *agent, const struct policy_call *call, uint64_t deadline_ns,
		    uint64_t *ret_id)
{
	int bit = free_bit(agent);
	struct ec_call *shared;
	uint32_t off = 0;

	if (bit < 0)
		return bit;
	if (call->automaton.start) {
		int r = arena_take(&agent->calls, call->automaton.words_len, &off);

		if (r < 0)
			return r;
		automaton_install(&call->automaton, off, agent->sensor->arena + off);
	}
	shared = shared_call(agent, (uint32_t)bit);
	__atomic_add_fetch(&shared->seq, 1, __ATOMIC_SEQ_CST);
	shared->id = __atomic_add_fetch(&agent->sensor->control->next_uid, 1, __ATOMIC_SEQ_CST);
	shared->deadline_ns = deadline_ns;
	shared->start = off ? off + call->automaton.start : 0;
	shared->tool = call->tool;
	shared->within = call->within;
	__atomic_add_fetch(&shared->seq, 1, __ATOMIC_SEQ_CST);

	agent->open[bit].id = *ret_id = shared->id;
	agent->open[bit].off = off;
	agent->next_bit = (uint32_t)bit + 1;
	__atomic_or_fetch(&agent->shared->open_calls, 1ull << bit, __ATOMIC_SEQ_CST);
	return 0;
}

int agent_call_close(struct agent *agent, uint64_t id)
{
	for (uint32_t bit = 0; bit < EC_MAX_CALLS; bit++) {
		if (!id || agent->open[bit].id != id)
			continue;
		__atomic_and_fetch(&agent->shared->open_calls, ~(1ull << bit), __ATOMIC_SEQ_CST);
		/* a reader that has begun sees the sequence move and lets go */
		__atomic_add_fetch(&shared_call(agent, bit)->seq, 2, __ATOMIC_SEQ_CST);
		if (agent->open[bit].off)
			arena_give(&agent->calls, agent->open[bit].off);
		agent->open[bit].id = 0;
		agent->open[bit].off = 0;
		return 0;
	}
	return -ENOENT;
}
