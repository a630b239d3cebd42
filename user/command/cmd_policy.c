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
#include "policy/ask/ask.h"
#include "policy/automaton/pool.h"
#include "policy/text/source.h"
#include "policy_file.h"
#include "user/util.h"

#define UNUSABLE 2

struct suite {
	const char *path;
	struct policy_file file;
	unsigned int passed, failed;
};

static void fail(struct suite *s, const struct tree *at, const char *effect, const char *got,
		 const char *want)
{
	s->failed++;
	printf("%s:%u: %s: got %s, not %s\n", s->path, at->line, effect, got, want);
}

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

/* The verdict as a word of `expect`, the reason as one of `reason`. */
static int decide(struct suite *s, const struct tree *at, const char **ret_verdict,
		  const char **ret_reason)
{
	const char *effect = text_of(at, "effect"), *tool = text_of(at, "tool");
	const struct tree *args = tree_get(at, "args");
	cJSON *json = args ? json_of(args) : NULL;
	struct policy_call call = { 0 };
	struct effect_asked asked;
	struct answer a;
	int r = tool ? declared_compile(&s->file, tool, json, &call) : 0;

	cJSON_Delete(json);
	*ret_verdict = r < 0 ? "refused" : "allow";
	*ret_reason = r < 0 ? s->file.diag.text : "declaration";
	if (r < 0 || !effect)
		return r == -EACCES || r == -EINVAL ? 0 : r;
	r = effect_parse(effect, &s->file.env, &asked, &s->file.diag);
	if (r == 0) {
		a = ask(s->file.policy, &s->file.image, tool ? &call : NULL, 0, &asked);
		*ret_verdict = ask_verdict(a.verdict);
		*ret_reason = ask_reason(a.reason);
	}
	policy_call_done(&call);
	return r;
}

static int bad_case(struct suite *s, const struct tree *at, const char *why)
{
	fprintf(stderr, "%s:%u:%u: %s\n", s->path, at->line, at->column, why);
	return -EINVAL;
}

static int run_case(struct suite *s, const struct tree *at)
{
	static const char *const keys[] = { "effect", "tool", "args", "expect", "reason", NULL };
	const char *expect, *reason, *verdict, *why, *name;
	size_t known = 0;

	if (at->kind != TREE_MAP)
		return bad_case(s, at, "a case is a mapping");
	for (const char *const *key = keys; *key; key++)
		known += tree_get(at, *key) != NULL;
	expect = text_of(at, "expect");
	reason = text_of(at, "reason");
	name = text_of(at, "effect") ? text_of(at, "effect") : text_of(at, "tool");
	if (known != at->len || !name)
		return bad_case(s, at, "a case has effect or tool, args, expect, reason");
	if (!expect || (strcmp(expect, "allow") && strcmp(expect, "deny") &&
			strcmp(expect, "would-deny") && strcmp(expect, "refused")))
		return bad_case(s, at, "expect is allow, deny, would-deny or refused");
	if (decide(s, at, &verdict, &why) < 0)
		return bad_case(s, at, s->file.diag.text);
	if (strcmp(verdict, expect))
		fail(s, at, name, verdict, expect);
	else if (reason && !strstr(why, reason))
		fail(s, at, name, why, reason);
	else
		s->passed++;
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

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key == ARGP_KEY_END && (state->argc < 3 || strcmp(state->argv[1], "test")))
		argp_error(state, "policy test FILE...");
	return key == ARGP_KEY_ARG || key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "test FILE...",
	.doc = "Runs files of cases (`policy`, `cases`: effect, tool, args, expect, reason) "
	       "against "
	       "their policies.\vExits with 0 when all pass, 1 when one fails (file:line), 2 when "
	       "a "
	       "file cannot be used.",
};

int cmd_policy(int argc, char **argv)
{
	unsigned int passed = 0, failed = 0;
	int status = 0;

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, NULL))
		return UNUSABLE;
	for (int i = 2; i < argc; i++)
		if (run_file(argv[i], &passed, &failed) < 0)
			status = UNUSABLE;
	printf("%u passed, %u failed\n", passed, failed);
	return status ? status : failed ? 1 : 0;
}
