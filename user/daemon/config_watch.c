// SPDX-License-Identifier: Apache-2.0
#include "config_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "policy/grow.h"
#include "user/util.h"

/* A volume of Kubernetes' (atomic_writer.go): the files are links into ..data, itself a
 * link, which one rename exchanges. */
#define DATA "..data"

struct watched {
	int folder; /* inotify's number */
	char name[NAME_MAX + 1];
};

struct config_watch {
	int fd;
	struct watched *at;
	size_t len, max;
};

int config_watch_open(struct config_watch **ret_watch)
{
	struct config_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0) {
		free(watch);
		return -errno;
	}
	*ret_watch = watch;
	return 0;
}

void config_watch_close(struct config_watch *watch)
{
	if (!watch)
		return;
	close_fd(&watch->fd);
	free(watch->at);
	free(watch);
}

int config_watch_fd(const struct config_watch *watch)
{
	return watch->fd;
}

static bool is_watched(const struct config_watch *watch, int folder, const char *name)
{
	for (size_t i = 0; i < watch->len; i++)
		if (watch->at[i].folder == folder && !strcmp(watch->at[i].name, name))
			return true;
	return false;
}

int config_watch_add(struct config_watch *watch, const char *path)
{
	const char *name = strrchr(path, '/');
	char folder[PATH_MAX];
	int id;

	name = name ? name + 1 : path;
	if (name - path >= PATH_MAX || strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(folder, path, (size_t)(name - path));
	strcpy(folder + (name - path), ".");
	id = inotify_add_watch(watch->fd, folder,
			       IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
	if (id < 0)
		return -errno;
	if (is_watched(watch, id, name))
		return 0;
	if (GROW(watch->at, watch->len + 1, watch->max) < 0)
		return -ENOMEM;
	watch->at[watch->len].folder = id;
	strcpy(watch->at[watch->len++].name, name);
	return 0;
}

void config_watch_clear(struct config_watch *watch)
{
	for (size_t i = 0; i < watch->len; i++)
		inotify_rm_watch(watch->fd, watch->at[i].folder);
	watch->len = 0;
}

int config_watch_drain(struct config_watch *watch)
{
	char buffer[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
	int changed = 0;
	ssize_t n;

	while ((n = read(watch->fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + n;) {
			const struct inotify_event *event = (void *)at;

			/* what was lost may have been one of ours */
			changed |= event->mask & IN_Q_OVERFLOW ||
				   (event->len && (!strcmp(event->name, DATA) ||
						   is_watched(watch, event->wd, event->name)));
			at += sizeof(*event) + event->len;
		}
	}
	return changed;
}
