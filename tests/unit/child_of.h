/* SPDX-License-Identifier: Apache-2.0 */
/* child_of.h - processes that a test makes and that do not outlive it. */
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* As fork(); the child dies with the one that made it, also with one that is gone
 * before the child can ask for that. */
static inline pid_t fork_child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}
