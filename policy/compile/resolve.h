/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - where a path leads in the agent's root, without opening it. */
#ifndef EC_RESOLVE_H
#define EC_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/automaton/glob.h"
#include "policy/policy.h"

#define RESOLVE_PATH_MAX 4096u /* PATH_MAX: what the kernel takes */
#define RESOLVE_NAME_MAX 255u

struct resolved {
	char link[RESOLVE_PATH_MAX + 1]; /* the last component as given */
	char path[RESOLVE_PATH_MAX + 1]; /* the last component followed, too */
	bool exists;
	bool own; /* below /proc/self: cannot be looked at from here */
};

/* Told of every symbolic link on the way; returns below 0 to stop. */
struct resolve_watch {
	int (*link)(void *ctx, const char *path);
	void *ctx;
};

/* path is absolute; ".." is taken as the kernel takes it. What does not exist
 * is kept as written below what does. watch may be NULL. -ENAMETOOLONG;
 * -ELOOP: too many links, or one that has no name to follow; -ENOENT: ".."
 * below what does not exist. */
int resolve_path(const struct policy_env *env, const char *path, const struct resolve_watch *watch,
		 struct resolved *ret_resolved);

/* The working directory's path in the agent's root; to has RESOLVE_PATH_MAX + 1
 * bytes. */
int resolve_cwd(const struct policy_env *env, char *to);

/* Where ~ and . of this pattern are in env. The working directory is looked up
 * when the pattern starts with it, into cwd (RESOLVE_PATH_MAX + 1 bytes). */
struct glob_places resolve_places(const struct policy_env *env, const char *pattern, char *cwd);

/* "." and ".." and repeated slashes out of an absolute path, by its text. to
 * has RESOLVE_PATH_MAX + 1 bytes. *ret_up tells whether there was a "..". */
int resolve_lexical(const char *path, char *to, bool *ret_up);

/* Is path dir itself or below it? */
bool resolve_is_below(const char *path, const char *dir);

#endif
