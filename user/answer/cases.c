// SPDX-License-Identifier: Apache-2.0
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cases_impl.h"
#include "policy/automaton/pool.h"
#include "policy/tree/source.h"
#include "user/moment.h"
#include "user/util.h"

int cases_complain(const struct suite *s, const struct tree *at, const char *why)
{
	fprintf(stderr, "%s:%u:%u: %s\n", s->path, at->line, at->column, why);
	return -EINVAL;
}

const char *cases_text(const struct tree *map, const char *key)
{
	const struct tree *at = tree_get(map, key);

	return at && at->kind == TREE_TEXT && !tree_is_null(at) ? at->text : NULL;
}

bool cases_has_only(const struct tree *map, const char *const *keys)
{
	size_t known = 0;

	for (; *keys; keys++)
		known += tree_get(map, *keys) != NULL;
	return known == map->len;
}

static int trip(const struct suite *s, const struct tree *at, uint32_t *tripped)
{
	uint32_t flows = at->kind == TREE_TEXT ? ask_flows(s->file.policy, at->text) : 0;

	*tripped |= flows;
	return flows ? 0 :
		       cases_complain(
			       s, at,
			       "tripped: no flow of the policy is `after` that (an "
			       "operation and a label, such as \"read secret\", or a label)");
}

int cases_read_setting(const struct suite *s, const struct tree *map, struct setting *setting)
{
	const struct tree *time = tree_get(map, "time"), *tripped = tree_get(map, "tripped");
	int r = 0;

	if (time && (time->kind != TREE_TEXT || moment_parse(time->text, &setting->now) < 0))
		return cases_complain(s, time,
				      "time is a date and a time with its offset, such as "
				      "2026-03-02T09:30:00+01:00");
	if (!tripped)
		return 0;
	setting->tripped = 0;
	if (tripped->kind != TREE_LIST)
		return trip(s, tripped, &setting->tripped);
	for (size_t i = 0; r == 0 && i < tripped->len; i++)
		r = trip(s, tripped->at[i], &setting->tripped);
	return r;
}

/* A path that the file names is relative to it. */
static int beside(const struct suite *s, const struct tree *at, const char *name, char *to)
{
	const char *slash = strrchr(s->path, '/');
	int dir_len = slash ? (int)(slash - s->path) + 1 : 0;

	if (snprintf(to, PATH_MAX, "%.*s%s", name[0] == '/' ? 0 : dir_len, s->path, name) >=
	    PATH_MAX)
		return cases_complain(s, at, "the path is too long");
	return 0;
}

static int open_policy(struct suite *s, const struct tree *top)
{
	const char *name = cases_text(top, "policy"), *cwd = cases_text(top, "cwd");
	struct policy_file_options options = { .strict = true, .home = cases_text(top, "home") };
	char path[PATH_MAX], cwd_path[PATH_MAX];
	int r;

	if (!name)
		return cases_complain(s, top, "which `policy`?");
	if (tree_get(top, "home") && (!options.home || options.home[0] != '/'))
		return cases_complain(s, tree_get(top, "home"), "home is an absolute path");
	if (tree_get(top, "cwd") && !cwd)
		return cases_complain(s, tree_get(top, "cwd"), "cwd is a directory");
	if ((r = beside(s, tree_get(top, "policy"), name, path)) < 0 ||
	    (cwd && (r = beside(s, tree_get(top, "cwd"), cwd, cwd_path)) < 0))
		return r;
	options.cwd = cwd ? cwd_path : NULL;
	return policy_file_open(&s->file, path, &options);
}

static int run_cases(struct suite *s, const struct tree *top)
{
	static const char *const keys[] = { "policy",  "home",	"cwd", "time",
					    "tripped", "cases", NULL };
	const struct tree *cases = top->kind == TREE_MAP ? tree_get(top, "cases") : NULL;
	int r;

	if (!cases || cases->kind != TREE_LIST || !cases->len || !cases_has_only(top, keys))
		return cases_complain(s, top,
				      "a file of cases has `policy`, a list of `cases`, and "
				      "home, cwd, time, tripped");
	if ((r = open_policy(s, top)) < 0 || (r = cases_read_setting(s, top, &s->setting)) < 0)
		return r;
	for (size_t i = 0; r == 0 && i < cases->len; i++)
		r = cases_run_one(s, cases->at[i]);
	return r;
}

int cases_run(const char *path, struct cases_count *count)
{
	struct suite s = { .path = path, .file = POLICY_FILE_NONE, .count = count };
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
	return r;
}
