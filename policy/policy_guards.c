// SPDX-License-Identifier: Apache-2.0
/* policy_guards.c - what stands between a model's words and a call, for who takes stock. */
#include "policy/declare/rules.h"
#include "policy/text/model.h"

size_t policy_guard_count(const struct policy *policy)
{
	return policy->guards_len;
}

const struct policy_guard *policy_guard(const struct policy *policy, size_t index)
{
	return index < policy->guards_len ? &policy->guards[index] : NULL;
}

size_t policy_guards_of(const struct policy *policy, const char *tool,
			const struct policy_guard *ret_guards[POLICY_GUARDS_OF_CALL])
{
	const struct tool *found = model_tool(policy, tool);
	const struct guard_list *list = found ? &found->guard : &policy->guard;

	for (size_t i = 0; i < list->len; i++)
		ret_guards[i] = &policy->guards[list->at[i]];
	return list->len;
}

struct policy_guards policy_guards(const struct policy *policy)
{
	struct policy_guards guards = {
		.patterns = policy->declaration ? policy->declaration->patterns_len : 0,
		.redacts_input = policy_redacts_input(policy) != NULL,
		.redacts_output = policy_redacts_output(policy) != NULL,
	};

	for (size_t i = 0; i < policy->tools_len; i++) {
		guards.asks += policy->tools[i].ask_rule != 0;
		guards.args += policy->tools[i].args != NULL;
		guards.guarded += policy->tools[i].guard.len != 0;
	}
	/* and those that have no entry of their own */
	guards.guarded += policy->guard.len && !guards.guarded;
	return guards;
}
