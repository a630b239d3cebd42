// SPDX-License-Identifier: Apache-2.0
/* test_trail_members.c - lines that wait, and what becomes of them. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/trail/trail.h"

static char path[64];
static struct trail *trail;

static void open_one(void)
{
	strcpy(path, "/tmp/ec-members-XXXXXX");
	close(mkstemp(path));
	cr_assert_eq(trail_open(path, &trail), 0);
}

static void close_it(void)
{
	if (trail)
		trail_close(trail);
	unlink(path);
}

TestSuite(trail_members, .init = open_one, .fini = close_it);

static void add(int number)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "\"kind\":\"effect\",\"n\":%d", number);

	cr_assert_eq(trail_append_members(trail, text, (size_t)len, 3), 0);
}

static off_t size(void)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	return st.st_size;
}

static struct trail_report verify(void)
{
	struct trail_report report;
	int r = trail_verify(path, &report);

	cr_assert_eq(r, 0, "line %" PRIu64 ": %s", report.bad_line, report.reason);
	return report;
}

static void close_now(void)
{
	trail_close(trail);
	trail = NULL;
}

Test(trail_members, wait_until_they_are_flushed)
{
	for (int i = 0; i < 10; i++)
		add(i);
	cr_assert_eq(size(), 0);
	cr_assert_eq(trail_flush(trail), 0);
	cr_assert_eq(verify().lines, 10);
}

Test(trail_members, come_before_what_is_appended_after_them)
{
	cJSON *record = cJSON_CreateObject();

	add(1);
	cJSON_AddStringToObject(record, "kind", "note");
	cr_assert_eq(trail_append(trail, record), 0);
	cr_assert_eq(verify().lines, 2, "both are there when the second is acknowledged");
	add(2);
	close_now();
	cr_assert_eq(verify().lines, 3, "and the end writes what waits");
}

Test(trail_members, are_written_when_there_are_many)
{
	for (int i = 0; i < 100000; i++)
		add(i);
	cr_assert_gt(size(), 100000);
	close_now();
	cr_assert_eq(verify().lines, 100000);
}

Test(trail_members, refuse_what_can_never_fit)
{
	static char huge[1 << 20];

	memset(huge, ' ', sizeof(huge));
	cr_assert_eq(trail_append_members(trail, huge, sizeof(huge), 1), -E2BIG);
	add(1);
	close_now();
	cr_assert_eq(verify().lines, 1);
}

/* The chain goes on behind what the disk had room for, and the rest is counted. */
Test(trail_members, that_find_the_disk_full_are_counted)
{
	struct rlimit limit = { .rlim_cur = 1000, .rlim_max = RLIM_INFINITY };
	uint64_t lost;

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 20; i++)
		add(i);
	cr_assert_lt(trail_flush(trail), 0);
	lost = trail_take_tally(trail).lost;
	cr_assert_gt(lost, 0);
	cr_assert_eq(lost % 3, 0, "each of them weighs as much");
	lost /= 3;
	cr_assert_eq(trail_take_tally(trail).lost, 0);
	limit.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	add(20);
	close_now();
	/* those that fitted, the account of the torn one, the last */
	cr_assert_eq(verify().lines, 20 - lost + 1 + 1 + 1, "%" PRIu64, lost);
}

Test(trail_members, of_another_process_are_not_written_twice)
{
	pid_t pid;

	add(1);
	pid = fork();
	if (pid == 0) {
		trail_follow(trail);
		trail_close(trail);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	cr_assert_eq(trail_flush(trail), 0);
	close_now();
	cr_assert_eq(verify().lines, 1);
}
