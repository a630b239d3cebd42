// SPDX-License-Identifier: Apache-2.0
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failed(const char *why)
{
	fprintf(stderr, "enforcecore: hook: %s\n", why);
	return GUARD_FAILED;
}

static void watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

static int in_child(int (*work)(void *data), void *data, pid_t parent)
{
	sigset_t set;

	watched(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return GUARD_FAILED;
	return work(data) ? GUARD_FAILED : 0;
}

/* *ret_gone: the child's number is no longer ours. */
static int await(pid_t child, const struct timespec *until, bool *ret_gone)
{
	struct timespec now, left;
	sigset_t set;
	int got, status = 0;

	*ret_gone = false;

	watched(&set);
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = until->tv_sec - now.tv_sec;
		left.tv_nsec = 0;
		if (left.tv_sec <= 0)
			return failed("took too long");
		got = sigtimedwait(&set, NULL, &left);
		if (got > 0 && got != SIGCHLD)
			return failed("interrupted");
		if (waitpid(child, &status, WNOHANG) == child)
			break;
	}
	*ret_gone = true;
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? GUARD_FAILED : 0;
	return failed(strsignal(WTERMSIG(status)));
}

int guard_run(int (*work)(void *data), void *data, int timeout_ms)
{
	struct timespec until;
	pid_t child, us = getpid();
	sigset_t set;
	bool gone;
	int status;

	signal(SIGCHLD, SIG_DFL); /* ours to wait for, whatever we inherited */
	watched(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000 + 2;
	child = fork();
	if (child < 0)
		return failed(strerror(errno));
	if (child == 0)
		_exit(in_child(work, data, us));
	status = await(child, &until, &gone);
	if (!gone)
		kill(child, SIGKILL);
	while (!gone && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return status;
}
