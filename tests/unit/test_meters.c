// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/meter/meters.h"

static void path_of(char path[64])
{
	snprintf(path, 64, "/tmp/ec-meters-%d", getpid());
}

Test(meters, outlives_who_counts)
{
	struct meters *meters, *again;
	char path[64];

	path_of(path);
	cr_assert_eq(meters_open(path, false, &meters), -ENOENT);
	cr_assert_eq(meters_create(path), 0);
	cr_assert_eq(meters_open(path, false, &meters), 0);
	meters_declared(meters, "p", "t", true, 1);
	meters_close(meters);
	cr_assert_eq(meters_create(path), 0, "it is left as it is");
	cr_assert_eq(meters_open(path, true, &again), 0);
	cr_assert_eq(again->tools[0].allowed, 1);
	cr_assert_str_eq(again->tools[0].tool, "t");
	meters_close(again);
	unlink(path);
}

Test(meters, another_layout_is_made_anew)
{
	struct meters *meters;
	char path[64];
	FILE *file;

	path_of(path);
	file = fopen(path, "w");
	fputs("old", file);
	fclose(file);
	cr_assert_eq(meters_open(path, false, &meters), -EBADMSG);
	cr_assert_eq(meters_create(path), 0);
	cr_assert_eq(meters_open(path, false, &meters), 0);
	meters_close(meters);
	unlink(path);
}

Test(meters, a_link_is_no_file_of_ours)
{
	struct meters *meters;
	char path[64];

	path_of(path);
	cr_assert_eq(symlink("/etc/passwd", path), 0);
	cr_assert_eq(meters_open(path, true, &meters), -ELOOP);
	cr_assert_eq(meters_create(path), -ELOOP);
	unlink(path);
}

Test(meters, nobody_counts_without_them)
{
	meters_declared(NULL, "p", "t", true, 1);
	meters_ended(NULL, "p", "t", 1);
	meters_violated(NULL, "tool_denied", false);
	meters_trail(NULL, 1, 1, 0);
	meters_log(NULL, NULL);
	meters_retire(NULL, NULL);
}

Test(meters, puts_times_into_their_places)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	const struct meters_histogram *h = &meters->tools[0].latency;

	meters_ended(meters, "p", "t", meters_latency_ns[0]);
	meters_ended(meters, "p", "t", meters_latency_ns[0] + 1);
	meters_ended(meters, "p", "t", ~0ull >> 1);
	cr_assert_eq(h->count[0], 1);
	cr_assert_eq(h->count[1], 1);
	cr_assert_eq(h->count[METERS_BUCKETS], 1);
	free(meters);
}

Test(meters, bounds_rise)
{
	for (unsigned int i = 1; i < METERS_BUCKETS; i++)
		cr_assert(meters_latency_ns[i] > meters_latency_ns[i - 1] &&
			  meters_overhead_ns[i] > meters_overhead_ns[i - 1]);
}

Test(meters, long_names_and_many)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	char name[200];

	memset(name, 'x', sizeof(name));
	name[199] = '\0';
	meters_declared(meters, name, name, true, 1);
	meters_declared(meters, name, name, true, 1);
	cr_assert_eq(meters->tools[0].allowed, 2, "the same after it was cut");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d", i);
		meters_declared(meters, "p", name, false, 1);
	}
	cr_assert_eq(meters->tools[METERS_OTHER].blocked, 100 - (METERS_TOOLS - 1));
	free(meters);
}

Test(meters, knows_violations_and_others)
{
	struct meters *meters = calloc(1, sizeof(*meters));

	meters_violated(meters, "rate_limit", false);
	meters_violated(meters, NULL, true);
	meters_violated(meters, "nonsense", true);
	for (unsigned int i = 0; i < METERS_VIOLATIONS; i++)
		cr_assert_eq(meters->violations[i][0],
			     !strcmp(meters_violation_name(i), "rate_limit"), "%u", i);
	cr_assert_eq(meters->violations[0][1], 2);
	free(meters);
}

Test(meters, an_agent_that_goes_is_counted_once)
{
	struct ec_agent *agents = calloc(EC_MAX_AGENTS, sizeof(*agents));
	struct meters *meters = calloc(1, sizeof(*meters));
	struct meters_kernel sum;

	agents[3].uid = 9;
	agents[3].count[EC_COUNT_DENIED] = 5;
	agents[3].effects[EC_OP_READ][2] = 5;
	agents[4].count[EC_COUNT_DENIED] = 100; /* nobody is there */
	for (int i = 0; i < 3; i++) {
		meters_kernel(meters, agents, &sum);
		cr_assert_eq(sum.count[EC_COUNT_DENIED], 5);
		cr_assert_eq(sum.effects[EC_OP_READ][2], 5);
		meters_retire(meters, &agents[3]);
		agents[3].uid = i ? 0 : 9;
	}
	meters_kernel(meters, NULL, &sum);
	cr_assert_eq(sum.count[EC_COUNT_DENIED], 5);
	meters->retiring |= 1; /* somebody was killed over it */
	meters_kernel(meters, agents, &sum);
	cr_assert_eq(sum.count[EC_COUNT_DENIED], 5);
	free(meters);
	free(agents);
}

Test(meters, a_line_is_whole_or_not_there)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	struct meters_line line = { .event = METERS_BEGIN, .call = 7 };

	cr_assert_eq(meters_read_line(meters, 0, &line), -EAGAIN);
	memset(line.tool, 'x', sizeof(line.tool));
	meters_log(meters, &line);
	memset(&line, 0, sizeof(line));
	cr_assert_eq(meters_read_line(meters, 0, &line), 0);
	cr_assert_eq(line.call, 7);
	cr_assert_eq(strlen(line.tool), sizeof(line.tool) - 1);
	for (unsigned int i = 0; i < METERS_LOG; i++)
		meters_log(meters, &line);
	cr_assert_eq(meters_read_line(meters, 0, &line), -ESTALE);
	cr_assert_eq(meters_read_line(meters, 1, &line), 0);
	free(meters);
}

/* Several processes at once: nothing is lost, no line is half one and half another. */
Test(meters, many_count_at_once)
{
	struct meters *meters;
	struct meters_line line = { .event = METERS_END };
	char path[64];
	enum {
		WRITERS = 4,
		TIMES = 3000
	};

	path_of(path);
	cr_assert_eq(meters_create(path), 0);
	cr_assert_eq(meters_open(path, false, &meters), 0);
	for (int w = 0; w < WRITERS; w++) {
		if (fork())
			continue;
		for (int i = 0; i < TIMES; i++) {
			line.call = line.agent = line.duration_ns = (uint64_t)(w * TIMES + i);
			meters_log(meters, &line);
			meters_declared(meters, "p", w % 2 ? "a" : "b", true, 1);
		}
		_exit(0);
	}
	for (uint64_t n = 0; n < WRITERS * TIMES;) {
		int r = meters_read_line(meters, n, &line);

		if (r == 0)
			cr_assert(line.call == line.agent && line.call == line.duration_ns);
		n += r != -EAGAIN;
	}
	while (wait(NULL) > 0)
		;
	cr_assert_eq(meters->lines, WRITERS * TIMES);
	cr_assert_eq(meters->tools[0].allowed + meters->tools[1].allowed +
			     meters->tools[2].allowed + meters->tools[3].allowed,
		     WRITERS * TIMES);
	meters_close(meters);
	unlink(path);
}
