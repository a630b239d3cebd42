// SPDX-License-Identifier: Apache-2.0
#include "places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/util.h"

struct walk {
	int (*each)(void *ctx, const char *path, uint64_t id);
	void *ctx;
	size_t seen;
	char path[PATH_MAX];
};

static int open_place(const struct cgroup_top *top, const char *path)
{
	int fd = openat(top->fd, path[1] ? path + 1 : ".",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int places_id(const struct cgroup_top *top, const char *path, uint64_t *ret_id)
{
	_cleanup_close_ int fd = open_place(top, path);

	return fd < 0 ? fd : cgroup_id(fd, ret_id);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int walk_below(struct walk *walk, int parent, size_t path_len, unsigned int depth)
{
	/* not a duplicate, which would be where the last one stopped reading */
	int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	__attribute__((cleanup(close_dir))) DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!dir) {
		close_fd(&copy);
		return -errno;
	}
	while (r >= 0 && depth < PLACES_DEPTH_MAX && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		_cleanup_close_ int fd = -1;
		uint64_t id;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    path_len + 1 + len >= sizeof(walk->path) || walk->seen >= PLACES_MAX)
			continue;
		fd = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		/* removed meanwhile */
		if (fd < 0 || cgroup_id(fd, &id) < 0)
			continue;
		walk->seen++;
		walk->path[path_len] = '/';
		memcpy(walk->path + path_len + 1, entry->d_name, len + 1);
		r = walk->each(walk->ctx, walk->path, id);
		if (r >= 0)
			r = walk_below(walk, fd, path_len + 1 + len, depth + 1);
		walk->path[path_len] = '\0';
	}
	return r;
}

int places_walk(const struct cgroup_top *top, int (*each)(void *ctx, const char *path, uint64_t id),
		void *ctx)
{
	struct walk walk = { .each = each, .ctx = ctx };

	return walk_below(&walk, top->fd, 0, 0);
}

static pid_t first_of(int fd)
{
	_cleanup_close_ int procs = openat(fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char text[256], *line, *save = NULL;
	ssize_t n = procs < 0 ? -1 : read(procs, text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* 0: of a process that our pid namespace does not know */
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strtol(line, NULL, 10) > 0)
			return (pid_t)strtol(line, NULL, 10);
	return 0;
}

struct search {
	const struct cgroup_top *top;
	const char *path;
	size_t len;
	pid_t found;
};

static int search(void *ctx, const char *path, uint64_t id)
{
	struct search *s = ctx;
	_cleanup_close_ int fd = -1;

	(void)id;
	if (strncmp(path, s->path, s->len) || (path[s->len] && path[s->len] != '/'))
		return 0;
	fd = open_place(s->top, path);
	s->found = fd < 0 ? 0 : first_of(fd);
	return s->found ? -ECANCELED : 0;
}

pid_t places_process(const struct cgroup_top *top, const char *path)
{
	struct search s = { .top = top, .path = path, .len = strlen(path) };
	_cleanup_close_ int fd = open_place(top, path);

	s.found = fd < 0 ? 0 : first_of(fd);
	if (fd >= 0 && !s.found && path[1])
		places_walk(top, search, &s);
	return s.found;
}
