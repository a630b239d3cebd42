// SPDX-License-Identifier: Apache-2.0
/* The order of the rules; labels, what is asked for, what is only observed; a child over
 * its parent. */
#include <sys/mman.h>
#include <unistd.h>

#include "declare_text.h"

Test(declare, order_is_that_of_the_python_version)
{
	static const char rules[] =
		"rules:\n"
		"  allowed_tools: [a, b, d]\n"
		"  denied_tools: [d]\n"
		"  content_rules: {enabled: true, block_patterns: [{pattern: bad}]}\n"
		"  network: {enabled: true}\n"
		"  rate_limits: {enabled: true, per_tool: {a: {max_calls: 0, window_seconds: 1}}}\n"
		"  sensitivity_labels: {enabled: true}\n"
		"  resource_limits: {max_cost_usd: 1}\n"
		"kernel:\n"
		"  costs: {A: 2, b: 2}\n"
		"  tools: {a: {args: {n: {max: 5}}, ask: true}, b: {ask: true}}\n";
	struct declared_in in = policy_in(rules);
	struct {
		const char *tool, *args, *told;
	} cases[] = {
		{ "no name", "{\"n\": 9, \"x\": \"bad\"}", "tool_not_allowed" },
		{ "c", "{\"n\": 9, \"x\": \"bad\"}", "tool_not_allowed" },
		{ "D", "{\"n\": 9, \"x\": \"bad\"}", "tool_denied" },
		{ "A", "{\"n\": 9, \"x\": \"http://h bad\"}", "content_violation" },
		{ "A", "{\"n\": 4, \"x\": \"http://h bad\"}", "content_violation" },
		{ "A", "{\"n\": 4, \"x\": \"http://h\", \"sensitivity\": \"restricted\"}",
		  "domain_denied" },
		{ "A", "{\"n\": 4, \"sensitivity\": \"restricted\"}", "rate_limit" },
		{ "b", "{\"n\": 9, \"sensitivity\": \"restricted\"}", "sensitivity_violation" },
		{ "b", "{\"n\": 9}", "cost_limit" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_str_eq(declare(&in, cases[i].tool, cases[i].args), cases[i].told,
				 "%zu: %s", i, in.answer.reason);
	cr_expect_eq(declare_cost(in.state), 0);
	declare(&in, "A", "{\"n\": 9}");
	cr_expect_str_eq(in.answer.reason, "argument n must be at most 5");
	cr_expect_str_eq(in.answer.place, "p.yaml:12:25");
	in_done(&in);
}

Test(declare, labels_go_where_there_is_clearance)
{
	struct declared_in in = policy_in(
		"rules: {sensitivity_labels: {enabled: true}}\n"
		"kernel: {tools: {safe: {clearance: restricted}, open: {clearance: public}}}");

	cr_expect_str_eq(declare(&in, "t", "{\"sensitivity\": \"Internal\"}"), "");
	cr_expect_str_eq(declare(&in, "open", "{\"sensitivity\": \"internal\"}"),
			 "sensitivity_violation");
	cr_expect_str_eq(declare(&in, "t", "{\"a\": [{\"sensitivity_label\": \"confidential\"}]}"),
			 "sensitivity_violation");
	cr_expect_str_eq(in.answer.reason, "the arguments are labelled confidential, and the tool "
					   "has clearance for internal data");
	cr_expect_str_eq(declare(&in, "t", "{\"sensitivity\": \"top secret\"}"),
			 "sensitivity_violation");
	cr_expect_str_eq(declare(&in, "safe", "{\"sensitivity\": \"top secret\"}"), "");
	cr_expect_str_eq(declare(&in, "t", "{\"x\": \"restricted\"}"), "");
	in_done(&in);
	in = policy_in("rules: {sensitivity_labels: {enabled: true, enforce: false, "
		       "default_clearance: public}}");
	cr_expect_str_eq(declare(&in, "t", "{\"sensitivity\": \"internal\"}"),
			 "would-sensitivity_violation");
	in_done(&in);
}

Test(declare, what_is_asked_for_waits_for_an_answer)
{
	struct declared_in in = policy_in("rules: {denied_tools: [b]}\n"
					  "kernel: {tools: {a: {ask: true}, b: {ask: true}}}");

	cr_expect_str_eq(declare(&in, "a", NULL), "ask");
	cr_expect_eq(in.answer.ask_timeout_ms, 60000);
	cr_expect_str_eq(in.answer.place, "p.yaml:3:27");
	cr_expect_str_eq(declare(&in, "b", NULL), "tool_denied");
	in.approved = true;
	cr_expect_str_eq(declare(&in, "a", NULL), "");
	cr_expect_str_eq(declare(&in, "b", NULL), "tool_denied");
	in_done(&in);
}

Test(declare, nothing_is_refused_where_the_policy_observes)
{
	static const char rest[] =
		"on_violation: log\n"
		"rules:\n"
		"  denied_tools: [d]\n"
		"  content_rules: {enabled: true, block_patterns: [{pattern: bad}]}\n"
		"  network: {enabled: true}\n"
		"  rate_limits: {enabled: true, per_tool: {r: {max_calls: 1, window_seconds: 9}}}\n"
		"  resource_limits: {max_cost_usd: 1}\n"
		"kernel: {costs: {c: 2}, tools: {q: {ask: true}}}\n";
	struct declared_in in = policy_in(rest);

	cr_expect_str_eq(declare(&in, "d", NULL), "would-tool_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"x\": \"bad\"}"), "would-content_violation");
	cr_expect_str_eq(declare(&in, "t", "{\"x\": \"http://h\"}"), "would-domain_denied");
	cr_expect_str_eq(declare(&in, "r", NULL), "");
	cr_expect_str_eq(declare(&in, "r", NULL), "would-rate_limit");
	cr_expect_str_eq(declare(&in, "q", NULL), "would-");
	cr_expect_str_eq(declare(&in, "c", NULL), "would-cost_limit");
	cr_expect_str_eq(declare(&in, "t", "{\"x\": \"good\"}"), "would-cost_limit");
	in_done(&in);
	in = policy_in("rules: {denied_tools: [d]}");
	in.observes = true;
	cr_expect_str_eq(declare(&in, "d", NULL), "would-tool_denied");
	in_done(&in);
}

static const char *parent_text;

static int open_parent(void *ctx, const char *path)
{
	int fd = memfd_create("parent", MFD_CLOEXEC);

	(void)ctx;
	(void)path;
	cr_assert_eq(write(fd, parent_text, strlen(parent_text)), (ssize_t)strlen(parent_text));
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static struct declared_in child_in(const char *parent, const char *child)
{
	struct policy_load_options options = { .strict = true, .open = open_parent };
	struct declared_in in = { .now_ns = 1000 * SECOND };
	struct policy_diag diag;

	parent_text = parent;
	cr_assert_eq(
		policy_load_buffer("c.yaml", child, strlen(child), &options, &in.policy, &diag), 0,
		"%s:%u:%u: %s", diag.file, diag.line, diag.column, diag.text);
	cr_assert_eq(declare_state_new(in.policy, &in.state), 0);
	return in;
}

static const char parent_rules[] =
	"name: p\n"
	"rules:\n"
	"  content_rules: {enabled: true, block_patterns: [{name: one, pattern: bad}]}\n"
	"  network: {enabled: true, allowed_domains: [a.test], denied_domains: [b.test]}\n"
	"  rate_limits: {enabled: true, per_tool: {R: {max_calls: 1, window_seconds: 9}}}\n"
	"  resources: {max_cost_usd: 1, max_call_duration_seconds: 5}\n"
	"kernel: {costs: {C: 2, d: 2}, tools: {q: {ask: true}}}\n";

Test(declare, a_child_switches_nothing_off_that_it_does_not_write)
{
	struct declared_in in = child_in(
		parent_rules,
		"extends: p.yaml\n"
		"rules: {content_rules: {block_patterns: [{pattern: worse}]}, network_policy: "
		"{denied_domains: []}, rate_limits: {per_tool: {r: {window_seconds: 8}}}, "
		"resource_limits: {max_memory_mb: 1}}\n"
		"kernel: {costs: {c: 0.5}, tools: {q: {timeout: 1}}}\n");

	cr_expect_str_eq(declare_one(&in, "x", "bad"), "content_violation");
	cr_expect_str_eq(in.answer.place, "p.yaml:3:72");
	cr_expect_str_eq(declare_one(&in, "x", "worse"), "content_violation");
	cr_expect_str_eq(in.answer.place, "c.yaml:2:52");
	cr_expect_str_eq(declare_one(&in, "x", "http://b.test"), "domain_denied");
	cr_expect_str_eq(declare_one(&in, "x", "http://c.test"), "domain_denied");
	cr_expect_str_eq(declare_one(&in, "x", "http://a.test"), "");
	cr_expect_str_eq(declare(&in, "r", NULL), "");
	cr_expect_str_eq(declare(&in, "r", NULL), "rate_limit");
	in.now_ns += 8 * SECOND;
	cr_expect_str_eq(declare(&in, "r", NULL), "");
	cr_expect_str_eq(declare(&in, "d", NULL), "cost_limit");
	cr_expect_str_eq(declare(&in, "c", NULL), "");
	cr_expect_str_eq(declare(&in, "q", NULL), "ask");
	cr_expect_eq(policy_call_max_ms(in.policy), 5000);
	in_done(&in);
}

Test(declare, a_child_may_write_what_its_parent_says)
{
	struct declared_in in = child_in(
		parent_rules,
		"extends: p.yaml\n"
		"rules: {content_rules: {enabled: false}, network: {deny_all_other: no}, "
		"rate_limits: {per_tool: {r: {max_calls: 2}}}, resources: {max_cost_usd: null}}\n"
		"kernel: {tools: {Q: {ask: false}}}\n");

	cr_expect_str_eq(declare_one(&in, "x", "bad"), "");
	cr_expect_str_eq(declare_one(&in, "x", "http://c.test"), "");
	cr_expect_str_eq(declare_one(&in, "x", "http://b.test"), "domain_denied");
	cr_expect_str_eq(declare(&in, "r", NULL), "");
	cr_expect_str_eq(declare(&in, "r", NULL), "");
	cr_expect_str_eq(declare(&in, "r", NULL), "rate_limit");
	cr_expect_str_eq(declare(&in, "d", NULL), "");
	cr_expect_str_eq(declare(&in, "q", NULL), "");
	in_done(&in);
}
