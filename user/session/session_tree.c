// SPDX-License-Identifier: Apache-2.0
/*
 * session_tree.c - the end of the process tree. The agent is quarantined, so
 * nothing new is born; every descendant of this process that carries on is
 * killed until the kernel counts no task any more.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>

#include "session_impl.h"
#include "user/process.h"
#include "user/util.h"

#define KILL_TIMEOUT_NS 10000000000ull
#define PAUSE_NS 2000000

/* A tree deeper than this is cut from its top down, in later rounds. */
static bool descends(pid_t pid)
{
	for (int depth = 0; depth < 64 && pid > 1; depth++) {
		pid = process_stat(pid).parent;
		if (pid == getpid())
			return true;
	}
	return false;
}

static void kill_one(pid_t pid)
{
	_cleanup_close_ int fd = pidfd_open(pid, 0);

	/* asked again now that the descriptor holds this very process */
	if (fd >= 0 && descends(pid))
		pidfd_send_signal(fd, SIGKILL, NULL, 0);
}

static void kill_round(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return;
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 1 && pid != getpid() && descends(pid))
			kill_one(pid);
	}
	closedir(proc);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int session_kill_tree(struct session *session)
{
	uint64_t end = session_now() + KILL_TIMEOUT_NS;
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	agent_quarantine(session->agent);
	while (agent_tasks(session->agent)) {
		if (session_now() > end)
			return -ETIME;
		kill_round();
		nanosleep(&pause, NULL);
		if (session->denials_ring)
			session_drain(session);
	}
	return 0;
}
