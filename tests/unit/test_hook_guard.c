// SPDX-License-Identifier: Apache-2.0
/* However work ends, there are two ways in which it has. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "user/hook/guard.h"

static int returns(void *data)
{
	return *(const int *)data;
}

static int aborts(void *data)
{
	(void)data;
	signal(SIGABRT, SIG_DFL);
	abort();
}

static int killed(void *data)
{
	return kill(getpid(), *(const int *)data);
}

static int exits(void *data)
{
	_exit(*(const int *)data);
}

static int hangs(void *data)
{
	for (;;)
		pause();
	return *(const int *)data;
}

static int ends_us(void *data)
{
	kill(getppid(), *(const int *)data);
	sleep(20);
	return 0;
}

Test(hook_guard, two_ways)
{
	int values[] = { 0, 1, -1, 255, 127 }, nine = SIGKILL, eleven = SIGSEGV;

	cr_redirect_stderr();
	cr_expect_eq(guard_run(returns, &values[0], 1000), 0);
	for (size_t i = 1; i < sizeof(values) / sizeof(values[0]); i++) {
		cr_expect_eq(guard_run(returns, &values[i], 1000), GUARD_FAILED);
		cr_expect_eq(guard_run(exits, &values[i], 1000), GUARD_FAILED);
	}
	cr_expect_eq(guard_run(aborts, NULL, 1000), GUARD_FAILED);
	cr_expect_eq(guard_run(killed, &nine, 1000), GUARD_FAILED);
	cr_expect_eq(guard_run(killed, &eleven, 1000), GUARD_FAILED);
}

Test(hook_guard, time)
{
	struct timespec from, to;

	cr_redirect_stderr();
	clock_gettime(CLOCK_MONOTONIC, &from);
	cr_expect_eq(guard_run(hangs, NULL, 100), GUARD_FAILED);
	clock_gettime(CLOCK_MONOTONIC, &to);
	cr_expect_leq(to.tv_sec - from.tv_sec, 4);
}

Test(hook_guard, signals_to_us_are_failures_too)
{
	int signals[] = { SIGTERM, SIGINT, SIGHUP };

	cr_redirect_stderr();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		cr_expect_eq(guard_run(ends_us, &signals[i], 10000), GUARD_FAILED);
}

Test(hook_guard, children_that_nobody_waited_for)
{
	int zero = 0;

	signal(SIGCHLD, SIG_IGN);
	cr_expect_eq(guard_run(returns, &zero, 1000), 0);
}
