// SPDX-License-Identifier: Apache-2.0
/* What /proc says of a process. */
#include <criterion/criterion.h>
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
