// SPDX-License-Identifier: Apache-2.0
/*
 * trail_keep.c - how many old files stay. What is deleted is recorded before, with
 * the seq and the hash that its last record has: what is left can be verified.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trail_impl.h"
#include "trail_source.h"
#include "trail_tail.h"
#include "user/util.h"

struct old {
	uint64_t segment;
	off_t size;
	bool packed;
};

struct olds {
	struct old *at; /* the oldest first */
	size_t len, size;
	uint64_t bytes;
};

static int add(struct olds *olds, const struct old *old)
{
	if (olds->len == olds->size) {
		size_t size = olds->size ? 2 * olds->size : 32;
		struct old *at = reallocarray(olds->at, size, sizeof(*at));

		if (!at)
			return -ENOMEM;
		olds->at = at;
		olds->size = size;
	}
	olds->at[olds->len++] = *old;
	olds->bytes += (uint64_t)old->size;
	return 0;
}

/* "trail.jsonl.000007.gz", base: "trail.jsonl" */
static bool parse(const char *file, const char *base, struct old *ret_old)
{
	size_t len = strlen(base);
	char *end;

	if (strncmp(file, base, len) || file[len] != '.' || strlen(file) < len + 7 ||
	    file[len + 1] < '0' || file[len + 1] > '9')
		return false;
	ret_old->segment = strtoull(file + len + 1, &end, 10);
	ret_old->packed = !strcmp(end, ".gz");
	return !*end || ret_old->packed;
}

static int by_segment(const void *a, const void *b)
{
	const struct old *x = a, *y = b;

	return (x->segment > y->segment) - (x->segment < y->segment);
}

static int find(const struct trail *trail, struct olds *olds)
{
	char path[PATH_MAX], base[PATH_MAX];
	const struct dirent *entry;
	DIR *folder;
	int err = 0;

	strcpy(path, trail->path);
	strcpy(base, trail->path);
	folder = opendir(dirname(path));
	if (!folder)
		return -errno;
	while (!err && (entry = readdir(folder))) {
		struct old old;
		struct stat st;

		if (!parse(entry->d_name, basename(base), &old) || old.segment >= trail->segment ||
		    fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		old.size = st.st_size;
		err = add(olds, &old);
	}
	closedir(folder);
	if (olds->len)
		qsort(olds->at, olds->len, sizeof(olds->at[0]), by_segment);
	return err;
}

static int path_of(const struct trail *trail, const struct old *old, char ret_path[PATH_MAX])
{
	return snprintf(ret_path, PATH_MAX, "%s.%06" PRIu64 "%s", trail->path, old->segment,
			old->packed ? ".gz" : "") < PATH_MAX ?
		       0 :
		       -ENAMETOOLONG;
}

/* How what follows it begins says how it ended. */
static int read_first(const char *path, struct trail_first *first)
{
	size_t len = 0, size = 2 * (size_t)TRAIL_LINE_MAX;
	_cleanup_free_ char *buf = NULL;
	struct trail_source *source;
	bool end;
	int err = trail_source_open(path, &source);

	if (err)
		return err;
	buf = malloc(size);
	err = !buf ? -ENOMEM : trail_source_fill(source, buf, size, &len, &end);
	trail_source_close(source);
	if (!err)
		trail_first_find(buf, len, first);
	return err ? err : *first->id ? 0 : -EBADMSG;
}

static int record(struct trail *trail, const struct old *old, const struct trail_first *next)
{
	char line[512], now[TRAIL_TIME_SIZE];
	int len, err;

	trail_now(trail, now);
	len = snprintf(line, sizeof(line),
		       "{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\","
		       "\"kind\":\"segment_deleted\",\"segment\":%" PRIu64 ",\"last\":%" PRIu64
		       ",\"head\":\"%s\",\"bytes\":%" PRIu64 "}\n",
		       trail->seq + 1, now, trail->head, old->segment, next->seq - 1, next->prev,
		       (uint64_t)old->size);
	err = trail_write_line(trail, line, (size_t)len);
	return err || trail->options.sync == TRAIL_SYNC_NONE ? err : trail_sync(trail);
}

static int delete (struct trail *trail, const struct old *old, const struct old *after)
{
	char path[PATH_MAX], next_path[PATH_MAX];
	struct trail_first next;
	int err = path_of(trail, old, path);

	if (!err)
		err = after ? path_of(trail, after, next_path) : 0;
	if (!err)
		err = read_first(after ? next_path : trail->path, &next);
	if (!err)
		err = record(trail, old, &next);
	if (err)
		return err;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		trail_mark(fd, false);
	return unlink(path) ? -errno : 0;
}

static bool is_too_much(const struct trail *trail, size_t len, uint64_t bytes)
{
	const struct trail_options *options = &trail->options;

	return (options->keep_segments && len > options->keep_segments) ||
	       (options->keep_bytes && bytes > options->keep_bytes);
}

/* The newest stays in any case: it is compressed next. */
void trail_keep(struct trail *trail)
{
	struct olds olds = { 0 };
	int err = 0;

	if (!trail->options.keep_segments && !trail->options.keep_bytes)
		return;
	err = find(trail, &olds);
	for (size_t i = 0; !err && i + 1 < olds.len && is_too_much(trail, olds.len - i, olds.bytes);
	     i++) {
		err = delete (trail, &olds.at[i], &olds.at[i + 1]);
		olds.bytes -= (uint64_t)olds.at[i].size;
	}
	free(olds.at);
	if (err)
		trail_trouble(trail, "an old file could not be deleted", err);
}
