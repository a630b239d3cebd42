// SPDX-License-Identifier: Apache-2.0
/* What a replaced policy and a call's scope need of the language. */
#include <errno.h>

#include "policy_text.h"

static struct loaded load(const char *text)
{
	return load_bytes(text, strlen(text), true);
}

static struct policy_call compiled(const struct policy *policy, const char *tool)
{
	const struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/root" };
	struct policy_diag diag = { 0 };
	struct automaton image = { 0 };
	struct policy_call call;

	cr_assert_eq(policy_call_compile(policy, &env, &image, tool, NULL, 1000, &call, &diag), 0,
		     "%s", diag.text);
	return call;
}

Test(scope, is_the_whole_agent_unless_the_tool_says_less)
{
	struct loaded l = load("name: p\nkernel: { tools: { a: {}, b: { scope: process }, "
			       "c: { scope: subtree }, d: { scope: agent }, e: } }\n");

	cr_assert_eq(compiled(l.policy, "a").scope, POLICY_SCOPE_AGENT);
	cr_assert_eq(compiled(l.policy, "b").scope, POLICY_SCOPE_PROCESS);
	cr_assert_eq(compiled(l.policy, "c").scope, POLICY_SCOPE_SUBTREE);
	cr_assert_eq(compiled(l.policy, "d").scope, POLICY_SCOPE_AGENT);
	cr_assert_eq(compiled(l.policy, "e").scope, POLICY_SCOPE_AGENT);
	policy_free(l.policy);
}

Test(scope, another_word_is_an_error_at_its_place)
{
	struct loaded l = load("name: p\nkernel:\n  tools:\n    a: { scope: thread }\n");

	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", 4, 17, "scope");
}

static const char *const flows_a = "name: a\nkernel:\n"
				   "  labels: { s: [/s], t: [/t], u: [/u] }\n"
				   "  flows:\n"
				   "    - { after: read s, deny: [connect] }\n"
				   "    - { after: write s, deny: [connect] }\n"
				   "    - { after: read t, deny: [write] }\n"
				   "    - { after: read u, deny: [write] }\n";
static const char *const flows_b = "name: b\nkernel:\n"
				   "  labels: { t: [/other], s: [/s] }\n"
				   "  flows:\n"
				   "    - { after: read t, deny: [connect] }\n"
				   "    - { after: read s, deny: [write] }\n"
				   "    - { after: read s, deny: [connect] }\n";

Test(scope, a_flow_goes_on_in_those_after_the_same)
{
	struct loaded a = load(flows_a), b = load(flows_b);

	cr_assert_eq(policy_flow_carry(a.policy, 0, b.policy), 1u << 1 | 1u << 2);
	cr_assert_eq(policy_flow_carry(a.policy, 1, b.policy), 0);
	cr_assert_eq(policy_flow_carry(a.policy, 2, b.policy), 1u << 0);
	cr_assert_eq(policy_flow_carry(a.policy, 3, b.policy), 0);
	cr_assert_eq(policy_flow_carry(a.policy, 4, b.policy), 0);
	cr_assert_eq(policy_flow_carry(b.policy, 2, a.policy), 1u << 0);
	policy_free(a.policy);
	policy_free(b.policy);
}
