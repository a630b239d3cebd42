// SPDX-License-Identifier: Apache-2.0
/* policy_ask.c - what a loaded policy answers without compiling anything. */
#include <string.h>

#include "policy/text/model.h"

const char *policy_name(const struct policy *policy)
{
	return policy->name;
}

const char *policy_version(const struct policy *policy)
{
	return policy->version;
}

size_t policy_tools(const struct policy *policy)
{
	return policy->tools_len;
}

const char *policy_tool_name(const struct policy *policy, size_t index)
{
	return index < policy->tools_len ? policy->tools[index].name : NULL;
}

bool policy_observes(const struct policy *policy)
{
	return policy->observes;
}

enum policy_declare policy_declare(const struct policy *policy)
{
	return policy->declare;
}

bool policy_logs_undeclared(const struct policy *policy)
{
	return policy->logs_undeclared;
}

uint64_t policy_allow(const struct policy *policy)
{
	return policy->allow;
}

bool policy_serializes(const struct policy *policy, const char *tool)
{
	const struct tool *found = model_tool(policy, tool);

	return found ? found->serialize : policy->serialize;
}

const struct pii *policy_redacts_input(const struct policy *policy)
{
	return policy->pii;
}

const struct pii *policy_redacts_output(const struct policy *policy)
{
	return policy->redacts_output ? policy->pii : NULL;
}

struct policy_flow policy_flow(const struct policy *policy, size_t index)
{
	struct policy_flow none = { 0 };

	if (index >= policy->flows_len)
		return none;
	return (struct policy_flow) { .rule = policy->flows[index].rule,
				      .ops = policy->flows[index].deny };
}

uint32_t policy_flow_carry(const struct policy *policy, size_t index, const struct policy *to)
{
	const struct flow *from;
	uint32_t carry = 0;

	if (index >= policy->flows_len)
		return 0;
	from = &policy->flows[index];
	for (size_t i = 0; i < to->flows_len; i++)
		if (to->flows[i].after == from->after &&
		    !strcmp(to->flows[i].label->name, from->label->name))
			carry |= 1u << i;
	return carry;
}

const struct policy_rule *policy_rule(const struct policy *policy, uint32_t id)
{
	return id && id < policy->rules_len ? &policy->rules[id] : NULL;
}

static bool is_ascii(const char *text)
{
	while (*text && !((unsigned char)*text & 0x80))
		text++;
	return !*text;
}

bool policy_tool_allowed(const struct policy *policy, const char *tool, const char **ret_reason,
			 uint32_t *ret_rule)
{
	const struct fold_entry *entry;
	char folded[FOLD_LEN];

	*ret_rule = 0;
	*ret_reason = "not a tool name: empty, longer than 256 characters, or with characters "
		      "that no tool name has";
	if (!tool || fold_name(tool, folded) < 0)
		return false;
	entry = fold_set_find(&policy->denied_names, folded);
	if (entry) {
		*ret_reason = "the tool is in denied_tools";
		*ret_rule = entry->index;
		return false;
	}
	*ret_reason = "the tool is not in allowed_tools";
	if (!policy->allows_all && !fold_set_find(&policy->allowed_names, folded))
		return false;
	*ret_reason =
		"the tool's name has characters that may look like others, and the policy does "
		"not name it";
	if (policy->allows_all && !is_ascii(folded) && !fold_set_find(&policy->tool_names, folded))
		return false;
	*ret_reason = NULL;
	return true;
}

const struct tool *model_tool(const struct policy *policy, const char *name)
{
	const struct fold_entry *entry;
	char folded[FOLD_LEN];

	if (fold_name(name, folded) < 0)
		return NULL;
	entry = fold_set_find(&policy->tool_names, folded);
	return entry ? &policy->tools[entry->index] : NULL;
}
