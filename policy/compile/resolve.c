// SPDX-License-Identifier: Apache-2.0
/*
 * resolve.c - a walk of our own, name by name, with O_PATH | O_NOFOLLOW: it
 * cannot leave the agent's root, opens nothing, and sees every link. What it
 * finds is a text for the policy; the kernel judges the object again when it
 * is opened, so that a swap in between gains nothing.
 */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "policy/grow.h"

#define LINKS_MAX 40 /* path_resolution(7) */

struct walk {
	const struct policy_env *env;
	const struct resolve_watch *watch;
	struct resolved *to;
	int dir;    /* where we are; -1: what comes does not exist */
	size_t len; /* of to->path, without a final slash */
	int links;
	bool last_seen;
	char todo[2 * RESOLVE_PATH_MAX + 2];
};

static void walk_done(struct walk *w)
{
	grow_close(&w->dir);
}

static int enter(struct walk *w, int fd)
{
	if (w->dir >= 0)
		close(w->dir);
	w->dir = fd;
	return 0;
}

static int append(char *to, size_t *len, const char *name, size_t name_len)
{
	if (name_len > RESOLVE_NAME_MAX || *len + 1 + name_len > RESOLVE_PATH_MAX)
		return -ENAMETOOLONG;
	to[(*len)++] = '/';
	memcpy(to + *len, name, name_len);
	*len += name_len;
	to[*len] = '\0';
	return 0;
}

static int go_to_root(struct walk *w)
{
	int fd = openat(w->env->root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	w->len = 0;
	w->to->path[0] = '\0';
	return enter(w, fd);
}

static int go_up(struct walk *w)
{
	char *slash = strrchr(w->to->path, '/');
	int fd;

	if (w->dir < 0)
		return -ENOENT;
	if (!slash)
		return 0;
	fd = openat(w->dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	*slash = '\0';
	w->len = (size_t)(slash - w->to->path);
	return enter(w, fd);
}

/* A link of a proc file system: the task's own directory stays a name; the
 * two at the top are plain; the others lead to objects, not to names. */
static int own_link(struct walk *w, const char *name)
{
	struct statfs fs;

	if (fstatfs(w->dir, &fs) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC)
		return 0;
	if (!strcmp(name, "self") || !strcmp(name, "thread-self"))
		return 1;
	return !strcmp(name, "mounts") || !strcmp(name, "net") ? 0 : -ELOOP;
}

/* Puts the link's text before what is left to do. */
static int follow(struct walk *w, int fd, const char *name)
{
	char target[RESOLVE_PATH_MAX + 1], here[RESOLVE_PATH_MAX + 1];
	size_t rest_len = strlen(w->todo), len = w->len;
	ssize_t n;
	int r;

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (w->watch) {
		memcpy(here, w->to->path, len + 1);
		if ((r = append(here, &len, name, strlen(name))) < 0 ||
		    (r = w->watch->link(w->watch->ctx, here)) < 0)
			return r;
	}
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof(target) || (size_t)n + 1 + rest_len >= sizeof(w->todo))
		return -ENAMETOOLONG;
	memmove(w->todo + n + 1, w->todo, rest_len + 1);
	memcpy(w->todo, target, (size_t)n);
	w->todo[n] = '/';
	return target[0] == '/' ? go_to_root(w) : 0;
}

static int step(struct walk *w, const char *name)
{
	int fd = w->dir < 0 ? -1 : openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0) {
		if (w->dir >= 0 && errno != ENOENT && errno != ENOTDIR)
			return -errno;
		enter(w, -1);
		return append(w->to->path, &w->len, name, strlen(name));
	}
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && S_ISLNK(st.st_mode) && (r = own_link(w, name)) == 0) {
		r = follow(w, fd, name);
		close(fd);
		return r;
	}
	if (r == 0)
		return append(w->to->path, &w->len, name, strlen(name)) < 0 ?
			       (close(fd), -ENAMETOOLONG) :
			       enter(w, fd);
	close(fd);
	if (r < 0)
		return r;
	w->to->own = true;
	enter(w, -1);
	return append(w->to->path, &w->len, name, strlen(name));
}

/* Takes the next name off what is left to do. 0 = nothing is left. */
static int take(struct walk *w, char *name)
{
	size_t skip = strspn(w->todo, "/"), len = strcspn(w->todo + skip, "/");

	if (!len)
		return 0;
	if (len > RESOLVE_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, w->todo + skip, len);
	name[len] = '\0';
	skip += len;
	skip += strspn(w->todo + skip, "/");
	memmove(w->todo, w->todo + skip, strlen(w->todo + skip) + 1);
	return 1;
}

static int note_last(struct walk *w, const char *name)
{
	size_t len = w->len;

	w->last_seen = true;
	memcpy(w->to->link, w->to->path, len + 1);
	return append(w->to->link, &len, name, strlen(name));
}

static int walk(struct walk *w)
{
	char name[RESOLVE_NAME_MAX + 1];
	int r = go_to_root(w);

	while (r == 0 && (r = take(w, name)) > 0) {
		if (!strcmp(name, "."))
			r = 0;
		else if (!strcmp(name, ".."))
			r = go_up(w);
		else if (!w->last_seen && !w->todo[0] && (r = note_last(w, name)) < 0)
			return r;
		else
			r = step(w, name);
	}
	if (r < 0)
		return r;
	w->to->exists = w->dir >= 0;
	if (!w->len)
		strcpy(w->to->path, "/");
	if (!w->last_seen)
		strcpy(w->to->link, w->to->path);
	return 0;
}

/* Most paths have no links: one look instead of one per name. */
static bool has_no_links(const struct policy_env *env, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(O_PATH | O_CLOEXEC | flags),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, env->root_fd, path, &how, sizeof(how));

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool resolve_fast(const struct policy_env *env, const char *path, struct resolved *to)
{
	char parent[RESOLVE_PATH_MAX + 1];
	bool up;
	char *slash;

	if (resolve_lexical(path, to->path, &up) < 0 || up)
		return false;
	strcpy(to->link, to->path);
	to->exists = has_no_links(env, to->path, 0);
	if (to->exists)
		return true;
	if (errno != ENOENT)
		return false;
	strcpy(parent, to->path);
	slash = strrchr(parent, '/');
	slash[slash == parent] = '\0';
	return has_no_links(env, parent, O_DIRECTORY);
}

int resolve_path(const struct policy_env *env, const char *path, const struct resolve_watch *watch,
		 struct resolved *ret_resolved)
{
	__attribute__((cleanup(walk_done))) struct walk w = {
		.env = env,
		.watch = watch,
		.to = ret_resolved,
		.dir = -1,
	};

	if (strlen(path) > RESOLVE_PATH_MAX)
		return -ENAMETOOLONG;
	ret_resolved->exists = ret_resolved->own = false;
	if (resolve_fast(env, path, ret_resolved))
		return 0;
	ret_resolved->exists = false;
	strcpy(w.todo, path);
	return walk(&w);
}

static int path_of(int fd, char *to)
{
	char name[40];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, to, RESOLVE_PATH_MAX);
	if (n < 0)
		return -errno;
	if ((size_t)n >= RESOLVE_PATH_MAX)
		return -ENAMETOOLONG;
	to[n] = '\0';
	return to[0] == '/' ? 0 : -ENOENT;
}

int resolve_cwd(const struct policy_env *env, char *to)
{
	char root[RESOLVE_PATH_MAX + 1];
	struct stat st;
	size_t len;
	int r;

	if (env->cwd_fd < 0 || fstat(env->cwd_fd, &st) < 0 || !st.st_nlink)
		return -ENOENT;
	if ((r = path_of(env->root_fd, root)) < 0 || (r = path_of(env->cwd_fd, to)) < 0)
		return r;
	len = strlen(root);
	if (!strcmp(root, "/"))
		return 0;
	if (!resolve_is_below(to, root))
		return -ENOENT;
	memmove(to, to + len, strlen(to + len) + 1);
	if (!to[0])
		strcpy(to, "/");
	return 0;
}

struct glob_places resolve_places(const struct policy_env *env, const char *pattern, char *cwd)
{
	struct glob_places places = { .home = env->home };

	if (glob_starts_at(pattern, '.') && resolve_cwd(env, cwd) == 0)
		places.cwd = cwd;
	return places;
}

int resolve_lexical(const char *path, char *to, bool *ret_up)
{
	size_t len = 0, part;
	int r;

	*ret_up = false;
	to[0] = '\0';
	for (path += strspn(path, "/"); *path; path += part, path += strspn(path, "/")) {
		part = strcspn(path, "/");
		if (part == 1 && path[0] == '.')
			continue;
		if (part == 2 && path[0] == '.' && path[1] == '.') {
			*ret_up = true;
			while (len && to[--len] != '/')
				;
			to[len] = '\0';
			continue;
		}
		if ((r = append(to, &len, path, part)) < 0)
			return r;
	}
	if (!len)
		strcpy(to, "/");
	return 0;
}

bool resolve_is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (!strcmp(dir, "/"))
		return true;
	return !strncmp(path, dir, len) && (!path[len] || path[len] == '/');
}
