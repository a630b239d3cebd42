// SPDX-License-Identifier: Apache-2.0
/* Whatever fails must not let a call run: no answer, and a status that is not
 * 0. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "hook_fake.h"

TestSuite(hook_hostile, .init = fake_open, .fini = fake_close);

#define OK_EXACT "{\"ok\":true,\"call\":7,\"timeout_ms\":1000,\"token\":\"" FAKE_TOKEN "\"}"
#define BASH(args)                                                                                 \
	"{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_use_id\":\"t\","        \
	"\"tool_input\":" args "}"

static void expect_failed(const char *agent, const char *event, const char *answer)
{
	unsigned int before = fake.requests;

	cr_expect_neq(fake_hook(agent, event, answer), 0, "%s", event);
	cr_expect_str_eq(fake.told, "", "%s", event);
	if (!answer)
		cr_expect_eq(fake.requests, before, "asked of %s", event);
}

Test(hook_hostile, payloads_with_no_reading_or_two)
{
	static const char *const events[] = {
		"",
		"{",
		"[]",
		"null",
		"\"x\"",
		"{}",
		"{\"hook_event_name\":1}",
		"{\"hook_event_name\":\"SessionStart\"}",
		"{\"hook_event_name\":\"PreToolUse\"}",
		"{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"\"}",
		"{\"hook_event_name\":\"PreToolUse\",\"tool_name\":{}}",
		BASH("{\"command\":\"a\"}") "x",
		BASH("{\"command\":\"a\",}"),
		BASH("{\"command\":NaN}"),
		BASH("{\"command\":1}"),
		BASH("{}"),
		BASH("null"),
		BASH("\"ls\""),
		BASH("{\"command\":\"a\\u0000b\"}"),
		BASH("{\"command\":\"a\",\"\\u0000\":1}"),
		BASH("{\"command\":\"a\",\"command\":\"b\"}"),
		BASH("{\"command\":\"a\",\"x\":[{\"y\":1,\"y\":2}]}"),
		BASH("{\"command\":\"a\"},\"tool_input\":{\"command\":\"b\"}"),
		BASH("{\"command\":\"a\"},\"tool_name\":\"Read\""),
		BASH("\"{\\\"command\\\":\\\"a\\\",\\\"command\\\":\\\"b\\\"}\""),
		BASH("\"{\\\"command\\\":\""),
		BASH("{\"command\":\"a\xff\x01\"}"),
	};

	cr_redirect_stderr();
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		expect_failed("claude-code", events[i], NULL);
}

Test(hook_hostile, a_byte_of_nul_is_no_end)
{
	static const char event[] = BASH("{\"command\":\"a\"}") "\0{}";
	struct hook_options options = { .dialect = dialect_find("claude-code"),
					.socket = fake.path };

	cr_redirect_stderr();
	fake.answer = OK_EXACT;
	cr_expect_neq(fake_hook_bytes(options, event, sizeof(event) - 1), 0);
	cr_expect_eq(fake.requests, 0);
}

static char *nested(unsigned int levels)
{
	char *event = calloc(1, levels * 2 + 200), *to;

	to = event + sprintf(event, "{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Read\","
				    "\"tool_use_id\":\"t\",\"tool_input\":{\"a\":");
	memset(to, '[', levels);
	memset(to + levels, ']', levels);
	strcpy(to + 2 * levels, "}}");
	return event;
}

Test(hook_hostile, depth)
{
	char *fits = nested(59), *deep = nested(70), *deeper = nested(200000);

	cr_redirect_stderr();
	cr_expect_eq(fake_hook("claude-code", fits, OK_EXACT), 0);
	expect_failed("claude-code", deep, NULL);
	expect_failed("claude-code", deeper, NULL);
	free(fits);
	free(deep);
	free(deeper);
}

Test(hook_hostile, size)
{
	size_t len = (10u << 20) + 1;
	char *event = malloc(len + 1);
	int head = sprintf(event, "{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Read\","
				  "\"tool_use_id\":\"t\",\"tool_input\":{\"a\":\"");
	struct hook_options options = { .dialect = dialect_find("claude-code"),
					.socket = fake.path };

	cr_redirect_stderr();
	fake.answer = OK_EXACT;
	memset(event + head, 'x', len - (size_t)head);
	memcpy(event + len - 3, "\"}}", 3);
	cr_expect_neq(fake_hook_bytes(options, event, len), 0);
	cr_expect_eq(fake.requests, 0);
	memcpy(event + len - 4, "\"}}\n", 4); /* as long as it may be */
	cr_expect_eq(fake_hook_bytes(options, event, len - 1), 0);
	for (size_t i = (size_t)head - 1; i < len - 4; i++)
		event[i] = (i - (size_t)head) % 2 ? '1' : ','; /* and of many values */
	event[head - 1] = '[';
	memcpy(event + len - 4, "]}}\n", 4);
	event[len - 5] = '1';
	cr_expect_neq(fake_hook_bytes(options, event, len - 1), 0);
	free(event);
}

Test(hook_hostile, controllers_that_make_no_sense)
{
	static const char *const answers[] = {
		"",
		"nonsense",
		"[]",
		"{\"ok\":true,\"call\":1}",
		"{\"ok\":true,\"token\":5}",
		"{\"ok\":true,\"token\":\"0123\"}",
		"{\"ok\":true,\"token\":\"0123456789abcdef0123456789abcde'\"}",
		"{\"ok\":true,\"token\":\"0123456789abcdef0123456789abcdef0\"}",
	};

	cr_redirect_stderr();
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		expect_failed("claude-code", BASH("{\"command\":\"a\"}"), answers[i]);
	cr_expect_eq(fake_hook("claude-code", BASH("{\"command\":\"a\"}"), "{\"ok\":\"yes\"}"), 0);
	cr_expect(strstr(fake.told, "\"deny\""), "what is not true is no");
}

Test(hook_hostile, no_controller_and_a_slow_one)
{
	struct hook_options slow = { .dialect = dialect_find("claude-code"),
				     .socket = fake.path,
				     .timeout_ms = 100 };
	struct hook_options none = { .dialect = slow.dialect, .socket = "/nowhere/x.sock" };
	static const char event[] = BASH("{\"command\":\"a\"}");

	cr_redirect_stderr();
	fake.answer = NULL;
	cr_expect_neq(fake_hook_bytes(slow, event, strlen(event)), 0);
	cr_expect_str_eq(fake.told, "");
	cr_expect_neq(fake_hook_bytes(none, event, strlen(event)), 0);
	cr_expect_str_eq(fake.told, "");
}

Test(hook_hostile, halves_of_surrogate_pairs_are_what_javascript_writes)
{
	cr_assert_eq(
		fake_hook("claude-code",
			  BASH("{\"command\":\"\\ud83d\\ude00 \\\\ud800 \\ud800 \\udc00\\ud800\"}"),
			  OK_EXACT),
		0);
	cr_expect(strstr(fake.request,
			 "\"\xf0\x9f\x98\x80 \\\\ud800 \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\""),
		  "%s", fake.request);
}

Test(hook_hostile, results_may_hold_anything)
{
	cr_expect_eq(fake_hook("claude-code",
			       "{\"hook_event_name\":\"PostToolUse\",\"tool_name\":\"Bash\","
			       "\"tool_use_id\":\"t\",\"tool_input\":{\"command\":\"a\"},"
			       "\"tool_response\":{\"stdout\":\"\\u0000\\ud800\",\"a\":1,\"a\":2}}",
			       "{\"ok\":true,\"denials\":0}"),
		     0);
	cr_expect(strstr(fake.request, "\"op\":\"end\""));
}

Test(hook_hostile, reasons_are_short_and_show)
{
	cr_assert_eq(
		fake_hook("pi",
			  "{\"event\":\"after\",\"tool\":\"t\",\"arguments\":{},\"id\":\"i\"}",
			  "{\"ok\":true,\"denials\":9,\"reasons\":[\"a\\nb\\u001b[2Jc\\u202e\",1,"
			  "\"two\",\"three\",\"four\",\"five\"]}"),
		0);
	cr_expect(fake_same(fake.told, "{\"context\":\"EnforceCore refused 9 operations of this "
				       "call: a?b?[2Jc?; two; three; four\"}"),
		  "%s", fake.told);
}

Test(hook_hostile, a_reason_of_any_length_is_cut_between_characters)
{
	char *answer = calloc(1, 30000);

	strcpy(answer, "{\"ok\":true,\"denials\":4,\"reasons\":[\"");
	for (int i = 0; i < 4000; i++)
		strcat(answer + i * 2, "\xc3\xa9");
	strcat(answer, "\"]}");
	cr_assert_eq(fake_hook("pi",
			       "{\"event\":\"after\",\"tool\":\"t\",\"arguments\":{},\"id\":\"i\"}",
			       answer),
		     0);
	cr_expect_leq(strlen(fake.told), 400);
	cr_expect(strstr(fake.told, "\xc3\xa9\"}"), "%s", fake.told);
	free(answer);
}

Test(hook_hostile, a_long_id_is_told_apart_by_its_digest)
{
	char event[2048], id[1000];

	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	snprintf(event, sizeof(event),
		 "{\"event\":\"before\",\"tool\":\"t\",\"arguments\":{},\"id\":\"%s\"}", id);
	cr_assert_eq(fake_hook("pi", event, OK_EXACT), 0);
	cr_expect(strstr(fake.request, "\"id\":\"sha256:"), "%s", fake.request);
}

Test(hook_hostile, a_command_that_would_not_fit_is_not_begun)
{
	char *event = calloc(1, 200000);
	int head = sprintf(event, "{\"event\":\"before\",\"tool\":\"bash\",\"id\":\"i\","
				  "\"arguments\":{\"command\":\"");

	memset(event + head, '\'', 60000); /* four bytes each, quoted */
	strcpy(event + head + 60000, "\"}}");
	cr_assert_eq(fake_hook("pi", event, OK_EXACT), 0);
	cr_expect(strstr(fake.told, "\"deny\"") && strstr(fake.told, "too long"), "%s", fake.told);
	cr_expect_eq(fake.requests, 0);
	free(event);
}
