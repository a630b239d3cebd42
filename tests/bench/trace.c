// SPDX-License-Identifier: Apache-2.0
/* Events by the second that one core filters and prints, as `trace` does. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bpf/verdict.h"
#include "user/trace/trace_filter.h"
#include "user/trace/trace_print.h"
#include "user/trace/trace_time.h"

#define TIMES 1000000u

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *name, const struct trace_filter *filter, bool json, FILE *to)
{
	static const char target[] = "/srv/data/projects/one/src/module/file.c";
	struct trace_event event = { .kind = TRACE_DENIAL,
				     .agent = 3,
				     .call = 11,
				     .tool = { "read_text_file", 14 },
				     .op = EC_OP_READ,
				     .verdict = EC_VERDICT_DENY,
				     .reason = "undeclared",
				     .pid = 12345,
				     .target = { target, sizeof(target) - 1 },
				     .exe = { "/usr/bin/node", 13 } };
	struct trace_clock clock = { 0 };
	double begin = now_s();

	for (unsigned int i = 0; i < TIMES; i++) {
		trace_clock_text(&clock, i * 1000ull, event.time);
		if (!trace_filter_passes(filter, &event))
			continue;
		if (json)
			trace_print_json(&event, to);
		else
			trace_print_text(&event, false, to);
	}
	fflush(to);
	printf("%-28s %10.0f events/s\n", name, TIMES / (now_s() - begin));
}

int main(void)
{
	struct trace_filter none = { 0 }, some = { .tools = { "read_text_file" }, .tools_len = 1 };
	FILE *to = fopen("/dev/null", "w");
	const char *problem;

	trace_filter_add_path(&some, "/srv/**/*.c");
	if (!to || trace_filter_compile(&some, &problem) < 0)
		return 1;
	measure("text", &none, false, to);
	measure("JSON", &none, true, to);
	measure("JSON, filtered, all pass", &some, true, to);
	trace_filter_done(&some);
	fclose(to);
	return 0;
}
