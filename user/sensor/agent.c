// SPDX-License-Identifier: Apache-2.0
/* agent.c - slots: taken, given back, reaped; the tag. */
#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>

#include "agent_impl.h"
#include "bpf/obs.h"
#include "picks.h"
#include "tagged.h"
#include "window.h"
#include "user/meter/meters.h"
#include "user/process.h"
#include "user/util.h"

/* Who does not die in ten seconds is left as it is: confined, and in quarantine. */
#define END_ROUNDS 500
#define END_PAUSE_NS 20000000

/* Gives a slot back; no task of it is left. */
static void vacate(struct sensor *sensor, uint32_t slot)
{
	struct ec_agent *shared = &sensor->agents[slot];

	__atomic_store_n(&shared->open_calls, 0, __ATOMIC_SEQ_CST);
	bpf_map_delete_elem(sensor->denials_fd, &slot);
	bpf_map_delete_elem(sensor->effects_fd, &slot);
	generation_clear(sensor, &shared->generation[0]);
	generation_clear(sensor, &shared->generation[1]);
	generation_forget(sensor, shared->uid);
	names_clear(sensor, shared->uid);
	meters_retire(sensor->meters, shared);
	__atomic_store_n(&shared->uid, 0, __ATOMIC_SEQ_CST);
}

bool agent_is_kept(const struct ec_agent *shared)
{
	return shared->owner_pid &&
	       process_stat((pid_t)shared->owner_pid).start == shared->owner_start;
}

/* A controller that is killed between the tag and the count, or before its child
 * was let go, leaves a count that nobody comes to take back. */
static bool is_deserted(struct sensor *sensor, struct ec_agent *shared)
{
	if (!__atomic_load_n(&shared->tasks, __ATOMIC_SEQ_CST))
		return true;
	return !tagged_each(sensor, shared->uid, NULL, NULL) && tagged_is_over(sensor, shared);
}

bool agent_is_deserted(struct sensor *sensor, unsigned int slot)
{
	struct ec_agent *shared = &sensor->agents[slot];

	return !agent_is_kept(shared) && is_deserted(sensor, shared);
}

void agent_reap(struct sensor *sensor)
{
	/* a node agent that is down goes on with what it has left, empty places too: what
	 * an agent there has spent or tripped stays so */
	if (picks_are_there(sensor) && !picks_daemon(sensor))
		return;
	for (uint32_t slot = 0; slot < EC_MAX_AGENTS; slot++) {
		if (sensor->agents[slot].uid && agent_is_deserted(sensor, slot))
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
		return window_open_calls(agent->sensor, slot);
	}
	return -EMFILE;
}

int agent_add_ring(int outer_fd, uint32_t slot, uint32_t len, int *ret_fd)
{
	_cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ec_ring", 0, 0, len, NULL);

	if (fd < 0)
		return fd;
	if (bpf_map_update_elem(outer_fd, &slot, &fd, BPF_ANY))
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Fills the slot; its uid comes last, so that nobody sees half of it. */
static int publish(struct agent *agent, const struct agent_options *options)
{
	struct ec_agent *shared = agent->shared;
	int r;

	memset(shared, 0, sizeof(*shared));
	/* one that was killed may have left a call half written */
	for (uint32_t bit = 0; bit < EC_MAX_CALLS; bit++)
		memset(agent_shared_call(agent, bit), 0, sizeof(struct ec_call));
	if ((r = generation_fill(agent, 0, options, &agent->room)) < 0)
		return r;
	shared->owner_pid = (uint32_t)getpid();
	shared->owner_start = process_stat(getpid()).start;
	__atomic_store_n(&shared->uid, agent->uid, __ATOMIC_SEQ_CST);
	return 0;
}

/* Where everything is recorded, a burst of it has to wait somewhere. */
static uint32_t effects_len(const struct agent_options *options)
{
	if (options->ring_len)
		return options->ring_len;
	return options->flags & EC_GENERATION_RECORD_ALL ? AGENT_RING_ALL_LEN : AGENT_RING_LEN;
}

static int install(struct agent *agent, const struct agent_options *options)
{
	struct sensor *sensor = agent->sensor;
	int r;

	agent_reap(sensor);
	if ((r = take_slot(agent)) < 0)
		return r;
	agent->uid = __atomic_add_fetch(&sensor->control->next_uid, 1, __ATOMIC_SEQ_CST);
	if ((r = agent_add_ring(sensor->denials_fd, agent->slot,
				options->ring_len ?: AGENT_RING_LEN, &agent->denials_fd)) < 0 ||
	    (r = agent_add_ring(sensor->effects_fd, agent->slot, effects_len(options),
				&agent->effects_fd)) < 0 ||
	    (r = publish(agent, options)) < 0)
		vacate(sensor, agent->slot);
	return r;
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
	lock = sensor->lock_fd >= 0 ? TAKE_FD(sensor->lock_fd) : sensor_lock();
	if (lock < 0)
		return lock; /* cppcheck-suppress memleak ; has its cleanup attribute */
	r = install(agent, options);
	if (r < 0)
		return r;
	agent_remember(agent);
	*ret_agent = TAKE_PTR(agent);
	return 0;
}

void agent_free(struct agent *agent)
{
	_cleanup_close_ int lock = -1;

	if (!agent)
		return;
	lock = sensor_lock();
	/* who has ended is counted until the kernel has let go of its memory */
	if (is_deserted(agent->sensor, agent->shared))
		vacate(agent->sensor, agent->slot);
	else
		__atomic_store_n(&agent->shared->owner_pid, 0, __ATOMIC_SEQ_CST);
	window_close_calls(agent->sensor, agent->slot);
	agent_freep(&agent);
}

int agent_end(struct sensor *sensor, uint64_t uid, unsigned int *ret_slot)
{
	const struct timespec pause = { .tv_nsec = END_PAUSE_NS };
	_cleanup_close_ int lock = sensor_lock();
	struct ec_agent *shared;
	uint32_t slot = 0;

	while (slot < EC_MAX_AGENTS && (!uid || sensor->agents[slot].uid != uid))
		slot++;
	if (lock < 0 || slot == EC_MAX_AGENTS)
		return lock < 0 ? lock : -ENOENT;
	shared = &sensor->agents[slot];
	if (agent_is_kept(shared))
		return -EBUSY;
	__atomic_or_fetch(&shared->flags, EC_AGENT_QUARANTINE, __ATOMIC_SEQ_CST);
	for (int i = 0; i < END_ROUNDS && !is_deserted(sensor, shared); i++) {
		tagged_kill(sensor, uid);
		nanosleep(&pause, NULL);
	}
	if (!is_deserted(sensor, shared))
		return -ETIME;
	vacate(sensor, slot);
	*ret_slot = slot;
	return 0;
}

void agent_leave(struct agent *agent)
{
	if (!agent)
		return;
	__atomic_store_n(&agent->shared->owner_pid, 0, __ATOMIC_SEQ_CST);
	window_close_calls(agent->sensor, agent->slot);
	agent_freep(&agent);
}

struct ec_keeper *agent_keeper(const struct agent *agent)
{
	return &agent->shared->keeper;
}

unsigned int agent_slot(const struct agent *agent)
{
	return agent->slot;
}

uint64_t agent_number(struct agent *agent)
{
	return __atomic_add_fetch(&agent->sensor->control->next_uid, 1, __ATOMIC_SEQ_CST);
}

uint64_t agent_uid(const struct agent *agent)
{
	return agent->uid;
}

int agent_tag(struct agent *agent, pid_t pid)
{
	return tagged_put(agent->sensor, agent->slot, agent->uid, pid);
}

bool agent_has(const struct agent *agent, int pidfd)
{
	struct ec_tag tag;
	int r = tagged_tag(agent->sensor, pidfd, &tag);

	if (r != -ENOENT)
		return r < 0 || tag.uid == agent->uid;
	/* no tag, or no process any more: the kernel says the same of both */
	return pidfd_send_signal(pidfd, 0, NULL, 0) != 0;
}

uint64_t agent_tasks(const struct agent *agent)
{
	return __atomic_load_n(&agent->shared->tasks, __ATOMIC_SEQ_CST);
}

void agent_quarantine(struct agent *agent)
{
	agent->kept.flags = __atomic_or_fetch(&agent->shared->flags, EC_AGENT_QUARANTINE,
					      __ATOMIC_SEQ_CST);
}

void agent_spend(struct agent *agent, bool spent)
{
	agent->kept.flags = spent ? __atomic_or_fetch(&agent->shared->flags, EC_AGENT_SPENT,
						      __ATOMIC_SEQ_CST) :
				    __atomic_and_fetch(&agent->shared->flags, ~EC_AGENT_SPENT,
						       __ATOMIC_SEQ_CST);
}

bool agent_is_spent(const struct agent *agent)
{
	return agent->shared->flags & EC_AGENT_SPENT;
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
