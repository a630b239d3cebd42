// SPDX-License-Identifier: Apache-2.0
/* What a policy says of guards, and what their verdicts make of a call. */
#include "declare_text.h"

TestSuite(declare_guards);

#define LLAMA "llama: { url: 'http://127.0.0.1:8000', protocol: llamaguard, model: m }"
#define RAILS                                                                                      \
	"rails: { url: 'http://127.0.0.1:8001/v1/guardrail/checks', protocol: nemo, "              \
	"on_error: allow }"
#define GUARDS "kernel:\n  guards:\n    " LLAMA "\n    " RAILS "\n"

/* What the rules say once the guards have said this; "guard" before. */
static const char *told_by(struct declared_in *in, const char *tool,
			   const struct declare_guarded *said, size_t len)
{
	static char told[64];
	struct declare_call call = { .tool = tool,
				     .now_ns = in->now_ns,
				     .guarded = said,
				     .guarded_len = len,
				     .approved = in->approved,
				     .observes = in->observes };
	const struct declare_answer *a = &in->answer;
	int r = declare_check(in->policy, in->state, &call, &in->answer);

	snprintf(told, sizeof(told), "%s%s",
		 r < 0	       ? "doubt " :
		 a->would_deny ? "would-" :
				 "",
		 a->verdict == DECLARE_GUARD ? "guard" :
		 a->verdict == DECLARE_ASK   ? "ask" :
		 a->violation		     ? a->violation :
					       "");
	return told;
}

static const struct declare_guarded safe = { .said = DECLARE_SAFE },
				    unsafe = { .said = DECLARE_UNSAFE, .categories = "S1, S2" },
				    provoked = { .said = DECLARE_FAILED, .refuses = true },
				    failed = { .said = DECLARE_FAILED, .why = "it answers 500" };

Test(declare_guards, are_asked_before_a_person_and_after_all_rules)
{
	struct declared_in in = policy_in(
		"rules: { denied_tools: [gone] }\n" GUARDS "  guard: llama\n"
		"  tools: { a: { ask: true }, gone: {}, b: { guard: [] }, c: { guard: rails } "
		"}\n");

	cr_expect_str_eq(told_by(&in, "gone", NULL, 0), "tool_denied");
	cr_expect_str_eq(told_by(&in, "a", NULL, 0), "guard");
	cr_expect_str_eq(told_by(&in, "a", &safe, 1), "ask");
	cr_expect_str_eq(told_by(&in, "a", &unsafe, 1), "content_violation");
	cr_expect_str_eq(in.answer.reason, "guard llama says that this call is unsafe (S1, S2)");
	cr_expect_str_eq(told_by(&in, "b", NULL, 0), "");
	cr_expect_str_eq(told_by(&in, "not in kernel.tools", NULL, 0), "tool_not_allowed");
	cr_expect_str_eq(told_by(&in, "elsewhere", NULL, 0), "guard");
	in.approved = true;
	cr_expect_str_eq(told_by(&in, "a", &safe, 1), "");
	in_done(&in);
}

Test(declare_guards, that_fail_close_unless_the_policy_says_otherwise)
{
	struct declared_in in = policy_in(GUARDS "  tools: { a: { guard: llama }, b: { guard: "
						 "rails }, c: { guard: [rails, llama] } }\n");
	struct declare_guarded both[2] = { failed, safe };

	cr_expect_str_eq(told_by(&in, "a", &failed, 1), "policy_error");
	cr_expect_str_eq(in.answer.reason, "guard llama gave no verdict: it answers 500");
	cr_expect_str_eq(in.answer.place, "p.yaml:4:5");
	cr_expect_str_eq(told_by(&in, "b", &failed, 1), "");
	cr_expect_str_eq(told_by(&in, "b", &unsafe, 1), "content_violation");
	cr_expect_str_eq(told_by(&in, "b", &provoked, 1), "policy_error");
	cr_expect_str_eq(told_by(&in, "c", both, 2), "");
	both[1] = failed;
	cr_expect_str_eq(told_by(&in, "c", both, 2), "policy_error");
	both[0] = unsafe;
	cr_expect_str_eq(told_by(&in, "c", both, 2), "content_violation");
	both[0] = safe;
	both[1] = (struct declare_guarded) { 0 };
	cr_expect_str_eq(told_by(&in, "c", both, 2), "policy_error", "who was not asked");
	cr_expect_str_eq(told_by(&in, "c", both, 1), "doubt policy_error");
	in_done(&in);
}

Test(declare_guards, are_asked_and_not_obeyed_where_the_policy_observes)
{
	struct declared_in in = policy_in(GUARDS
					  "  guard: llama\n  tools: { c: { guard: rails } }\n");

	in.observes = true;
	cr_expect_str_eq(told_by(&in, "a", NULL, 0), "guard");
	cr_expect_str_eq(told_by(&in, "a", &unsafe, 1), "would-content_violation");
	cr_expect_eq(in.answer.verdict, DECLARE_ALLOW);
	in_done(&in);
}

/* ---- the policy ---- */

static void refused(const char *guards, const char *says)
{
	char text[1024];
	struct loaded l;

	snprintf(text, sizeof(text), "name: p\nkernel:\n  guards: { g: { %s } }\n  guard: g\n",
		 guards);
	l = load_bytes(text, strlen(text), false);
	cr_expect_lt(l.r, 0, "%s", text);
	cr_expect(strstr(l.diag.text, says), "%s: \"%s\" lacks \"%s\"", guards, l.diag.text, says);
	cr_expect_eq(l.diag.line, 3, "%s: %u", guards, l.diag.line);
	policy_free(l.policy);
}

#define OK "url: 'http://h', protocol: llamaguard, model: m"

Test(declare_guards, have_defaults)
{
	struct declared_in in = policy_in(GUARDS "  guard: [llama, rails]\n");
	const struct policy_guard *guards[POLICY_GUARDS_OF_CALL], *g;

	cr_assert_eq(policy_guards_of(in.policy, "x", guards), 2);
	g = guards[0];
	cr_expect_str_eq(g->name, "llama");
	cr_expect_str_eq(g->host, "127.0.0.1");
	cr_expect_str_eq(g->target, "/v1/chat/completions");
	cr_expect_eq(g->port, 8000);
	cr_expect_eq(g->timeout_ms, 10000);
	cr_expect_eq(g->cache_ms, 60000);
	cr_expect_eq(g->parallel, POLICY_GUARD_PARALLEL);
	cr_expect_not(g->opens_on_error);
	cr_expect_not(g->https);
	cr_expect(guards[1]->opens_on_error);
	cr_expect_str_eq(guards[1]->target, "/v1/guardrail/checks");
	cr_expect_eq(policy_guard_count(in.policy), 2);
	cr_expect_null(policy_guard(in.policy, 2));
	in_done(&in);
}

Test(declare_guards, are_refused_where_they_make_no_sense)
{
	refused("protocol: nemo", "needs a url");
	refused("url: 'http://h'", "needs a protocol");
	refused("url: 'http://h', protocol: llamaguard", "needs a model");
	refused("url: 'http://h', protocol: other", "protocol must be one of");
	refused("url: 'ftp://h', protocol: nemo", "http:// or https://");
	refused("url: 'http://u:p@h', protocol: nemo", "neither a user");
	refused("url: 'http://h/#a', protocol: nemo", "nor a fragment");
	refused("url: 'http://h?x=1', protocol: nemo", "a path before its query");
	refused("url: 'http://a b', protocol: nemo", "the URL");
	refused(OK ", config: c", "for the protocol nemo");
	refused(OK ", ca_file: /a", "ca_file is for https");
	refused(OK ", key_file: a", "absolute path");
	refused(OK ", timeout: 0", "timeout must be a number above 0");
	refused(OK ", timeout: 301", "up to 300");
	refused(OK ", cache: 86401", "up to 86400");
	refused(OK ", parallel: 33", "up to 32");
	refused(OK ", parallel: 1.5", "whole number");
	refused(OK ", on_error: open", "deny, allow");
	refused("url: '', protocol: nemo", "the URL");
}

Test(declare_guards, have_to_be_there)
{
	static const char *const lists[] = { "guard: other", "guard: [g, other]",
					     "tools: { t: { guard: other } }" };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char text[512];
		struct loaded l;

		snprintf(text, sizeof(text),
			 "name: p\nkernel:\n  guards: { g: { " OK " } }\n  %s\n", lists[i]);
		l = load_bytes(text, strlen(text), false);
		cr_expect(l.r < 0 && strstr(l.diag.text, "there is no guard \"other\""), "%s: %s",
			  lists[i], l.diag.text);
		cr_expect_eq(l.diag.line, 4);
		policy_free(l.policy);
	}
}

Test(declare_guards, that_no_tool_names_are_warned_of)
{
	static const char text[] = "name: p\nkernel:\n  guards: { g: { " OK " } }\n";
	struct loaded l = load_bytes(text, strlen(text), false);

	cr_assert_eq(l.r, 0);
	cr_expect_eq(l.warnings, 1);
	diag_is(&l.first, "p.yaml", 3, 13, "no tool names the guard \"g\"");
	policy_free(l.policy);
}

/* The rule of this section that has this pattern. */
static bool has_rule(const struct policy *policy, const char *section, const char *pattern)
{
	const struct policy_rule *rule;

	for (uint32_t id = 1; (rule = policy_rule(policy, id)); id++)
		if (!strcmp(rule->section, section) && !strcmp(rule->pattern, pattern))
			return true;
	return false;
}

Test(declare_guards, are_out_of_the_agent_s_reach)
{
	struct declared_in in = policy_in(
		"kernel:\n  guards:\n"
		"    near: { url: 'http://localhost:8000', protocol: nemo }\n"
		"    far: { url: 'https://guard.example:8443/x?y=z', protocol: nemo }\n"
		"    six: { url: 'http://[2001:db8::1]:81', protocol: nemo }\n"
		"    ours: { url: 'http://127.0.0.1:11434', protocol: nemo, shared: true }\n"
		"  guard: [near, far, six, ours]\n");

	cr_expect(has_rule(in.policy, "guards.near", "127.0.0.0/8:8000"));
	cr_expect(has_rule(in.policy, "guards.near", "[::1]:8000"));
	cr_expect(has_rule(in.policy, "guards.near", "*:8000"));
	cr_expect(has_rule(in.policy, "guards.far", "guard.example:8443"));
	cr_expect_not(has_rule(in.policy, "guards.far", "*:8443"),
		      "its certificate says who it is");
	cr_expect(has_rule(in.policy, "guards.six", "[2001:db8::1]:81"));
	cr_expect_not(has_rule(in.policy, "guards.ours", "127.0.0.0/8:11434"));
	cr_expect(has_rule(in.policy, "guards.ours", "*:11434"));
	in_done(&in);
}
