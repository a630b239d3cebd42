// SPDX-License-Identifier: Apache-2.0
/*
 * call_path.c - a path that an argument names. Two names are granted: the last
 * component as given (for what is done to a link, or does not exist yet) and
 * where it leads. Both must lie below the tool's ceiling and below the static
 * directory of the pattern, and be named by no never rule.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/rule.h"
#include "call.h"
#include "policy/automaton/match.h"

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "path X", or "path X leads to Y," */
static const char *describe(const char *given, const char *path, char *to, size_t to_len)
{
	if (strcmp(given, path))
		snprintf(to, to_len, "path %.140s leads to %.140s, which", given, path);
	else
		snprintf(to, to_len, "path %.160s", path);
	return to;
}

/* A link that the policy lets the agent replace says nothing. */
static int check_link(void *ctx, const char *path)
{
	struct caller *c = ctx;
	uint32_t state = c->image->start;

	for (size_t i = 0; path[i]; i++) {
		state = match_run(c->image, state, path + i, 1);
		if ((!path[i + 1] || path[i + 1] == '/') &&
		    match_at(c->image, state, EC_OP_BIT(EC_OP_WRITE), 0, 0).writable)
			return -EACCES;
	}
	return 0;
}

/* Below the static directory; itself it is only to be read. */
static bool is_below(const struct caller *c, const char *path, const char *dir)
{
	if (!strcmp(path, dir))
		return c->op == EC_OP_READ || c->rest[0] == '/';
	return resolve_is_below(path, dir);
}

static bool is_below_dir(struct caller *c, const char *path)
{
	struct resolve_watch watch = { .link = check_link, .ctx = c };
	struct resolved dir;

	if (!c->dir[0] || is_below(c, path, c->dir))
		return true;
	return resolve_path(c->env, c->dir, &watch, &dir) == 0 && !dir.own &&
	       is_below(c, path, dir.path);
}

static int judge(struct caller *c, const char *given, const char *path)
{
	uint32_t op = EC_OP_BIT(c->op), below = c->rest[0] == '/' ? EC_OP_BIT(EC_OP_READ) : 0;
	uint32_t state = match_run(c->image, c->image->start, path, strlen(path));
	struct ec_match match = match_at(c->image, state, op, 0, 0);
	const struct policy_rule *never = policy_rule(c->policy, match.never);
	const struct policy_rule *rule = policy_rule(c->policy, c->rule);
	char text[340];

	describe(given, path, text, sizeof(text));
	if (never)
		return call_refuse(c, "%s is never permitted: %s \"%.80s\" (%s:%u)", text,
				   never->section, never->pattern, file_name(never->file),
				   never->line);
	/* what is below a directory may be granted where itself is not */
	match = match_at(c->image, state, op | below, 0, c->tool->within_id);
	if (c->tool->has_within && c->op <= EC_OP_EXEC && !match.within)
		return call_refuse(c, "%s is outside `within` of tool %.60s (%s:%u)", text,
				   c->tool->name, file_name(c->tool->within_file),
				   c->tool->within_line);
	if (!is_below_dir(c, path))
		return call_refuse(c, "%s is outside %.60s, where tool %.60s may work (%s:%u)",
				   text, c->dir, c->tool->name, file_name(rule->file), rule->line);
	return 0;
}

static int grant_one(void *ctx, const char *text)
{
	struct caller *c = ctx;
	struct glob_accept accept = compile_accept(EC_CLASS_CALL, c->op, 0, c->rule);
	static const struct glob_places none = { 0 };
	char canonical[GLOB_TEXT_MAX];
	const char *problem;
	int r = glob_canonical(text, &none, canonical, &problem);

	if (r < 0)
		return call_refuse(c, "the path with its pattern %s", problem);
	glob_add(c->nfa, canonical, &accept);
	return c->nfa->error;
}

static int grant(struct caller *c, const char *path)
{
	char pattern[GLOB_TEXT_MAX + RESOLVE_PATH_MAX];
	const char *problem;
	int r;

	if (!glob_escape(path, pattern, GLOB_TEXT_MAX) ||
	    strlen(pattern) + strlen(c->rest) >= GLOB_TEXT_MAX)
		return call_refuse(c, "path %.100s… is too long", path);
	strcat(pattern, c->rest);
	if ((r = call_granted(c, pattern)) < 0)
		return r;
	r = glob_braces(pattern, grant_one, c, &problem);
	return r < 0 && problem ? call_refuse(c, "the path with its pattern %s", problem) : r;
}

static int too_far(struct caller *c, const char *path, int error)
{
	if (error == -ENAMETOOLONG)
		return call_refuse(c, "path %.100s… is too long", path);
	if (error == -ELOOP)
		return call_refuse(c, "path %.200s has links that cannot be followed", path);
	return call_refuse(c, "path %.200s: %s", path, strerror(-error));
}

/* With "..", the text and the file system may disagree about what is meant. */
static int check_up(struct caller *c, const char *given, const struct resolved *lexical)
{
	struct resolved physical;
	int r = resolve_path(c->env, given, NULL, &physical);

	if (r == -ENOENT)
		return 0; /* goes nowhere: only the text's meaning is granted */
	if (r < 0)
		return too_far(c, given, r);
	if (!strcmp(physical.path, lexical->path))
		return 0;
	return call_refuse(c, "ambiguous path %.140s: its .. leads to %.140s", given,
			   physical.path);
}

/* With ".." an argument may walk about in what it names itself, never out of
 * the policy's own text: "/srv/pre-${args.x}" stays what it looks like. The
 * policy itself may name the directory of an argument: "${args.x}/..". */
static int check_static(struct caller *c)
{
	bool anchored[CALL_TEXT_MAX / 2 + 1];
	const char *text = c->text;
	size_t depth = 0, at = 0, len;

	for (at += strspn(text + at, "/"); text[at]; at += len, at += strspn(text + at, "/")) {
		bool fixed;

		len = strcspn(text + at, "/");
		fixed = memchr(c->is_static + at, 1, len);
		if (len == 1 && text[at] == '.')
			continue;
		if (len != 2 || memcmp(text + at, "..", 2)) {
			anchored[depth++] = fixed;
			continue;
		}
		/* half the policy's dots, half the argument's: nobody's meaning */
		if (c->is_static[at] != c->is_static[at + 1] ||
		    (depth ? anchored[depth - 1] : fixed))
			return call_refuse(c,
					   "path %.140s leaves the pattern \"%.140s\" with \"..\"",
					   text, c->policy->rules[c->rule].pattern);
		depth -= depth > 0;
	}
	return 0;
}

/* The text as an absolute path in the agent's root. */
static int absolute(struct caller *c, const char *text, char *to)
{
	int len, r;

	if (!text[0])
		return call_refuse(c, "argument of tool %s is empty where a path is needed",
				   c->tool->name);
	if (text[0] == '/') {
		len = snprintf(to, RESOLVE_PATH_MAX + 1, "%s", text);
	} else if (!c->template.parts[0].is_argument && text[0] == '~') {
		if (!c->env->home)
			return call_refuse(c, "the agent has no home directory");
		len = snprintf(to, RESOLVE_PATH_MAX + 1, "%s%s", c->env->home, text + 1);
	} else {
		r = resolve_cwd(c->env, to);
		if (r == 0 && !c->template.parts[0].is_argument && !strcmp(to, "/"))
			return call_refuse(c, "the agent's working directory is /");
		if (r < 0)
			return call_refuse(c,
					   "relative path %.200s, but the working directory is "
					   "not known",
					   text);
		len = (int)strlen(to);
		len += snprintf(to + len, RESOLVE_PATH_MAX + 1 - (size_t)len, "/%s", text);
	}
	return len > (int)RESOLVE_PATH_MAX ? too_far(c, text, -ENAMETOOLONG) : 0;
}

static int set_dir(struct caller *c)
{
	char dir[RESOLVE_PATH_MAX + 1], full[RESOLVE_PATH_MAX + 1];
	const char *text = dir;
	bool up;
	int r;

	template_directory(&c->template, dir, sizeof(dir));
	if (!strncmp(text, "unix:", 5))
		text += 5;
	c->dir[0] = '\0';
	if (!text[0])
		return 0;
	r = absolute(c, text, full);
	if (r == 0 && (r = resolve_lexical(full, c->dir, &up)) < 0)
		r = too_far(c, full, r);
	return r;
}

int call_path(struct caller *c)
{
	const char *text = c->op > EC_OP_EXEC ? c->text + 5 : c->text; /* unix: */
	char given[RESOLVE_PATH_MAX + 1], plain[RESOLVE_PATH_MAX + 1];
	struct resolved to;
	bool up;
	int r;

	if ((r = check_static(c)) < 0 || (r = set_dir(c)) < 0 || (r = absolute(c, text, given)) < 0)
		return r;
	if ((r = resolve_lexical(given, plain, &up)) < 0 ||
	    (r = resolve_path(c->env, plain, NULL, &to)) < 0)
		return too_far(c, given, r);
	if (up && (r = check_up(c, given, &to)) < 0)
		return r;
	if ((r = judge(c, plain, to.link)) < 0)
		return r;
	if ((r = grant(c, to.link)) < 0 || !strcmp(to.link, to.path))
		return r;
	r = judge(c, plain, to.path);
	return r < 0 ? r : grant(c, to.path);
}
