// SPDX-License-Identifier: Apache-2.0
/* What trace lets through, how it looks, and trails as its source. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "trace_told.h"
#include "user/meter/meters.h"
#include "user/trace/trace_filter.h"
#include "user/trace/trace_log.h"
#include "user/trace/trace_replay.h"
#include "user/trace/trace_time.h"

static bool passes(struct trace_filter *filter, const struct trace_event *event)
{
	const char *problem;
	bool does;

	cr_assert_eq(trace_filter_compile(filter, &problem), 0, "%s", problem);
	does = trace_filter_passes(filter, event);
	trace_filter_done(filter);
	return does;
}

Test(trace, lets_everything_through_by_default)
{
	struct trace_filter filter = { 0 };
	struct trace_event event = told_denial("/x"), begin = { .kind = TRACE_BEGIN };

	cr_assert(passes(&filter, &event));
	cr_assert(passes(&filter, &begin));
}

Test(trace, filters_by_numbers)
{
	struct trace_event event = told_denial("/x");

	cr_assert(passes(&(struct trace_filter) { .agent = 3, .call = 11 }, &event));
	cr_assert_not(passes(&(struct trace_filter) { .agent = 4 }, &event));
	cr_assert_not(passes(&(struct trace_filter) { .call = 12 }, &event));
}

Test(trace, filters_by_tool_whole_and_without_case)
{
	struct trace_filter filter = { .tools = { "other", "ACT" }, .tools_len = 2 };
	struct trace_event event = told_denial("/x");

	cr_assert(passes(&filter, &event));
	event.tool = told_text("actor");
	cr_assert_not(passes(&filter, &event));
	event.tool = told_text(NULL);
	cr_assert_not(passes(&filter, &event));
}

Test(trace, filters_by_names)
{
	struct trace_filter filter = { 0 };
	struct trace_event event = told_denial("/x"), begin = { .kind = TRACE_BEGIN };
	struct trace_event refused = { .kind = TRACE_REFUSED, .verdict = EC_VERDICT_DENY };

	cr_assert_eq(trace_filter_add_ops(&filter, "write,read"), 0);
	cr_assert_eq(trace_filter_add_ops(&filter, "raed"), -EINVAL);
	cr_assert_eq(trace_filter_add_ops(&filter, ""), -EINVAL);
	cr_assert(passes(&filter, &event));
	cr_assert_not(passes(&filter, &begin));
	event.op = EC_OP_EXEC;
	cr_assert_not(passes(&filter, &event));
	filter.ops = 0;
	cr_assert_eq(trace_filter_add_verdicts(&filter, "deny,would-deny"), 0);
	cr_assert_eq(trace_filter_add_verdicts(&filter, "denied"), -EINVAL);
	cr_assert(passes(&filter, &event));
	cr_assert(passes(&filter, &refused));
	cr_assert_not(passes(&filter, &begin));
	event.verdict = EC_VERDICT_ALLOW;
	cr_assert_not(passes(&filter, &event));
}

Test(trace, filters_by_paths_as_a_policy_does)
{
	static const struct {
		const char *pattern, *path;
		bool passes;
	} cases[] = {
		{ "/srv/*", "/srv/a", true },	  { "/srv/*", "/srv/a/b", false },
		{ "/srv/**", "/srv/a/b", true },  { "/srv/**", "/srv", true },
		{ "**/.env", "/x/y/.env", true }, { "/{a,b}/[0-9]?", "/b/7x", true },
		{ "/a b", "/a b", true },	  { "/srv", "/srv/a", false },
		{ "/**", "127.0.0.1:80", false }, { "/\\*", "/*", true },
		{ "/\\*", "/a", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trace_filter filter = { 0 };
		struct trace_event event = told_denial(cases[i].path);

		cr_assert_eq(trace_filter_add_path(&filter, "/never"), 0);
		cr_assert_eq(trace_filter_add_path(&filter, cases[i].pattern), 0);
		cr_assert_eq(passes(&filter, &event), cases[i].passes, "%s %s", cases[i].pattern,
			     cases[i].path);
	}
}

Test(trace, says_what_is_wrong_with_a_pattern)
{
	static const char *const wrong[] = { "x", "", "/[", "/{a", "/..", "/a/../b" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct trace_filter filter = { .patterns = { wrong[i] }, .patterns_len = 1 };
		const char *problem = NULL;

		cr_assert_lt(trace_filter_compile(&filter, &problem), 0, "%s", wrong[i]);
		cr_assert(problem && *problem);
		trace_filter_done(&filter);
	}
}

Test(trace, has_room_for_so_many)
{
	struct trace_filter filter = { 0 };

	for (unsigned int i = 0; i < TRACE_FILTER_MAX; i++)
		cr_assert_eq(trace_filter_add_tool(&filter, "x"), 0);
	cr_assert_eq(trace_filter_add_tool(&filter, "x"), -E2BIG);
}

Test(trace, prints_one_line_for_people)
{
	struct trace_event event = told_denial("/srv/a b\n\x1b[31m\xe2\x80\xae\xff\"\\");

	cr_assert_str_eq(
		told_print(&event, false, false),
		"12:00:00.123456Z  agent 3    deny       read      \"/srv/a "
		"b\\u{a}\\u{1b}[31m\\u{202e}\\xff\\\"\\\\\"  undeclared  pid 7 /usr/bin/cat  "
		"call 11 act\n");
	event.target = told_text(NULL);
	event.call = 0;
	cr_assert_str_eq(told_print(&event, false, false),
			 "12:00:00.123456Z  agent 3    deny       read      -  undeclared  pid 7 "
			 "/usr/bin/cat\n");
}

Test(trace, colours_are_asked_for)
{
	struct trace_event event = told_denial("/x");

	cr_assert(strstr(told_print(&event, false, true), "\033[31mdeny"));
	cr_assert_null(strchr(told_print(&event, false, false), 033));
}

Test(trace, prints_calls)
{
	struct trace_event event = { .kind = TRACE_BEGIN,
				     .time = "2026-01-31T12:00:00.123456Z",
				     .agent = 3,
				     .call = 11,
				     .tool = told_text("a\nb"),
				     .request = told_text("r"),
				     .outcome = "done",
				     .duration_ms = 12.345,
				     .denials = 1 };

	cr_assert_str_eq(
		told_print(&event, false, false),
		"12:00:00.123456Z  agent 3    call       begin     11 \"a\\u{a}b\"  request "
		"r\n");
	event.kind = TRACE_END;
	cr_assert_str_eq(told_print(&event, false, false),
			 "12:00:00.123456Z  agent 3    call       end       11 \"a\\u{a}b\"  done "
			 "after 12.3 ms, 1 denial\n");
	event = (struct trace_event) { .kind = TRACE_LOST, .lost_effects = 5, .lost_calls = 6 };
	cr_assert(strstr(told_print(&event, false, false), "lost 5 effects, lost 6 calls\n"));
}

static const char *member(const cJSON *json, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

Test(trace, prints_json_that_any_parser_takes)
{
	char target[257] = "";
	struct trace_event event = told_denial(target);
	const char *text;
	cJSON *json;

	for (int i = 0; i < 256; i++) /* every byte but NUL, which a path has not */
		target[i] = (char)(i + 1);
	target[255] = '\0';
	event.target.len = 255;
	text = told_print(&event, true, true);
	cr_assert_eq(strlen(text), strcspn(text, "\n") + 1, "one line");
	for (const char *at = text; *at && *at != '\n'; at++)
		cr_assert((unsigned char)*at >= 0x20 && (unsigned char)*at != 0x7f);
	json = cJSON_Parse(text);
	cr_assert(json);
	cr_assert_str_eq(member(json, "kind"), "denial");
	cr_assert_str_eq(member(json, "tool"), "act");
	cr_assert_eq(strlen(member(json, "target_hex")), 2 * 255);
	cr_assert_eq(strncmp(member(json, "target_hex"), "010203", 6), 0);
	cJSON_Delete(json);
}

Test(trace, json_of_a_name_in_utf8_has_no_hex)
{
	struct trace_event event = told_denial("/sr\xc3\xb6/\xe2\x80\xae");
	const char *text = told_print(&event, true, false);

	cr_assert(strstr(text, "\"target\":\"/sr\xc3\xb6/\\u202e\",\"exe\""), "%s", text);
}

struct taken {
	unsigned int len;
	struct trace_event last;
	char target[64];
};

static void take(void *ctx, const struct trace_event *event)
{
	struct taken *taken = ctx;

	taken->len++;
	taken->last = *event;
	snprintf(taken->target, sizeof(taken->target), "%.*s", (int)event->target.len,
		 event->target.at ? event->target.at : "");
}

#define LINE                                                                                       \
	"{\"seq\":1,\"time\":\"2026-01-31T12:00:00.123456Z\",\"kind\":\"denial\",\"agent\":3,"     \
	"\"op\":\"read\",\"verdict\":\"deny\",\"reason\":\"never\",\"target\":\"?\","              \
	"\"target_hex\":\"2f61ff\"}\n"

Test(trace, replays_a_trail_in_any_pieces)
{
	for (size_t piece = 1; piece <= strlen(LINE LINE); piece++) {
		struct taken taken = { 0 };
		struct trace_replay replay = { .each = take, .ctx = &taken };

		for (size_t at = 0; at < strlen(LINE LINE); at += piece) {
			size_t left = strlen(LINE LINE) - at;

			cr_assert_eq(trace_replay_feed(&replay, &(LINE LINE)[at],
						       left < piece ? left : piece),
				     0);
		}
		cr_assert_eq(taken.len, 2);
		cr_assert_str_eq(taken.target, "/a\xff");
		cr_assert_eq(taken.last.op, EC_OP_READ);
		cr_assert_eq(replay.bad_lines, 0);
		trace_replay_done(&replay);
	}
}

static void print_last(void *ctx, const struct trace_event *event)
{
	strcat(ctx, told_print(event, true, false));
	strcat(ctx, told_print(event, false, false));
}

/* A trail is no more than a file, and each of its texts may be anything. */
Test(trace, no_text_of_a_trail_acts_on_a_terminal)
{
	static const char *const kinds[] = { "denial", "call_end", "call_refused", "flow" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char line[1024], printed[4096] = "";
		struct trace_replay replay = { .each = print_last, .ctx = printed };

		snprintf(line, sizeof(line),
			 "{\"time\":\"\",\"kind\":\"%s\",\"reason\":\"\\u001b\\n\\\"\","
			 "\"tool\":\"\\u001b\",\"outcome\":\"\\u001b\",\"exe\":\"\\u001b\","
			 "\"target\":\"\\u001b\",\"address\":\"\\u001b\",\"op\":\"\\u001b\","
			 "\"call\":1,\"tool_use_id\":\"\\u001b\",\"verdict\":\"\\u001b\"}\n",
			 kinds[i]);
		cr_assert_eq(trace_replay_feed(&replay, line, strlen(line)), 0);
		cr_assert(*printed && !strchr(printed, 033), "%s", printed);
		cr_assert_eq(strcspn(printed, "\n") + 1 + strcspn(strchr(printed, '\n') + 1, "\n") +
				     1,
			     strlen(printed), "two lines");
		trace_replay_done(&replay);
	}
}

Test(trace, counts_lines_that_are_no_records)
{
	static const char *const wrong[] = {
		"\n", "x\n", "[]\n", "{}x\n", "{\"kind\":\"denial\",\"time\":\"\033[31m\"}\n",
	};
	struct taken taken = { 0 };
	struct trace_replay replay = { .each = take, .ctx = &taken };
	char *long_line = calloc(1, 3 << 20);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		trace_replay_feed(&replay, wrong[i], strlen(wrong[i]));
	trace_replay_feed(&replay, "{\0}\n", 4);
	memset(long_line, ' ', (3 << 20) - 2);
	for (int i = 0; i < 3; i++)
		trace_replay_feed(&replay, long_line, (3 << 20) - 2);
	cr_assert_lt(replay.room, (size_t)8 << 20, "bounded");
	trace_replay_feed(&replay, "\n" LINE, 1 + strlen(LINE));
	cr_assert_eq(replay.bad_lines, 7);
	cr_assert_eq(taken.len, 1);
	trace_replay_done(&replay);
	free(long_line);
}

static void count_line(void *ctx, const struct meters_line *line)
{
	*(uint64_t *)ctx += line->call;
}

Test(trace, reads_the_log_of_calls_on)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	struct meters_line line = { .event = METERS_BEGIN, .call = 1, .time_ns = 100 };
	struct trace_log log;
	uint64_t calls = 0;

	meters_log(meters, &line); /* before we came */
	trace_log_open(&log, meters, count_line, &calls);
	meters_log(meters, &line);
	trace_log_tell(&log, 99);
	cr_assert_eq(calls, 0, "its time has not come");
	trace_log_tell(&log, 100);
	trace_log_tell(&log, 100);
	cr_assert_eq(calls, 1);
	for (unsigned int i = 0; i < METERS_LOG + 10; i++)
		meters_log(meters, &line);
	trace_log_tell(&log, 100);
	cr_assert_eq(calls, 1 + METERS_LOG);
	cr_assert_eq(trace_log_take_lost(&log), 10);
	cr_assert_eq(trace_log_take_lost(&log), 0);
	free(meters);
}

Test(trace, somebody_was_killed_over_a_line)
{
	struct meters *meters = calloc(1, sizeof(*meters));
	struct meters_line line = { .event = METERS_BEGIN, .call = 1, .time_ns = 1 };
	struct trace_log log;
	uint64_t calls = 0;

	trace_log_open(&log, meters, count_line, &calls);
	meters->lines = 1;
	meters->log[0].seq = 1; /* half written, for good */
	meters_log(meters, &line);
	trace_log_tell(&log, 100);
	cr_assert_eq(calls, 0);
	nanosleep(&(struct timespec) { .tv_nsec = 250000000 }, NULL);
	trace_log_tell(&log, 100);
	cr_assert_eq(calls, 1);
	cr_assert_eq(trace_log_take_lost(&log), 1);
	free(meters);
}

Test(trace, writes_moments_as_a_trail_does)
{
	struct trace_clock clock = { .offset_ns = 1769860800000000000ll };
	char text[32];

	trace_clock_text(&clock, 123456789, text);
	cr_assert_str_eq(text, "2026-01-31T12:00:00.123456Z");
	trace_clock_text(&clock, 1000000000, text);
	cr_assert_str_eq(text, "2026-01-31T12:00:01.000000Z");
}
