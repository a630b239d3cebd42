// SPDX-License-Identifier: Apache-2.0
/*
 * agent_adopt.c - an agent that outlived its controller gets another one. What the
 * dead one was doing when it ended is undone or finished; what judges effects is
 * not touched, so that there is no moment without rules.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#include "agent_impl.h"
#include "tagged.h"
#include "window.h"
#include "user/process.h"
#include "user/util.h"

static int find_slot(struct agent *agent, uint64_t uid)
{
	for (uint32_t slot = 0; uid && slot < EC_MAX_AGENTS; slot++) {
		if (agent->sensor->agents[slot].uid != uid)
			continue;
		agent->slot = slot;
		agent->shared = &agent->sensor->agents[slot];
		agent->uid = uid;
		return agent_is_kept(agent->shared) ? -EBUSY : 0;
	}
	return -ENOENT;
}

/* The ring that is there, with what nobody has read yet. */
static int take_ring(int outer_fd, uint32_t slot, int *ret_fd)
{
	uint32_t id;
	int fd;

	if (bpf_map_lookup_elem(outer_fd, &slot, &id))
		return errno == ENOENT ? agent_add_ring(outer_fd, slot, AGENT_RING_LEN, ret_fd) :
					 -errno;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

/* A call whose place makes no sense grants nothing any more. */
static void take_call(struct agent *agent, uint32_t bit)
{
	struct ec_call *call = agent_shared_call(agent, bit);
	uint32_t index = agent_current(agent);
	bool fits = call->id && !call->room[index].len == !call->grant[index].start;

	if (fits && call->room[index].len)
		fits = !arena_put(&agent->room.arena, call->room[index].off, call->room[index].len);
	if (!fits) {
		__atomic_and_fetch(&agent->shared->open_calls, ~(1ull << bit), __ATOMIC_SEQ_CST);
		return;
	}
	agent->room.off[bit] = call->room[index].len ? call->room[index].off : 0;
	agent->open[bit] = call->id;
	agent->next_bit = bit + 1;
}

static void take_calls(struct agent *agent)
{
	const struct ec_generation *generation = &agent->shared->generation[agent_current(agent)];

	uint32_t len, off = generation_room(generation, &len);

	arena_init(&agent->room.arena, off, len);
	for (uint32_t bit = 0; bit < EC_MAX_CALLS; bit++) {
		struct ec_call *call = agent_shared_call(agent, bit);

		if (agent->shared->open_calls >> bit & 1)
			take_call(agent, bit);
		if (call->seq & 1) /* it was being written, and nobody could see it yet */
			__atomic_add_fetch(&call->seq, 1, __ATOMIC_SEQ_CST);
	}
	__atomic_and_fetch(&agent->shared->exact_calls, agent->shared->open_calls,
			   __ATOMIC_SEQ_CST);
}

/* A replacement of its policy that was not finished: the one in force stays. */
static int finish_step(struct agent *agent)
{
	struct ec_generation *generation = &agent->shared->generation[agent_current(agent)];

	for (size_t i = 0; i < EC_MAX_FLOWS; i++)
		__atomic_store_n(&generation->flows[i].carry, 0, __ATOMIC_SEQ_CST);
	agent->unsettled = true;
	return agent_settle(agent);
}

static int take_over(struct agent *agent, uint64_t uid)
{
	struct sensor *sensor = agent->sensor;
	int r;

	if ((r = find_slot(agent, uid)) < 0 || (r = window_open_calls(sensor, agent->slot)) < 0 ||
	    (r = take_ring(sensor->denials_fd, agent->slot, &agent->denials_fd)) < 0 ||
	    (r = take_ring(sensor->effects_fd, agent->slot, &agent->effects_fd)) < 0 ||
	    (r = finish_step(agent)) < 0)
		return r;
	take_calls(agent);
	names_adopt(agent);
	agent->shared->owner_start = process_stat(getpid()).start;
	__atomic_store_n(&agent->shared->owner_pid, (uint32_t)getpid(), __ATOMIC_SEQ_CST);
	agent_remember(agent);
	return 0;
}

static void drop(struct agent **agent)
{
	if (!*agent)
		return;
	close_fd(&(*agent)->denials_fd);
	close_fd(&(*agent)->effects_fd);
	free(*agent);
}

int agent_adopt(struct sensor *sensor, uint64_t uid, struct agent **ret_agent)
{
	__attribute__((cleanup(drop))) struct agent *agent = calloc(1, sizeof(*agent));
	_cleanup_close_ int lock = -1;
	int r;

	if (!agent)
		return -ENOMEM;
	agent->sensor = sensor;
	agent->denials_fd = agent->effects_fd = -1;
	lock = sensor_lock();
	if (lock < 0)
		return lock; /* cppcheck-suppress memleak ; has its cleanup attribute */
	r = take_over(agent, uid);
	if (r == 0)
		*ret_agent = TAKE_PTR(agent);
	return r;
}

unsigned int agent_each(const struct agent *agent,
			void (*each)(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag),
			void *ctx)
{
	return tagged_each(agent->sensor, agent->uid, each, ctx);
}

void agent_kill(struct agent *agent)
{
	tagged_kill(agent->sensor, agent->uid);
}
