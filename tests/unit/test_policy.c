// SPDX-License-Identifier: Apache-2.0
/* A file becomes a policy, or an error with its place. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/rule.h"
#include "policy/policy.h"

struct warnings {
	int count;
	struct policy_diag last;
};

static void on_warning(void *ctx, const struct policy_diag *diag)
{
	struct warnings *w = ctx;

	w->count++;
	w->last = *diag;
}

static int load_with(const char *text, bool strict, struct warnings *w, struct policy **ret,
		     struct policy_diag *diag)
{
	struct policy_load_options options = { .strict = strict, .warn = on_warning, .ctx = w };

	return policy_load_buffer("p.yaml", text, strlen(text), &options, ret, diag);
}

static struct policy *load(const char *text)
{
	struct warnings w = { 0 };
	struct policy_diag diag = { 0 };
	struct policy *policy = NULL;
	int r = load_with(text, false, &w, &policy, &diag);

	cr_assert_eq(r, 0, "%u:%u: %s", diag.line, diag.column, diag.text);
	cr_assert_eq(w.count, 0, "%s", w.last.text);
	return policy;
}

static void refused(const char *text, int error, unsigned int line, unsigned int column,
		    const char *says)
{
	struct warnings w = { 0 };
	struct policy_diag diag = { 0 };
	struct policy *policy = NULL;
	int r = load_with(text, false, &w, &policy, &diag);

	cr_assert_eq(r, error, "%d for %s", r, text);
	cr_assert_null(policy);
	cr_assert_str_eq(diag.file, "p.yaml");
	cr_assert(strstr(diag.text, says), "\"%s\" lacks \"%s\"", diag.text, says);
	cr_assert_eq(diag.line, line, "line %u: %s", diag.line, diag.text);
	cr_assert_eq(diag.column, column, "column %u: %s", diag.column, diag.text);
}

static bool allowed(const struct policy *policy, const char *tool)
{
	const char *reason = NULL;
	uint32_t rule;
	bool yes = policy_tool_allowed(policy, tool, &reason, &rule);

	cr_assert_eq(yes, reason == NULL);
	return yes;
}

#define HEAD "name: p\n"

Test(policy, reads_the_design_example)
{
	struct policy *p = load(
		"name: files-only\nversion: \"1.0\"\non_violation: block\n"
		"rules: { allowed_tools: [read_text_file, write_file] }\n"
		"kernel:\n  mode: enforce\n  undeclared: deny\n"
		"  baseline: { exec: [\"/usr/bin/node\"], read: [\"/usr/**\"], connect: [] }\n"
		"  never:\n    read: [\"/etc/shadow\", \"**/.env\"]\n"
		"  tools:\n    read_text_file: { read: [\"${args.path}\"], within: [\"/srv/**\"] "
		"}\n"
		"    write_file: { write: [\"${args.path}\"], timeout: 1.5 }\n"
		"  allow: [ptrace, raw-sockets]\n");

	cr_assert_str_eq(policy_name(p), "files-only");
	cr_assert_str_eq(policy_version(p), "1.0");
	cr_assert_not(policy_observes(p));
	cr_assert_not(policy_logs_undeclared(p));
	cr_assert_eq(policy_allow(p), 1u << EC_PRIV_PTRACE | 1u << EC_PRIV_RAW_SOCKETS);
	cr_assert(allowed(p, "write_file"));
	policy_free(p);
}

Test(policy, lists_compare_whole_names_without_case)
{
	struct policy *p = load(HEAD "rules: {allowed_tools: [Read, \"\xc3\x89t\xc3\xa9\"], "
				     "denied_tools: [exec]}");

	cr_assert(allowed(p, "READ"));
	cr_assert(allowed(p, "\xc3\xa9T\xc3\x89"));
	cr_assert_not(allowed(p, "read_file"));
	cr_assert_not(allowed(p, "rea"));
	cr_assert_not(allowed(p, ""));
	cr_assert_not(allowed(p, "read\n"));
	cr_assert_not(allowed(p, "\xff"));
	policy_free(p);
}

Test(policy, deny_beats_allow_and_names_its_rule)
{
	struct policy *p = load(HEAD
				"rules:\n  allowed_tools: [shell]\n  denied_tools: [x, SHELL]\n");
	const struct policy_rule *rule;
	const char *reason;
	uint32_t id;

	cr_assert_not(policy_tool_allowed(p, "shell", &reason, &id));
	rule = policy_rule(p, id);
	cr_assert_not_null(rule);
	cr_assert_str_eq(rule->section, "rules.denied_tools");
	cr_assert_str_eq(rule->pattern, "SHELL");
	cr_assert_eq(rule->line, 4);
	cr_assert_eq(rule->column, 21);
	cr_assert_null(policy_rule(p, 0));
	cr_assert_str_eq(policy_rule(p, 4)->section, "built in");
	cr_assert_null(policy_rule(p, 5));
	policy_free(p);
}

Test(policy, null_allows_all_and_empty_none)
{
	struct policy *p = load(HEAD "rules: {allowed_tools: null, denied_tools: [x]}");

	cr_assert(allowed(p, "anything"));
	cr_assert_not(allowed(p, "X"));
	policy_free(p);
	p = load(HEAD "rules: {allowed_tools: []}");
	cr_assert_not(allowed(p, "anything"));
	policy_free(p);
	p = load(HEAD);
	cr_assert(allowed(p, "anything"));
	policy_free(p);
}

/* The e of these is Cyrillic, or wide, or decorated. */
Test(policy, a_name_that_looks_like_another_must_be_written)
{
	struct policy *p = load(HEAD "rules: { denied_tools: [execute], allowed_tools: null }\n"
				     "kernel: { tools: { \"\xc3\xbc"
				     "bersetze\": {} } }\n");

	cr_assert(allowed(p, "run"));
	cr_assert_not(allowed(p, "Execute"));
	cr_assert_not(allowed(p, "\xd0\xb5xecute"));
	cr_assert_not(allowed(p, "\xef\xbd\x85xecute"));
	cr_assert_not(allowed(p, "ex\xc3\xa9"
				 "cute"));
	cr_assert(allowed(p, "\xc3\xbc"
			     "bersetze"));
	cr_assert(allowed(p, "\xc3\x9c"
			     "BERSETZE"));
	policy_free(p);
	p = load(HEAD "rules: { allowed_tools: [\"\xc3\xbc"
		      "bersetze\"] }\n");
	cr_assert(allowed(p, "\xc3\xbc"
			     "bersetze"));
	cr_assert_not(allowed(p, "ubersetze"));
	policy_free(p);
}

Test(policy, deprecated_keys_and_aliases_are_known)
{
	struct policy *p = load(HEAD
				"allowed_tools: [a]\ndenied_tools: [b]\nnetwork: {enabled: true}\n"
				"resources: {max_memory_mb: 1}\nextends: null\n"
				"rules: {pii_config: {strategy: mask}, redact_output: yes}\n");

	cr_assert(allowed(p, "a"));
	cr_assert_not(allowed(p, "c"));
	policy_free(p);
}

Test(policy, log_means_observe_unless_mode_says_otherwise)
{
	struct policy *p = load(HEAD "on_violation: log\n");

	cr_assert(policy_observes(p));
	policy_free(p);
	p = load(HEAD "on_violation: log\nkernel: {mode: enforce, undeclared: log}\n");
	cr_assert_not(policy_observes(p));
	cr_assert(policy_logs_undeclared(p));
	policy_free(p);
	p = load(HEAD "kernel: {mode: observe}\n");
	cr_assert(policy_observes(p));
	policy_free(p);
}

Test(policy, unknown_keys_warn_with_the_nearest_and_strict_refuses)
{
	const char *text = HEAD "kernel:\n  never:\n    raed: [/x]\n";
	struct warnings w = { 0 };
	struct policy_diag diag = { 0 };
	struct policy *policy = NULL;

	cr_assert_eq(load_with(text, false, &w, &policy, &diag), 0);
	cr_assert_eq(w.count, 1);
	cr_assert_eq(w.last.line, 4);
	cr_assert_eq(w.last.column, 5);
	cr_assert(strstr(w.last.text, "\"raed\""));
	cr_assert(strstr(w.last.text, "\"read\""));
	policy_free(policy);
	policy = NULL;
	cr_assert_eq(load_with(text, true, &w, &policy, &diag), -EINVAL);
	cr_assert_null(policy);
	cr_assert_eq(diag.line, 4);
	cr_assert(strstr(diag.text, "raed"));
}

Test(policy, errors_have_a_place)
{
	refused("not: valid: yaml: [[[\n", -EINVAL, 1, 11, "mapping values");
	refused("# x\nname: \"\"\nversion: \"1.0\"\n", -EINVAL, 2, 7, "empty");
	refused(HEAD "rules: \"text\"\n", -EINVAL, 2, 8, "mapping");
	refused("version: \"1.0\"\n", -EINVAL, 1, 1, "name");
	refused("", -EINVAL, 1, 1, "empty");
	refused("- a\n", -EINVAL, 1, 1, "mapping");
	refused(HEAD "rules: {allowed_tools: [no]}", -EINVAL, 2, 25, "quotes");
	refused(HEAD "rules: {allowed_tools: x}", -EINVAL, 2, 24, "list");
	refused(HEAD "rules: {allowed_tools: [\"a b\"]}", -EINVAL, 2, 25, "tool name");
	refused(HEAD "on_violation: maybe\n", -EINVAL, 2, 15, "block, log, redact");
	refused(HEAD "kernel: {allow: [root]}", -EINVAL, 2, 18, "ptrace");
	refused(HEAD "kernel: {mode: on}", -EINVAL, 2, 16, "enforce, observe");
	refused(HEAD "kernel: {tools: {t: {timeout: -1}}}", -EINVAL, 2, 31, "seconds");
	refused(HEAD "kernel: {tools: {Tool: {}, tOOL: {}}}", -EINVAL, 2, 28, "already");
}

Test(policy, bad_patterns_have_a_place)
{
	refused(HEAD "kernel:\n  never:\n    read:\n      - /a\n      - etc/x\n", -EINVAL, 6, 9,
		"must start with");
	refused(HEAD "kernel: {baseline: {read: [\"/a/../b\"]}}", -EINVAL, 2, 28, "..");
	refused(HEAD "kernel: {baseline: {read: [\"/${args.x}\"]}}", -EINVAL, 2, 28, "argument");
	refused(HEAD "kernel: {baseline: {connect: [\"host\"]}}", -EINVAL, 2, 31, "port");
	refused(HEAD "kernel: {tools: {t: {read: [\"/a/*/${args.x}\"]}}}", -EINVAL, 2, 29,
		"wildcard before");
	refused(HEAD "kernel: {tools: {t: {read: [\"${env.x}\"]}}}", -EINVAL, 2, 29,
		"${args.NAME}");
	refused(HEAD "kernel: {tools: {t: {read: [\"${args.x\"]}}}", -EINVAL, 2, 29,
		"${args.NAME}");
	refused(HEAD "kernel: {tools: {t: {read: [\"/srv/../${args.x}\"]}}}", -EINVAL, 2, 29, "..");
	refused(HEAD "kernel: {tools: {t: {within: [\"${args.x}\"]}}}", -EINVAL, 2, 31, "argument");
	refused(HEAD "kernel: {never: {read: [**/.env]}}", -EINVAL, 2, 26, "quotes");
}

Test(policy, yaml_tricks_are_refused)
{
	refused(HEAD "name: q\n", -EINVAL, 2, 1, "already set on line 1");
	refused(HEAD "a: 1\n\"a\": 2\n", -EINVAL, 3, 1, "already");
	refused(HEAD "rules: *x\n", -EINVAL, 2, 8, "alias");
	refused(HEAD "rules: &a {network: *a}\n", -EINVAL, 2, 21, "alias");
	refused(HEAD "x: !!python/object:os.system {}\n", -EINVAL, 2, 4, "tags");
	refused(HEAD "---\nname: q\n", -EINVAL, 2, 1, "document");
	refused(HEAD "x: \"a\\0b\"\n", -EINVAL, 2, 4, "NUL");
	refused(HEAD "{a: b}: c\n", -EINVAL, 2, 1, "");
	refused(HEAD "x: \"\xff\"\n", -EINVAL, 2, 5, "UTF-8");
	refused(HEAD "<<: {a: b}\n", -EINVAL, 2, 1, "merge");
}

Test(policy, json_is_read_with_its_escapes)
{
	struct policy *p = load("{\n\t\"name\": \"a\\/b \\ud83d\\ude00\",\n"
				"\t\"rules\": {\"allowed_tools\": [\"x\"]}\n}\n");

	cr_assert_str_eq(policy_name(p), "a/b \xf0\x9f\x98\x80");
	cr_assert(allowed(p, "x"));
	policy_free(p);
	refused("{\"name\": \"\\ud83d\\ude00\", \"rules\": 3}", -EINVAL, 1, 35, "mapping");
	refused("{\"name\": \"\\ud83d\"}", -EINVAL, 1, 13, "Unicode");
}

Test(policy, prints_a_diagnosis_on_one_line)
{
	struct policy_diag diag = { .file = "a\nb", .line = 3, .column = 4, .text = "x\x1b[31m" };
	char *out = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&out, &len);

	policy_diag_print(&diag, to);
	fclose(to);
	cr_assert_str_eq(out, "a\\x0ab:3:4: x\\x1b[31m\n");
	free(out);
}

Test(policy, a_missing_file_is_an_error)
{
	struct policy_diag diag = { 0 };
	struct policy *policy = NULL;

	cr_assert_eq(policy_load("/nonexistent/p.yaml", NULL, &policy, &diag), -ENOENT);
	cr_assert_str_eq(diag.file, "/nonexistent/p.yaml");
	cr_assert_eq(policy_load("/", NULL, &policy, &diag), -EISDIR);
	cr_assert_eq(policy_load("/", NULL, &policy, NULL), -EISDIR);
	cr_assert_eq(policy_load_buffer("p", "extends: /", 10, NULL, &policy, NULL), -EISDIR);
}
