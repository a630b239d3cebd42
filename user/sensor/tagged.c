// SPDX-License-Identifier: Apache-2.0
#include "tagged.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>

#include "user/process.h"
#include "user/util.h"

/* Before 6.x the kernel may find its own lock busy. */
#define ATTEMPTS 16

int tagged_tag(const struct sensor *sensor, int pidfd, struct ec_tag *ret_tag)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		if (!bpf_map_lookup_elem(sensor->tags_fd, &pidfd, ret_tag))
			return 0;
		if (errno != EBUSY)
			return -errno;
		sched_yield();
	}
	return -EBUSY;
}

int tagged_put(struct sensor *sensor, uint32_t slot, uint64_t uid, pid_t pid)
{
	struct ec_tag tag = { .slot = slot, .uid = uid };
	uint64_t *tasks = (uint64_t *)&sensor->agents[slot].tasks;
	_cleanup_close_ int fd = pidfd_open(pid, 0);

	if (fd < 0)
		return -errno;
	tag.task = __atomic_add_fetch(&sensor->control->next_task, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(tasks, 1, __ATOMIC_SEQ_CST);
	if (bpf_map_update_elem(sensor->tags_fd, &fd, &tag, BPF_NOEXIST)) {
		__atomic_sub_fetch(tasks, 1, __ATOMIC_SEQ_CST);
		return -errno;
	}
	return 0;
}

unsigned int tagged_each(const struct sensor *sensor, uint64_t uid,
			 void (*each)(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag),
			 void *ctx)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int found = 0;

	if (!proc)
		return 1; /* nobody can say */
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		_cleanup_close_ int fd = pid > 0 ? pidfd_open(pid, 0) : -1;
		struct ec_tag tag;
		int r = fd < 0 ? -ESRCH : tagged_tag(sensor, fd, &tag);

		if (r == 0 && ((uid && tag.uid != uid) || process_is_remains(pid)))
			continue;
		if (r == 0 && each)
			each(ctx, pid, fd, &tag);
		found += r == 0 || r == -EBUSY;
	}
	closedir(proc);
	return found;
}

static void kill_one(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag)
{
	(void)ctx;
	(void)pid;
	(void)tag;
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

void tagged_kill(const struct sensor *sensor, uint64_t uid)
{
	tagged_each(sensor, uid, kill_one, NULL);
}

bool tagged_is_over(const struct sensor *sensor, struct ec_agent *shared)
{
	uint32_t before = __atomic_fetch_or(&shared->flags, EC_AGENT_QUARANTINE, __ATOMIC_SEQ_CST);
	bool over;

	/* a fork that was let through by then is seen by now */
	sched_yield();
	over = !tagged_each(sensor, shared->uid, NULL, NULL) &&
	       !tagged_each(sensor, shared->uid, NULL, NULL);
	if (!over && !(before & EC_AGENT_QUARANTINE))
		__atomic_fetch_and(&shared->flags, ~EC_AGENT_QUARANTINE, __ATOMIC_SEQ_CST);
	return over;
}
