// SPDX-License-Identifier: Apache-2.0
/* A child over its parent: what it writes replaces, what it does not stays, and
 * what is forbidden stays forbidden. */
#include <errno.h>

#include "bpf/rule.h"
#include "extends_dir.h"
#include "policy/text/model.h"

TestSuite(extends, .init = set_up, .fini = tear_down);

/* The patterns of a list, in order, each with the first letter of its file. */
static void list_is(const struct policy *p, struct patterns list, const char *want)
{
	char got[500] = "";

	for (uint32_t i = 0; i < list.len; i++) {
		const struct policy_rule *rule = policy_rule(p, list.first + i);

		sprintf(got + strlen(got), "%s%c:%s", i ? " " : "", strrchr(rule->file, '/')[1],
			rule->pattern);
	}
	cr_assert_str_eq(got, want);
}

#define READ MODEL_INDEX(EC_OP_READ)
#define WRITE MODEL_INDEX(EC_OP_WRITE)

Test(extends, a_child_that_writes_nothing_is_its_parent)
{
	struct policy *p = load("name: base\nversion: \"7\"\non_violation: redact\n"
				"rules: {allowed_tools: [a], denied_tools: [b]}\n"
				"kernel:\n  mode: observe\n  undeclared: log\n  allow: [ptrace]\n"
				"  baseline: {read: [/r]}\n  never: {read: [/n]}\n"
				"  tools: {t: {read: [/t], within: [/w], timeout: 2}}\n",
				EXTENDS);

	cr_assert_str_eq(policy_name(p), "base");
	cr_assert_str_eq(policy_version(p), "7");
	cr_assert_eq(p->on_violation, MODEL_REDACT);
	cr_assert(allowed(p, "a"));
	cr_assert_not(allowed(p, "c"));
	cr_assert_not(allowed(p, "b"));
	cr_assert(policy_observes(p));
	cr_assert(policy_logs_undeclared(p));
	cr_assert_eq(policy_allow(p), 1u << EC_PRIV_PTRACE);
	list_is(p, p->baseline.op[READ], "p:/r");
	list_is(p, p->never.op[READ], "p:/n");
	list_is(p, model_tool(p, "t")->grants.op[READ], "p:/t");
	list_is(p, model_tool(p, "t")->within, "p:/w");
	cr_assert_eq(model_tool(p, "t")->timeout_ms, 2000);
	policy_free(p);
}

Test(extends, a_list_may_say_where_its_parents_goes)
{
	struct policy *p = load("name: base\nrules: {allowed_tools: [a]}\n"
				"kernel:\n  baseline: {read: [/r, /q], exec: []}\n"
				"  tools: {t: {read: [/t], within: [/w]}}\n",
				EXTENDS "allowed_tools: [b, \"${parent}\"]\n"
					"kernel:\n"
					"  baseline: {read: [/0, \"${parent}\", /1], exec: "
					"[\"${parent}\"]}\n"
					"  tools: {T: {within: [\"${parent}\", /v]}}\n");

	list_is(p, p->baseline.op[READ], "c:/0 p:/r p:/q c:/1");
	cr_assert_eq(p->baseline.op[MODEL_INDEX(EC_OP_EXEC)].len, 0);
	list_is(p, model_tool(p, "t")->within, "p:/w c:/v");
	cr_assert(allowed(p, "a"));
	cr_assert(allowed(p, "b"));
	cr_assert_not(allowed(p, "c"));
	policy_free(p);
}

Test(extends, a_list_of_no_parent_goes_nowhere)
{
	write_file("parent.yaml", "name: base\nkernel: {baseline: {read: [/r], write: null}}\n");
	refused(EXTENDS "kernel: {baseline: {exec: [\"${parent}\"]}}\n", -EINVAL, "child.yaml", 2,
		28, "no parent has a list of baseline.exec");
	refused(EXTENDS "kernel: {baseline: {write: [\"${parent}\"]}}\n", -EINVAL, "child.yaml", 2,
		29, "no parent has");
	refused(EXTENDS "kernel: {baseline: {read: [\"${parent}\", /x, \"${parent}\"]}}\n", -EINVAL,
		"child.yaml", 2, 45, "here already");
	refused("name: n\nkernel: {baseline: {read: [\"${parent}\"]}}\n", -EINVAL, "child.yaml", 2,
		28, "no parent has");
	refused(EXTENDS "rules: {denied_tools: [\"${parent}\"]}\n", -EINVAL, "child.yaml", 2, 24,
		"${parent}");
}

Test(extends, a_written_key_replaces_and_its_neighbours_stay)
{
	struct policy *p = load("name: base\non_violation: log\n"
				"rules: {allowed_tools: [a, b], redact_output: true}\n"
				"kernel: {undeclared: log, allow: [ptrace], baseline: {read: [/r], "
				"write: [/w]}}\n",
				"name: mine\n" EXTENDS "on_violation: block\n"
				"rules: {allowed_tools: [a]}\n"
				"kernel: {allow: [bpf], baseline: {read: [/mine]}}\n");

	cr_assert_str_eq(policy_name(p), "mine");
	cr_assert_not(policy_observes(p));
	cr_assert(policy_logs_undeclared(p));
	cr_assert_not(allowed(p, "b"));
	cr_assert_eq(policy_allow(p), 1u << EC_PRIV_BPF);
	list_is(p, p->baseline.op[READ], "c:/mine");
	list_is(p, p->baseline.op[WRITE], "p:/w");
	policy_free(p);
}

Test(extends, what_is_forbidden_adds_up)
{
	struct policy *p = load("name: base\nrules: {denied_tools: [a, b]}\n"
				"kernel: {never: {read: [/one, /two]}}\n",
				EXTENDS "rules: {denied_tools: [c, b]}\n"
					"kernel: {never: {read: [/two, /three], write: [/x]}}\n");

	cr_assert_not(allowed(p, "A"));
	cr_assert_not(allowed(p, "b"));
	cr_assert_not(allowed(p, "c"));
	list_is(p, p->never.op[READ], "p:/one p:/two c:/three");
	list_is(p, p->never.op[WRITE], "c:/x");
	policy_free(p);
}

Test(extends, nothing_written_in_a_forbidding_list_lifts_it)
{
	static const char *const children[] = {
		EXTENDS "rules: {denied_tools: []}\nkernel: {never: {read: []}}\n",
		EXTENDS "rules: {denied_tools: null}\nkernel: {never: {read: }}\n",
		EXTENDS "rules: {denied_tools: ~}\nkernel: {never: }\n",
		EXTENDS "rules:\nkernel:\n",
		EXTENDS "denied_tools: []\n",
	};

	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
		struct policy *p = load("name: base\nrules: {denied_tools: [b]}\n"
					"kernel: {never: {read: [/n]}}\n",
					children[i]);

		cr_assert_not(allowed(p, "b"), "%s", children[i]);
		list_is(p, p->never.op[READ], "p:/n");
		policy_free(p);
	}
}

Test(extends, an_empty_map_writes_no_key_and_a_null_value_is_a_value)
{
	struct policy *p = load("name: base\nrules: {allowed_tools: [a]}\n"
				"kernel: {baseline: {read: [/r], write: [/w]}, tools: "
				"{t: {within: [/t]}, u: {within: [/u]}}}\n",
				EXTENDS "rules: {allowed_tools: null}\n"
					"kernel: {baseline: {write: []}, tools: {t: , u: {within: "
					"null}}}\n");

	cr_assert(allowed(p, "anything"));
	list_is(p, p->baseline.op[READ], "p:/r");
	list_is(p, p->baseline.op[WRITE], "");
	cr_assert(model_tool(p, "t")->has_within);
	cr_assert_not(model_tool(p, "u")->has_within);
	policy_free(p);
}

Test(extends, tools_merge_by_name_in_any_case_and_keep_their_ceiling)
{
	struct policy *p = load("name: base\nkernel: {tools: {Tool: {read: [/a], within: [/w], "
				"timeout: 1}, other: {read: [/o]}}}\n",
				EXTENDS "kernel: {tools: {tOOL: {read: [/mine]}, new: {}}}\n");

	cr_assert_eq(p->tools_len, 3);
	list_is(p, model_tool(p, "tool")->grants.op[READ], "c:/mine");
	list_is(p, model_tool(p, "tool")->within, "p:/w");
	cr_assert_eq(model_tool(p, "tool")->timeout_ms, 1000);
	cr_assert_str_eq(model_tool(p, "tool")->within_file, in_dir("parent.yaml"));
	list_is(p, model_tool(p, "other")->grants.op[READ], "p:/o");
	policy_free(p);
}

Test(extends, other_spellings_of_a_key_are_the_same_key)
{
	struct policy *p = load("name: base\ndenied_tools: [a]\nallowed_tools: [a, b]\n",
				EXTENDS "rules: {denied_tools: [c], allowed_tools: [b, c]}\n");

	cr_assert_not(allowed(p, "a"));
	cr_assert(allowed(p, "b"));
	cr_assert_not(allowed(p, "c"));
	cr_assert_not(allowed(p, "d"));
	policy_free(p);
}
