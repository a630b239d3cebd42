// SPDX-License-Identifier: Apache-2.0
/* Limits: of the size of a call and of its result, of how often, for how much, how long. */
#include "declare_text.h"

Test(declare_limits, input_has_ten_mebibytes)
{
	struct declared_in in = policy_in("");
	size_t most = (10 << 20) - strlen("{\"x\":\"\"}");
	char *text = malloc(most + 2);

	memset(text, 'a', most + 1);
	text[most] = '\0';
	cr_expect_str_eq(declare_one(&in, "x", text), "");
	text[most] = 'a';
	text[most + 1] = '\0';
	cr_expect_str_eq(declare_one(&in, "x", text), "resource_limit");
	text[most] = '\0';
	text[0] = '\n'; /* two bytes of JSON */
	cr_expect_str_eq(declare_one(&in, "x", text), "resource_limit");
	free(text);
	cr_expect_str_eq(declare(&in, "t", "[1]"), "content_violation");
	in_done(&in);
}

#define RATES "rules: {rate_limits: {enabled: true, "

Test(declare_limits, windows_of_rates_slide)
{
	struct declared_in in =
		policy_in(RATES "per_tool: {Search: {max_calls: 3, window_seconds: 10}}}}");

	for (int i = 0; i < 3; i++, in.now_ns += SECOND)
		cr_expect_str_eq(declare(&in, "seArch", NULL), "");
	cr_expect_str_eq(declare(&in, "search", NULL), "rate_limit");
	cr_expect_str_eq(in.answer.place, "p.yaml:2:57");
	cr_expect(strstr(in.answer.reason, "the tool has had its 3 calls in 10 s"), "%s",
		  in.answer.reason);
	cr_expect_str_eq(policy_rule(in.policy, in.answer.rule)->section,
			 "rules.rate_limits.per_tool.search");
	cr_expect_str_eq(declare(&in, "other", NULL), "");
	in.now_ns += 7 * SECOND - 1; /* the first was 10 s ago, but for 1 ns */
	cr_expect_str_eq(declare(&in, "search", NULL), "rate_limit");
	in.now_ns += 1;
	cr_expect_str_eq(declare(&in, "search", NULL), "");
	cr_expect_str_eq(declare(&in, "search", NULL), "rate_limit");
	in.now_ns += SECOND;
	cr_expect_str_eq(declare(&in, "search", NULL), "");
	in_done(&in);
}

Test(declare_limits, all_calls_together_have_a_rate)
{
	struct declared_in in = policy_in(RATES
					  "per_tool: {a: {max_calls: 1, window_seconds: 100}}, "
					  "global_limit: {max_calls: 2, window_seconds: 10}}}");

	cr_expect_str_eq(declare(&in, "a", NULL), "");
	cr_expect_str_eq(declare(&in, "a", NULL), "rate_limit"); /* and is not counted */
	cr_expect_str_eq(declare(&in, "b", NULL), "");
	cr_expect_str_eq(declare(&in, "c", NULL), "rate_limit");
	cr_expect(strstr(in.answer.reason, "the agent has had its 2"), "%s", in.answer.reason);
	in.now_ns += 10 * SECOND;
	cr_expect_str_eq(declare(&in, "c", NULL), "");
	cr_expect_str_eq(declare(&in, "a", NULL), "rate_limit");
	in_done(&in);
}

/* More calls than slots: never more than are permitted in any window. */
Test(declare_limits, large_rates_are_never_exceeded)
{
	struct declared_in in = policy_in(RATES
					  "global_limit: {max_calls: 5000, window_seconds: 10}}}");
	uint64_t *at = calloc(40000, sizeof(*at));
	size_t len = 0, first = 0;

	for (int i = 0; i < 40000; i++) {
		in.now_ns += (uint64_t)(rand() % 1000) * 1000;
		if (i == 12000)
			in.now_ns += 11 * SECOND;
		if (*declare(&in, "t", NULL))
			continue;
		at[len++] = in.now_ns;
		while (at[first] + 10 * SECOND <= in.now_ns)
			first++;
		cr_assert_leq(len - first, 5000);
	}
	cr_expect_geq(len, 10000);
	free(at);
	in_done(&in);
}

static void replace(struct declared_in *in, const char *rest)
{
	struct declared_in next = policy_in(rest);

	cr_assert_eq(declare_state_replace(in->state, next.policy), 0);
	declare_state_free(next.state);
	policy_free(in->policy);
	in->policy = next.policy;
}

Test(declare_limits, another_policy_finds_what_was_counted)
{
	struct declared_in in = policy_in(
		RATES "per_tool: {a: {max_calls: 9, window_seconds: 10}, b: {max_calls: 9, "
		      "window_seconds: 10}}}}\nkernel: {costs: {a: 1}}");

	for (int i = 0; i < 5; i++)
		cr_expect_str_eq(declare(&in, "a", NULL), "");
	replace(&in, RATES "per_tool: {A: {max_calls: 6, window_seconds: 20}}}}");
	cr_expect_eq(declare_cost(in.state), 5);
	cr_expect_str_eq(declare(&in, "a", NULL), "");
	cr_expect_str_eq(declare(&in, "a", NULL), "rate_limit");
	replace(&in, RATES "per_tool: {a: {max_calls: 2, window_seconds: 20}}}}");
	in.now_ns += 19 * SECOND;
	cr_expect_str_eq(declare(&in, "a", NULL), "rate_limit");
	in.now_ns += SECOND;
	cr_expect_str_eq(declare(&in, "a", NULL), "");
	replace(&in, "");
	cr_expect_str_eq(declare(&in, "a", NULL), "");
	cr_expect_eq(declare_cost(in.state), 5);
	in_done(&in);
}

Test(declare_limits, budget_is_of_calls_reports_and_results)
{
	struct declared_in in = policy_in(
		"rules: {resource_limits: {max_cost_usd: 1}}\n"
		"kernel: {costs: {Search: 0.1}, prices: {input_per_million: 1, output_per_million: "
		"10}}");
	struct declare_output output = { .tool = "t" };
	struct declare_answer answer;
	char note[100];

	cr_expect_str_eq(declare(&in, "search", NULL), "");
	cr_expect_float_eq(declare_cost(in.state), 0.1, 1e-9);
	cr_expect_eq(declare_add_cost(in.state, 0.3), 0);
	cr_expect_eq(declare_add_cost(in.state, -1), -EINVAL);
	cr_expect_eq(declare_add_cost(in.state, 0.0 / 0.0), -EINVAL);
	cr_expect_eq(declare_add_cost(in.state, 1.0 / 0.0), -EINVAL);
	cr_expect_float_eq(declare_cost(in.state), 0.4, 1e-9);
	output.result = cJSON_Parse("{\"r\": {\"usage\": {\"input_tokens\": 100000, "
				    "\"prompt_tokens\": 100000, \"output_tokens\": 10000}}}");
	cr_expect_eq(declare_result(in.policy, in.state, &output, &answer), 0);
	cr_expect_float_eq(declare_cost(in.state), 0.6, 1e-9);
	cJSON_Delete((cJSON *)output.result);
	output.result = cJSON_Parse("{\"total_cost_usd\": 0.35, \"usage\": {\"input_tokens\": "
				    "1000000, \"cost_usd\": -5}, \"cost_usd\": -3}");
	cr_expect_eq(declare_result(in.policy, in.state, &output, &answer), 0);
	cr_expect_float_eq(declare_cost(in.state), 0.95, 1e-9);
	cJSON_Delete((cJSON *)output.result);
	cr_expect(!declare_spent(in.policy, in.state, note, sizeof(note)));
	cr_expect_str_eq(declare(&in, "search", NULL), "cost_limit");
	cr_expect(strstr(in.answer.reason, "would take the session over its 1 USD"));
	cr_expect_str_eq(declare(&in, "free", NULL), "");
	cr_expect_eq(declare_add_cost(in.state, 0.05), 0);
	cr_expect(declare_spent(in.policy, in.state, note, sizeof(note)));
	cr_expect(strstr(note, "of 1 USD"), "%s", note);
	cr_expect_str_eq(declare(&in, "free", NULL), "cost_limit");
	in_done(&in);
}

Test(declare_limits, a_budget_of_nothing_permits_what_costs_nothing)
{
	struct declared_in in = policy_in("rules: {resources: {max_cost_usd: 0}}\n"
					  "kernel: {costs: {a: 0.01}}");
	char note[100];

	cr_expect(!declare_spent(in.policy, in.state, note, sizeof(note)));
	cr_expect_str_eq(declare(&in, "a", NULL), "cost_limit");
	cr_expect_str_eq(declare(&in, "b", NULL), "");
	in_done(&in);
}

static const char *result(struct declared_in *in, const char *json, size_t len)
{
	struct declare_output output = { .tool = "t", .result = cJSON_Parse(json), .len = len };

	cr_assert_eq(declare_result(in->policy, in->state, &output, &in->answer), 0);
	cJSON_Delete((cJSON *)output.result);
	return in->answer.verdict == DECLARE_DENY ? in->answer.violation : "";
}

Test(declare_limits, results_have_a_size_and_content)
{
	struct declared_in in = policy_in(
		"rules: {max_output_size_bytes: 10, content_rules: {enabled: true, block_patterns: "
		"[{pattern: bad}, {pattern: ask, action: ask}]}}");

	cr_expect_str_eq(result(&in, "[1, 2, 3]", 0), "");
	cr_expect_str_eq(result(&in, "\"12345678\"", 0), "");
	cr_expect_str_eq(result(&in, "\"123456789\"", 0), "output_size");
	cr_expect_str_eq(in.answer.reason, "the result is longer than 10 bytes");
	cr_expect_str_eq(result(&in, "[1]", 11), "output_size");
	cr_expect_str_eq(result(&in, "[\"bad\"]", 0), "content_violation");
	cr_expect_str_eq(result(&in, "[\"ask\"]", 0), "content_violation");
	cr_expect_str_eq(result(&in, "null", 0), "");
	in_done(&in);
}

Test(declare_limits, limits_that_others_hold)
{
	struct declared_in in = policy_in("rules: {resources: {max_memory_mb: 1.5, "
					  "max_call_duration_seconds: 0.0015}, "
					  "sandbox: {enabled: true, max_memory_mb: 1}}");

	cr_expect_eq(policy_memory_max(in.policy), 1 << 20);
	cr_expect_eq(policy_call_max_ms(in.policy), 2);
	in_done(&in);
	in = policy_in("rules: {resources: {max_memory_mb: 1}, sandbox: {max_memory_mb: 0.5}}");
	cr_expect_eq(policy_memory_max(in.policy), 1 << 20);
	cr_expect_eq(policy_call_max_ms(in.policy), 0);
	in_done(&in);
}

static uint32_t timeout_of(const char *rest, const char *tool)
{
	struct declared_in in = policy_in(rest);
	const struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/root" };
	struct automaton image = { 0 };
	struct declare_context context = {
		.policy = in.policy, .env = &env, .image = &image, .state = in.state
	};
	struct declare_call call = { .tool = tool };
	struct policy_call compiled;
	uint32_t timeout_ms;

	cr_assert_eq(declare_compile(&context, &call, 1000, &compiled, &in.answer), 0, "%s",
		     in.answer.reason);
	timeout_ms = compiled.timeout_ms;
	policy_call_done(&compiled);
	in_done(&in);
	return timeout_ms;
}

Test(declare_limits, calls_end_at_the_least_of_their_limits)
{
#define TOOLS "kernel: {tools: {a: {timeout: 10}, b: {}}}\n"
	cr_expect_eq(timeout_of(TOOLS, "a"), 10000);
	cr_expect_eq(timeout_of(TOOLS, "b"), 0);
	cr_expect_eq(timeout_of(TOOLS "resources: {max_call_duration_seconds: 5}", "a"), 5000);
	cr_expect_eq(timeout_of(TOOLS "resources: {max_call_duration_seconds: 5}", "b"), 5000);
	cr_expect_eq(timeout_of(TOOLS "resources: {max_call_duration_seconds: 5}", "c"), 5000);
	cr_expect_eq(timeout_of(TOOLS "resources: {max_call_duration_seconds: 20}", "a"), 10000);
	cr_expect_eq(timeout_of(TOOLS "resources: {max_call_duration_seconds: 301}", "b"), 0);
}

static void refused(const char *rest, const char *says)
{
	char text[400];
	struct loaded l;

	snprintf(text, sizeof(text), "name: p\n%s", rest);
	l = load_bytes(text, strlen(text), false);
	cr_expect_eq(l.r, -EINVAL, "%s", rest);
	cr_expect(strstr(l.diag.text, says), "%s: %s", rest, l.diag.text);
	cr_expect_geq(l.diag.line, 2);
	policy_free(l.policy);
}

Test(declare_limits, mistakes_have_a_place)
{
	refused(RATES "per_tool: {a: {max_calls: 1}}}}", "lacks window_seconds");
	refused(RATES "global_limit: {window_seconds: 1}}}", "lacks max_calls");
	refused(RATES "global_limit: {max_calls: 1.5, window_seconds: 1}}}", "whole number");
	refused(RATES "global_limit: {max_calls: 1, window_seconds: 0}}}", "above 0");
	refused("resources: {max_call_duration_seconds: 0}", "above 0");
	refused("resources: {max_memory_mb: 0}", "above 0");
	refused("resources: {max_cost_usd: 1e10}", "up to 1000000000");
	refused("sensitivity_labels: {default_clearance: secret}", "must be one of public");
	refused("kernel: {costs: {a: x}}", "must be a number");
	refused("kernel: {costs: {a: 1, A: 2}}", "differ only in case");
	refused("kernel: {ask_timeout: 0}", "above 0");
	refused("kernel: {tools: {a: {clearance: secret}}}", "must be one of public");
}
