// SPDX-License-Identifier: Apache-2.0
/*
 * session_guard.c - our own files, which no rule of a policy opens to its agent: the
 * trail, the policy and those that it extends, what sessions leave for others, the
 * pins.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session_impl.h"
#include "user/util.h"

/* The path as a pattern that matches nothing else, but for what suffix does. */
static int add_path_and(char **list, size_t room, const char *cwd, const char *path,
			const char *suffix)
{
	char *pattern = malloc(2 * (strlen(cwd) + strlen(path)) + strlen(suffix) + 2),
	     *to = pattern;
	size_t n = 0;

	while (n < room && list[n])
		n++;
	if (!pattern || n == room) {
		free(pattern);
		return pattern ? -E2BIG : -ENOMEM;
	}
	for (const char *part = path[0] == '/' ? "" : cwd; part;
	     part = part == path ? NULL : path) {
		if (part == path && path[0] != '/')
			*to++ = '/';
		for (const char *c = part; *c; c++) {
			if (strchr("*?[]{}\\", *c))
				*to++ = '\\';
			*to++ = *c;
		}
	}
	strcpy(to, suffix);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], pattern))
			continue;
		free(pattern);
		return 0;
	}
	list[n] = pattern;
	return 0;
}

static int add_path(char **list, size_t room, const char *cwd, const char *path)
{
	return add_path_and(list, room, cwd, path, "");
}

void session_guard_done(struct session_guard *guard)
{
	for (size_t i = 0; i < SESSION_GUARD_FILES; i++)
		free(guard->unchanged[i]);
	for (size_t i = 0; i < SESSION_GUARD_UNSEEN; i++)
		free(guard->unseen[i]);
	memset(guard, 0, sizeof(*guard));
}

/* The files that the policy's rules come from. */
static int add_sources(struct session_guard *guard, const struct session *session)
{
	const struct policy_load_options options = { 0 };
	struct policy_diag diag;
	struct policy *policy;
	const char *before = "";
	int r = 0;

	/* what is wrong with it is told when it is loaded to be used */
	if (policy_load(session->options.policy_path, &options, &policy, &diag) < 0)
		return 0;
	for (uint32_t id = 1; r == 0; id++) {
		const struct policy_rule *rule = policy_rule(policy, id);

		if (!rule)
			break;
		if (rule->file != before)
			r = add_path(guard->unchanged, SESSION_GUARD_FILES, session->state.cwd,
				     rule->file);
		before = rule->file;
	}
	for (size_t i = 0; r == 0 && i < policy_guard_count(policy); i++)
		if (policy_guard(policy, i)->key_file)
			r = add_path(guard->unseen, SESSION_GUARD_UNSEEN, session->state.cwd,
				     policy_guard(policy, i)->key_file);
	policy_free(policy);
	return r;
}

static int add_folder(struct session_guard *guard, const char *cwd, const char *trail)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(trail, '/');

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - trail) : 0, trail);
	return add_path_and(guard->unseen, SESSION_GUARD_UNSEEN, cwd, folder, "/**");
}

/* The trail, its older files, and what makes it evidence. */
static int add_trail(struct session_guard *guard, const struct session *session)
{
	const struct evidence_options *evidence = &session->state.evidence;
	const char *cwd = session->state.cwd, *trail = session->options.trail_path;
	int r;

	if (!trail)
		return 0;
	/* with others of this process: all that is there, so that their rules are the same */
	if (session->host && (r = add_folder(guard, cwd, trail)) < 0)
		return r;
	r = session->host ? 0 : add_path(guard->unseen, SESSION_GUARD_UNSEEN, cwd, trail);
	if (r == 0 && !session->host)
		r = add_path_and(guard->unseen, SESSION_GUARD_UNSEEN, cwd, trail, ".*");
	if (r == 0 && *evidence->key)
		r = add_path(guard->unseen, SESSION_GUARD_UNSEEN, cwd, evidence->key);
	if (r == 0 && *evidence->tcti)
		r = add_path_and(guard->unseen, SESSION_GUARD_UNSEEN, cwd, "/dev/tpm", "*");
	if (r == 0 && *evidence->witness)
		r = add_path(guard->unseen, SESSION_GUARD_UNSEEN, cwd, evidence->witness);
	return r;
}

int session_guard_fill(struct session_guard *guard, const struct session *session)
{
	static const char *const ours[] = { SENSOR_RUN, SENSOR_PINS, "/var/lib/enforcecore" };
	const char *cwd = session->state.cwd;
	int r = add_path(guard->unchanged, SESSION_GUARD_FILES, cwd, session->options.policy_path);

	for (size_t i = 0; r == 0 && i < sizeof(ours) / sizeof(ours[0]); i++)
		r = add_path_and(guard->unseen, SESSION_GUARD_UNSEEN, cwd, ours[i], "/**");
	if (r == 0)
		r = add_trail(guard, session);
	return r < 0 ? r : add_sources(guard, session);
}
