// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>

#include "control_fake.h"

static struct session session;
static struct control control;

static struct connection *peer(enum control_role role, uint64_t task, uint64_t call)
{
	static struct connection one;

	one = (struct connection) { .control = &control,
				    .role = role,
				    .peer = { .uid = 7, .task = task, .call = call } };
	return &one;
}

static void setup(void)
{
	session = (struct session) { 0 };
	session.approvals = (struct approvals) { .session = &session,
						 .number = fake_number,
						 .note = fake_note };
	memset(&control, 0, sizeof(control));
	control.options = (struct control_options) { .ops = &fake_ops,
						     .session = &session,
						     .declares = true };
}

TestSuite(control, .init = setup);

/* The answer, until the next one. */
static const cJSON *ask(struct connection *from, const char *line)
{
	static cJSON *answer;
	bool ends;

	cJSON_Delete(answer);
	answer = request_answer(from, line, strlen(line), &ends);
	cr_assert_not_null(answer);
	return answer;
}

static const char *text(const cJSON *answer, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(answer, name);

	return cJSON_IsString(member) ? member->valuestring : "";
}

static double number(const cJSON *answer, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(answer, name);

	return cJSON_IsNumber(member) ? member->valuedouble : -1;
}

static bool ok(const cJSON *answer)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok"));
}

static void refused(const cJSON *answer, const char *error)
{
	cr_assert_not(ok(answer));
	cr_assert_str_eq(text(answer, "error"), error);
	cr_assert_str_neq(text(answer, "reason"), "");
}

#define AGENT peer(CONTROL_AGENT, 1, 0)

Test(control, begins_and_ends)
{
	const cJSON *answer = ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\",\"id\":\"a\"}");

	cr_assert(ok(answer));
	cr_assert_eq(number(answer, "call"), 1);
	cr_assert_eq(number(answer, "timeout_ms"), 1000);
	cr_assert_str_eq(text(answer, "token"), "");
	answer = ask(AGENT, "{\"op\":\"end\",\"id\":\"a\",\"outcome\":\"error\"}");
	cr_assert(ok(answer));
	cr_assert_eq(number(answer, "denials"), 1);
	cr_assert_eq(session.open, 0);
	refused(ask(AGENT, "{\"op\":\"end\",\"id\":\"a\"}"), "no_such_call");
}

Test(control, of_equal_ids_the_oldest_ends)
{
	for (int i = 0; i < 3; i++)
		ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\",\"id\":\"a\"}");
	for (int i = 1; i <= 3; i++)
		cr_assert_eq(number(ask(AGENT, "{\"op\":\"end\",\"id\":\"a\"}"), "call"), i);
}

static char line[256];
static const char *run(const char *token)
{
	snprintf(line, sizeof(line), "{\"op\":\"run\",\"token\":\"%s\"}", token);
	return line;
}

Test(control, a_token_is_spent_by_one_task)
{
	char token[64];

	snprintf(token, sizeof(token), "%s",
		 text(ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\",\"exact\":true}"), "token"));
	cr_assert_eq(strlen(token), 32);
	cr_assert(session.exact);
	cr_assert(cJSON_IsTrue(
		cJSON_GetObjectItem(ask(peer(CONTROL_AGENT, 5, 0), run(token)), "again")));
	cr_assert_eq(session.offered_task, 5);
	refused(ask(peer(CONTROL_AGENT, 6, 0), run(token)), "bad_token");
	/* the kernel has not made it the call: once more */
	cr_assert(cJSON_IsTrue(
		cJSON_GetObjectItem(ask(peer(CONTROL_AGENT, 5, 0), run(token)), "again")));
	cr_assert_eq(number(ask(peer(CONTROL_TOOL, 5, 1), run(token)), "call"), 1);
	refused(ask(peer(CONTROL_AGENT, 5, 0), run(token)), "bad_token");
	refused(ask(peer(CONTROL_TOOL, 6, 1), run(token)), "bad_token");
	refused(ask(peer(CONTROL_AGENT, 6, 0), run("0123456789abcdef0123456789abcdef")),
		"bad_token");
}

Test(control, part_of_a_call_is_no_agent)
{
	struct connection *tool = peer(CONTROL_TOOL, 2, 9);

	refused(ask(tool, "{\"op\":\"begin\",\"tool\":\"t\"}"), "not_permitted");
	refused(ask(tool, "{\"op\":\"end\",\"call\":1}"), "not_permitted");
	cr_assert(ok(ask(tool, "{\"op\":\"status\"}")));
	cr_assert_eq(session.calls, 0);
}

Test(control, outsiders_end_and_do_not_begin)
{
	ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\"}");
	refused(ask(peer(CONTROL_OUTSIDER, 0, 0), "{\"op\":\"begin\",\"tool\":\"t\"}"),
		"not_permitted");
	cr_assert(ok(ask(peer(CONTROL_OUTSIDER, 0, 0), "{\"op\":\"end\",\"call\":1}")));
}

Test(control, nobody_declares_where_the_policy_says_so)
{
	control.options.declares = false;
	refused(ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\"}"), "not_permitted");
	refused(ask(AGENT, "{\"op\":\"run\",\"token\":\"t\"}"), "not_permitted");
	cr_assert(ok(ask(AGENT, "{\"op\":\"status\"}")));
}

Test(control, a_refusal_has_its_rule_and_leaves_nothing)
{
	session.declare_err = -EACCES;
	for (int i = 0; i < 100; i++) {
		const cJSON *answer = ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\"}");

		refused(answer, "refused");
		cr_assert_str_eq(text(answer, "rule"), "p.yaml:1:2");
	}
	session.declare_err = 0;
	for (int i = 0; i < 64; i++)
		cr_assert(ok(ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\"}")));
	refused(ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\"}"), "limit");
	cr_assert_eq(session.open, 64);
}

Test(control, malformed_requests_change_nothing)
{
	static const char *const lines[] = {
		"",
		"[]",
		"{\"op\":\"begin\",\"tool\":\"t\",\"tool\":\"u\"}",
		"{\"op\":\"begin\",\"Tool\":\"t\"}",
		"{\"op\":\"begin\",\"tool\":\"t\\u0000\"}",
		"{\"op\":\"begin\",\"tool\":\"t\",\"arguments\":1}",
		"{\"op\":\"begin\",\"tool\":\"t\",\"exact\":null}",
		"{\"op\":\"begin\",\"tool\":\"t\",\"id\":1}",
		"{\"op\":\"begin\",\"tool\":\"t\"} {}",
		"{\"op\":\"end\",\"call\":true}",
		"{\"op\":\"end\",\"call\":1,\"outcome\":\"deadline\"}",
		"{\"op\":\"end\",\"call\":1,\"cost_usd\":-1}",
		"{\"op\":\"end\",\"call\":1,\"cost_usd\":1e999}",
		"{\"op\":\"end\",\"call\":1,\"cost_usd\":\"1\"}",
		"{\"op\":\"BEGIN\",\"tool\":\"t\"}",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		refused(ask(AGENT, lines[i]), "bad_request");
	cr_assert_eq(number(ask(AGENT, "{\"op\":x}"), "at"), 6);
	cr_assert_eq(session.calls, 0);
}

Test(control, too_deep_is_a_limit)
{
	char deep[512] = "{\"op\":\"begin\",\"tool\":\"t\",\"arguments\":";

	for (int i = 0; i < 63; i++)
		strcat(deep, "{\"a\":");
	strcat(deep, "1");
	for (int i = 0; i < 64; i++)
		strcat(deep, "}");
	refused(ask(AGENT, deep), "limit");
}

Test(control, what_is_asked_waits)
{
	struct connection *waiting = AGENT;
	static const char begin[] = "{\"op\":\"begin\",\"tool\":\"t\"}";
	bool ends = true;

	session.asks = true;
	cr_assert_null(request_answer(waiting, begin, strlen(begin), &ends));
	cr_assert(waiting->asked.approval);
	cr_assert_not(ends);
	cr_assert_eq(session.open, 0);
	asked_drop(waiting);
	cr_assert_not(waiting->asked.approval);
	refused(ask(peer(CONTROL_OUTSIDER, 0, 0),
		    "{\"op\":\"approve\",\"approval\":1,\"verdict\":\"allow\"}"),
		"no_such_call");
	refused(ask(AGENT, "{\"op\":\"approve\",\"approval\":1,\"verdict\":\"allow\"}"),
		"not_permitted");
}

Test(control, what_guards_look_at_waits_and_nobody_approves_it)
{
	struct connection waiting = *AGENT; /* there is one of them */
	static const char begin[] = "{\"op\":\"begin\",\"tool\":\"t\"}";
	const cJSON *status;
	bool ends = true;

	session.guards = true;
	cr_assert_null(request_answer(&waiting, begin, strlen(begin), &ends));
	cr_assert(waiting.asked.approval);
	cr_assert_eq(session.open, 0);
	status = ask(peer(CONTROL_OUTSIDER, 0, 0), "{\"op\":\"status\"}");
	cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(status, "waiting")), 0);
	refused(ask(peer(CONTROL_OUTSIDER, 0, 0),
		    "{\"op\":\"approve\",\"approval\":1,\"verdict\":\"allow\"}"),
		"no_such_call");
	cr_expect_eq(session.open, 0);
	asked_drop(&waiting);
	cr_expect_eq(approvals_answered(&session.approvals, 5), -ENOENT);
}

Test(control, status_has_what_is_open)
{
	const cJSON *answer, *one;

	ask(AGENT, "{\"op\":\"begin\",\"tool\":\"t\",\"id\":\"a\",\"exact\":true}");
	answer = ask(peer(CONTROL_OUTSIDER, 0, 0), "{\"op\":\"status\"}");
	cr_assert(ok(answer));
	cr_expect_eq(number(answer, "agent"), 7);
	cr_expect_str_eq(text(answer, "policy"), "p");
	cr_expect_str_eq(text(answer, "mode"), "enforce");
	one = cJSON_GetArrayItem(cJSON_GetObjectItem(answer, "calls"), 0);
	cr_expect_eq(number(one, "call"), 1);
	cr_expect_str_eq(text(one, "tool"), "t");
	cr_expect_str_eq(text(one, "id"), "a");
	cr_expect_geq(number(one, "age_ms"), 0);
	cr_expect(cJSON_IsTrue(cJSON_GetObjectItem(one, "exact")));
	cr_expect_null(cJSON_GetObjectItem(one, "token"), "whoever looks cannot spend it");
}
