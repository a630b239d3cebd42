// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy.c - enforcecore policy test: a file of cases, each an effect and
 * the verdict that it must get.
 *
 *   policy: ../filesystem.yaml      # relative to this file
 *   cases:
 *     - { effect: read /etc/shadow, expect: deny, reason: never }
 *     - { tool: write_file, args: { path: /srv/x }, effect: write /srv/x, expect: allow }
 *     - { tool: delete, expect: refused }        # the declaration itself
 */
#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "user/answer/declared.h"
#include "policy/automaton/pool.h"
#include "policy/text/source.h"
#include "user/answer/policy_file.h"
#include "user/util.h"

#define UNUSABLE 2
#define REFUSED "refused"

struct suite {
	const char *path;
	struct policy_file file;
	unsigned int passed, failed;
};

static cJSON *json_of(const struct tree *tree);

static cJSON *json_list(const struct tree *tree)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; list && i < tree->len; i++)
		cJSON_AddItemToArray(list, json_of(tree->at[i]));
	return list;
}

static cJSON *json_map(const struct tree *tree)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; map && i < tree->len; i++)
		cJSON_AddItemToObject(map, tree->at[2 * i]->text, json_of(tree->at[2 * i + 1]));
	return map;
}

static cJSON *json_of(const struct tree *tree)
{
	double number;
	bool yes;

	if (tree->kind == TREE_LIST)
		return json_list(tree);
	if (tree->kind == TREE_MAP)
		return json_map(tree);
	if (tree_is_null(tree))
		return cJSON_CreateNull();
	if (tree->plain && tree_bool(tree, &yes))
		return cJSON_CreateBool(yes);
	if (tree->plain && tree_number(tree, &number))
		return cJSON_CreateNumber(number);
	return cJSON_CreateString(tree->text);
}

static const char *text_of(const struct tree *map, const char *key)
{
	const struct tree *at = tree_get(map, key);

	return at && at->kind == TREE_TEXT && !tree_is_null(at) ? at->text : NULL;
}

/* What a case got: a word of `expect`, and why. */
struct outcome {
	const char *verdict;
	const char *reason;
};

static int judge_effect(struct suite *s, const char *effect, const struct policy_call *call,
			struct outcome *ret)
{
	struct asker asker = policy_file_asker(&s->file);
	struct effect_asked asked;
	struct answer a;
	int r = ask_text(&asker, call, effect, &asked, &a, &s->file.diag);

	if (r < 0)
		return r;
	ret->verdict = ask_verdict(a.verdict);
	ret->reason = ask_reason(a.reason);
	return 0;
}

static int decide(struct suite *s, const struct tree *at, struct outcome *ret)
{
	const char *effect = text_of(at, "effect"), *tool = text_of(at, "tool");
	const struct tree *args = tree_get(at, "args");
	cJSON *json = args ? json_of(args) : NULL;
	struct policy_call call = { 0 };
	int r = tool ? declared_compile(&s->file, tool, json, &call) : 0;

	cJSON_Delete(json);
	ret->verdict = r < 0 ? REFUSED : "allow";
	ret->reason = r < 0 ? s->file.diag.text : "declaration";
	if (r == -EACCES || r == -EINVAL)
		r = 0;
	else if (r == 0 && effect)
		r = judge_effect(s, effect, tool ? &call : NULL, ret);
	policy_call_done(&call);
	return r;
}

static void fail(struct suite *s, const struct tree *at, const char *name,
		 const struct outcome *got, const char *want)
{
	s->failed++;
	printf("%s:%u: %s: got %s (%s), not %s\n", s->path, at->line, name, got->verdict,
	       got->reason, want);
}

/* A refused declaration is `refused`, or `deny` because of the `declaration`;
 * its reason is a sentence, of which a case may give a part. Other reasons are
 * words. */
static void compare(struct suite *s, const struct tree *at, const char *name,
		    const struct outcome *got)
{
	const char *expect = text_of(at, "expect"), *reason = text_of(at, "reason");
	bool refused = !strcmp(got->verdict, REFUSED);

	if (refused && reason && !strcmp(reason, "declaration")) {
		if (!strcmp(expect, "deny"))
			expect = REFUSED;
		reason = NULL;
	}
	if (strcmp(got->verdict, expect))
		fail(s, at, name, got, expect);
	else if (reason && (refused ? !strstr(got->reason, reason) : strcmp(got->reason, reason)))
		fail(s, at, name, got, reason);
	else
		s->passed++;
}

static int bad_case(struct suite *s, const struct tree *at, const char *why)
{
	fprintf(stderr, "%s:%u:%u: %s\n", s->path, at->line, at->column, why);
	return -EINVAL;
}

/* NULL: it can be run. */
static const char *check_case(const struct tree *at)
{
	static const char *const keys[] = { "effect", "tool", "args", "expect", "reason", NULL };
	const char *expect = text_of(at, "expect"), *reason = text_of(at, "reason");
	const struct tree *args = tree_get(at, "args");
	size_t known = 0;

	for (const char *const *key = keys; *key; key++)
		known += tree_get(at, *key) != NULL;
	if (known != at->len || (!text_of(at, "effect") && !text_of(at, "tool")))
		return "a case has effect or tool, args, expect, reason";
	if (!expect || (strcmp(expect, "allow") && strcmp(expect, "deny") &&
			strcmp(expect, "would-deny") && strcmp(expect, REFUSED)))
		return "expect is allow, deny, would-deny or refused";
	if (args && (args->kind != TREE_MAP || !text_of(at, "tool")))
		return "args is a mapping, the arguments of `tool`";
	if (tree_get(at, "reason") && (!reason || !reason[0]))
		return "reason is a word such as never, or a part of why a call is refused";
	return NULL;
}

static int run_case(struct suite *s, const struct tree *at)
{
	const char *problem = at->kind == TREE_MAP ? check_case(at) : "a case is a mapping";
	struct outcome got;

	if (problem)
		return bad_case(s, at, problem);
	if (decide(s, at, &got) < 0)
		return bad_case(s, at, s->file.diag.text);
	compare(s, at, text_of(at, text_of(at, "effect") ? "effect" : "tool"), &got);
	return 0;
}

static int open_policy(struct suite *s, const struct tree *top)
{
	const char *name = text_of(top, "policy"), *slash = strrchr(s->path, '/');
	int dir_len = slash ? (int)(slash - s->path) + 1 : 0;
	char path[4096];

	if (!name)
		return bad_case(s, top, "which `policy`?");
	if (snprintf(path, sizeof(path), "%.*s%s", name[0] == '/' ? 0 : dir_len, s->path, name) >=
	    (int)sizeof(path))
		return bad_case(s, top, "the path of the policy is too long");
	return policy_file_open(&s->file, path, true);
}

static int run_cases(struct suite *s, const struct tree *top)
{
	const struct tree *cases = tree_get(top, "cases");
	int r;

	if (top->kind != TREE_MAP || !cases || cases->kind != TREE_LIST || !cases->len)
		return bad_case(s, top, "a file of cases has `policy` and a list of `cases`");
	if ((r = open_policy(s, top)) < 0)
		return r;
	for (size_t i = 0; i < cases->len; i++)
		if ((r = run_case(s, cases->at[i])) < 0)
			break;
	return r;
}

static int run_file(const char *path, unsigned int *passed, unsigned int *failed)
{
	struct suite s = { .path = path, .file = POLICY_FILE_NONE };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_source_ struct source source = { .bytes.name = path };
	_cleanup_pool_ struct pool pool = { 0 };
	struct policy_diag diag;
	struct tree *top;
	size_t nodes = 0;
	int r = fd < 0 ? -errno : source_read(&source, fd);

	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", path, strerror(-r));
	else if ((r = tree_parse(&source.bytes, &pool, &nodes, &top, &diag)) < 0)
		policy_diag_print(&diag, stderr);
	else
		r = run_cases(&s, top);
	policy_file_done(&s.file);
	*passed += s.passed;
	*failed += s.failed;
	return r;
}

struct words {
	char **paths;
	int len;
	bool has_verb;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!words->has_verb && strcmp(arg, "test"))
			argp_error(state, "%s: only `policy test` is known", arg);
		if (words->has_verb)
			words->paths[words->len++] = arg;
		words->has_verb = true;
		return 0;
	case ARGP_KEY_END:
		if (!words->len)
			argp_error(state, "policy test FILE...");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "test FILE...",
	.doc = "Runs files of cases against the policies that they name.\v"
	       "A FILE is YAML or JSON: `policy`, a path relative to FILE, and `cases`, each with "
	       "`effect` (as in explain -e) or `tool` and `args` or both, `expect` (allow, deny, "
	       "would-deny; refused: the declaration itself is) and, if it matters, `reason` "
	       "(never, flow, baseline, call, undeclared, writable, privilege, declaration; of a "
	       "refused declaration also a part of the sentence).\n\n"
	       "Exits with 0 when all pass, 1 when one fails (file:line), 2 when a file cannot be "
	       "used.",
};

int cmd_policy(int argc, char **argv)
{
	_cleanup_free_ char **paths = calloc((size_t)argc, sizeof(*paths));
	struct words words = { .paths = paths };
	unsigned int passed = 0, failed = 0;
	int status = 0;

	argp_err_exit_status = UNUSABLE;
	if (!paths || argp_parse(&argp, argc, argv, 0, NULL, &words))
		return UNUSABLE;
	for (int i = 0; i < words.len; i++)
		if (run_file(paths[i], &passed, &failed) < 0)
			status = UNUSABLE;
	printf("%u passed, %u failed\n", passed, failed);
	return status ? status : failed ? 1 : 0;
}
