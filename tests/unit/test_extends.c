// SPDX-License-Identifier: Apache-2.0
/* A child over its parent: what it writes replaces, what it does not stays, and
 * what is forbidden stays forbidden. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/rule.h"
#include "policy/text/extends.h"
#include "policy/text/model.h"
#include "policy_text.h"

static char dir[] = "/tmp/ec-extends-XXXXXX";
static char path[400];

static const char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *to = fopen(in_dir(name), "w");

	cr_assert_not_null(to);
	fputs(text, to);
	fclose(to);
}

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static void tear_down(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

TestSuite(extends, .init = set_up, .fini = tear_down);

static struct loaded load_strictly(const char *name, bool strict)
{
	struct loaded l = { 0 };
	struct policy_load_options options = { .strict = strict, .warn = loaded_warn, .ctx = &l };

	l.r = policy_load(in_dir(name), &options, &l.policy, &l.diag);
	cr_assert_eq(l.r < 0, l.policy == NULL);
	return l;
}

static struct policy *load(const char *parent, const char *child)
{
	struct loaded l;

	write_file("parent.yaml", parent);
	write_file("child.yaml", child);
	l = load_strictly("child.yaml", true);
	cr_assert_eq(l.r, 0, "%s:%u:%u: %s", l.diag.file, l.diag.line, l.diag.column, l.diag.text);
	return l.policy;
}

static void refused(const char *child, int error, const char *file, unsigned int line,
		    unsigned int column, const char *says)
{
	struct loaded l;
	char full[400];

	write_file("child.yaml", child);
	l = load_strictly("child.yaml", true);
	cr_assert_eq(l.r, error, "%d: %s", l.r, l.diag.text);
	snprintf(full, sizeof(full), "%s/%s", dir, file);
	diag_is(&l.diag, full, line, column, says);
}

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

static bool allowed(const struct policy *p, const char *tool)
{
	const char *reason;
	uint32_t rule;

	return policy_tool_allowed(p, tool, &reason, &rule);
}

#define EXTENDS "extends: parent.yaml\n"
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

Test(extends, goes_up_from_parent_to_parent)
{
	struct policy *p;

	cr_assert_eq(mkdir(in_dir("up"), 0755), 0);
	write_file("up/grand.yaml", "name: grand\nversion: \"g\"\nrules: {denied_tools: [g]}\n");
	write_file("grand.yaml", "name: wrong\n");
	write_file("up/middle.yaml", "name: middle\nextends: grand.yaml\n"
				     "rules: {denied_tools: [m]}\n");
	p = load("name: base\nextends: up/middle.yaml\n", EXTENDS "name: child\n");
	cr_assert_str_eq(policy_name(p), "child");
	cr_assert_str_eq(policy_version(p), "g");
	cr_assert_not(allowed(p, "g"));
	cr_assert_not(allowed(p, "m"));
	policy_free(p);
}

Test(extends, a_path_may_be_absolute_and_a_parent_json)
{
	char text[500];
	struct loaded l;

	write_file("parent.json", "{\"name\": \"j\", \"rules\": {\"denied_tools\": [\"x\"]}}");
	snprintf(text, sizeof(text), "extends: \"%s\"\n", in_dir("parent.json"));
	l = load_bytes(text, strlen(text), true);
	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_assert_not(allowed(l.policy, "x"));
	policy_free(l.policy);
}

Test(extends, every_problem_has_the_place_where_it_is)
{
	write_file("parent.yaml", "name: base\nkernel:\n  never: {raed: [/x]}\n");
	refused(EXTENDS, -EINVAL, "parent.yaml", 3, 11, "\"read\"");
	write_file("parent.yaml", "name: base\nkernel: {mode: loud}\n");
	refused(EXTENDS "kernel: {mode: enforce}\n", -EINVAL, "parent.yaml", 2, 16, "observe");
	write_file("parent.yaml", "name: base\nkernel: {baseline: {read: [x]}}\n");
	refused(EXTENDS "kernel: {baseline: {read: []}}\n", -EINVAL, "parent.yaml", 2, 28, "start");
	write_file("parent.yaml", "name: [\n");
	refused(EXTENDS, -EINVAL, "parent.yaml", 2, 1, "");
	write_file("parent.yaml", "rules: {}\n");
	refused(EXTENDS, -EINVAL, "child.yaml", 1, 1, "\"name\" is missing");
	refused("name: c\nextends: none.yaml\n", -ENOENT, "child.yaml", 2, 10, "none.yaml");
	refused("extends: .\n", -EISDIR, "child.yaml", 1, 10, "directory");
	refused("extends: [a]\n", -EINVAL, "child.yaml", 1, 10, "text");
	refused("extends: \"\"\n", -EINVAL, "child.yaml", 1, 10, "path");
	cr_assert_eq(mkfifo(in_dir("pipe"), 0600), 0);
	refused("extends: pipe\n", -EINVAL, "child.yaml", 1, 10, "pipe");
	refused("extends: /dev/zero\n", -EINVAL, "child.yaml", 1, 10, "/dev/zero");
}

Test(extends, warnings_come_once_and_from_every_file)
{
	struct loaded l;

	write_file("parent.yaml", "name: base\nwhat: 1\n");
	write_file("child.yaml", EXTENDS "huh: 1\n");
	l = load_strictly("child.yaml", false);
	cr_assert_eq(l.r, 0);
	cr_assert_eq(l.warnings, 2);
	diag_is(&l.first, in_dir("child.yaml"), 2, 1, "huh");
	policy_free(l.policy);
}

Test(extends, a_circle_is_named)
{
	char chain[1000];

	write_file("a.yaml", "name: a\nextends: ./b.yaml\n");
	write_file("b.yaml", "name: b\nextends: child.yaml\n");
	snprintf(chain, sizeof(chain),
		 "%s/child.yaml -> %s/a.yaml -> %s/./b.yaml -> %s/./child.yaml", dir, dir, dir,
		 dir);
	refused("extends: a.yaml\n", -ELOOP, "./b.yaml", 2, 10, chain);
	refused("extends: child.yaml\n", -ELOOP, "child.yaml", 1, 10, "child.yaml -> ");
	cr_assert_eq(symlink("child.yaml", in_dir("link.yaml")), 0);
	refused("extends: link.yaml\n", -ELOOP, "child.yaml", 1, 10, "link.yaml");
}

Test(extends, sixteen_parents_are_enough)
{
	char name[20], text[100];

	write_file("0.yaml", "name: top\n");
	for (unsigned int i = 1; i <= EXTENDS_MAX; i++) {
		sprintf(name, "%u.yaml", i);
		sprintf(text, "extends: %u.yaml\n", i - 1);
		write_file(name, text);
	}
	struct loaded l = load_strictly("16.yaml", true);

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	policy_free(l.policy);
	refused("extends: 16.yaml\n", -E2BIG, "1.yaml", 1, 10, "16 files");
}

Test(extends, limits_hold_for_all_files_together)
{
	size_t len = TREE_TEXT_MAX - 1000;
	char *text = malloc(len + 1);

	memset(text, '#', len);
	text[len] = '\0';
	memcpy(text, "name: p\n", 8);
	write_file("parent.yaml", text);
	free(text);
	policy_free(load_strictly("parent.yaml", true).policy);
	text = calloc(1, 3000);
	memset(text, '#', 2000);
	memcpy(text, EXTENDS, strlen(EXTENDS));
	refused(text, -E2BIG, "child.yaml", 1, 10, "16 MiB");
	free(text);
}

/* Each file is well below the limit of values, both are not. */
Test(extends, values_count_over_all_files)
{
	const size_t items = TREE_NODES_MAX / 2 + 1000;
	char *text = malloc(2 * items + 100), *at = stpcpy(text, "x: [");

	for (size_t i = 0; i < items; i++)
		at = stpcpy(at, "1,");
	strcpy(at, "]\nname: p\n");
	write_file("parent.yaml", text);
	strcpy(at, "]\n" EXTENDS);
	write_file("child.yaml", text);
	free(text);
	struct loaded l = load_strictly("parent.yaml", false);

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	policy_free(l.policy);
	l = load_strictly("child.yaml", false);
	cr_assert_eq(l.r, -E2BIG);
	cr_assert_str_eq(l.diag.file, in_dir("parent.yaml"));
	cr_assert_eq(l.diag.line, 1);
}

static int refuse_open(void *ctx, const char *asked)
{
	cr_assert_str_eq(asked, "/etc/ec/../base.yaml");
	++*(int *)ctx;
	return -EPERM;
}

Test(extends, the_caller_may_refuse_to_open)
{
	static const char text[] = "extends: ../base.yaml\n";
	int asked = 0;
	struct policy_load_options options = { .open = refuse_open, .ctx = &asked };
	struct policy *policy = NULL;
	struct policy_diag diag;

	cr_assert_eq(
		policy_load_buffer("/etc/ec/p.yaml", text, strlen(text), &options, &policy, &diag),
		-EPERM);
	cr_assert_eq(asked, 1);
	diag_is(&diag, "/etc/ec/p.yaml", 1, 10, "not permitted");
}
