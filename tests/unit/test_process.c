// SPDX-License-Identifier: Apache-2.0
/* What /proc says of a process. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/process.h"

Test(process, a_name_with_parentheses_is_only_a_name)
{
	pid_t child = fork();
	struct process_stat stat;

	if (!child) {
		prctl(PR_SET_NAME, "a) R 1 (b");
		pause();
	}
	usleep(50000);
	stat = process_stat(child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cr_assert_eq(stat.parent, getpid());
	cr_assert_geq(stat.start, process_stat(getpid()).start);
	cr_assert_neq(stat.start, 0);
}

Test(process, who_is_gone_has_no_start)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	cr_assert_eq(process_stat(child).start, 0);
	cr_assert_eq(process_stat(child).parent, 0);
}

Test(process, who_is_not_asked_for_leaves_remains)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	usleep(50000);
	cr_assert(process_is_remains(child));
	waitpid(child, NULL, 0);
	cr_assert_not(process_is_remains(child));
	cr_assert_not(process_is_remains(getpid()));
}

static void *stay(void *arg)
{
	pause();
	return arg;
}

Test(process, whose_first_thread_alone_has_ended_lives)
{
	pid_t child = fork();
	bool remains;

	if (!child) {
		pthread_t thread;

		pthread_create(&thread, NULL, stay, NULL);
		pthread_exit(NULL);
	}
	usleep(50000);
	remains = process_is_remains(child);
	cr_assert_eq(process_stat(child).start, 0, "its first thread has not ended");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cr_assert_not(remains);
}
