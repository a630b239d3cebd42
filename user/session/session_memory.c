// SPDX-License-Identifier: Apache-2.0
/*
 * session_memory.c - the agent's memory, bounded by a cgroup of its own
 * (cgroups(7), version 2; memory.max since 4.5). It lies at the top of the
 * hierarchy, for only there may a controller be switched on beside processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "session_impl.h"
#include "user/util.h"

#define CGROUP_TOP "/sys/fs/cgroup"
#define CGROUP2_MAGIC 0x63677270 /* linux/magic.h */

static void path_of(const struct session *session, const char *file, char *path, size_t path_len)
{
	snprintf(path, path_len, CGROUP_TOP "/enforcecore.%llu%s",
		 (unsigned long long)agent_uid(session->agent), file);
}

static int put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0)
		return -errno;
	return write(fd, text, len) == (ssize_t)len ? 0 : -errno;
}

static int put_in(const struct session *session, const char *file, const char *text)
{
	char path[128];

	path_of(session, file, path, sizeof(path));
	return put(path, text);
}

static int make(struct session *session, uint64_t bytes)
{
	char path[128], text[32];
	struct statfs fs;
	int r;

	if (statfs(CGROUP_TOP, &fs) || (uint32_t)fs.f_type != CGROUP2_MAGIC)
		return -ENOSYS;
	if ((r = put(CGROUP_TOP "/cgroup.subtree_control", "+memory")) < 0)
		return r;
	path_of(session, "", path, sizeof(path));
	if (mkdir(path, 0755))
		return -errno;
	session->has_cgroup = true;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
	if ((r = put_in(session, "/memory.max", text)) < 0)
		return r;
	/* without swap accounting there is no such file, and swap is no way out */
	r = put_in(session, "/memory.swap.max", "0");
	return r == -ENOENT ? 0 : r;
}

int session_memory_limit(struct session *session, pid_t pid, uint64_t bytes)
{
	char text[32];
	int r = make(session, bytes);

	snprintf(text, sizeof(text), "%d", pid);
	if (r == 0)
		r = put_in(session, "/cgroup.procs", text);
	if (r < 0)
		fprintf(stderr,
			"enforcecore: the policy limits memory, and %s does not do it: %s\n",
			CGROUP_TOP, r == -ENOSYS ? "no cgroup version 2 there" : strerror(-r));
	return r;
}

void session_memory_adopt(struct session *session)
{
	char path[128];

	path_of(session, "", path, sizeof(path));
	session->has_cgroup = !access(path, F_OK);
}

void session_memory_done(struct session *session)
{
	char path[128];

	if (!session->has_cgroup)
		return;
	path_of(session, "", path, sizeof(path));
	for (int i = 0; i < 100 && rmdir(path) && errno == EBUSY; i++)
		usleep(10000); /* the last task is still leaving */
}
