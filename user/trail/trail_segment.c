// SPDX-License-Identifier: Apache-2.0
/*
 * trail_segment.c - a trail in several files. FILE is always the one that is written;
 * full, it gets a second name (FILE.000001), and one that already has its first record
 * takes the first name, in one step: whoever is killed or loses power in between
 * leaves a trail that goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trail_hash.h"
#include "trail_impl.h"

/* Between two attempts that fail. */
#define PATIENCE_SECONDS 60

static int name(const struct trail *trail, uint64_t segment, char ret_path[PATH_MAX])
{
	int len = snprintf(ret_path, PATH_MAX, "%s.%06" PRIu64, trail->path, segment);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static bool is_due(const struct trail *trail)
{
	const struct trail_options *options = &trail->options;

	if (trail->second < trail->next_segment || !trail->began)
		return false;
	return (options->segment_bytes && (uint64_t)trail->size >= options->segment_bytes) ||
	       (options->segment_seconds &&
		trail->second - trail->began >= (time_t)options->segment_seconds);
}

/* The first record of the next file, with the seq and head of the last one's end. */
static int write_first(struct trail *trail, int fd, char ret_head[TRAIL_HASH_SIZE], size_t *ret_len)
{
	char line[512], now[TRAIL_TIME_SIZE];
	int len;

	trail_now(trail, now);
	len = snprintf(line, sizeof(line),
		       "{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\",\"kind\":\"segment\","
		       "\"trail\":\"%s\",\"segment\":%" PRIu64 "}\n",
		       trail->seq + 1, now, trail->head, trail->id, trail->segment + 1);
	if (write(fd, line, (size_t)len) != len)
		return errno ? -errno : -EIO;
	if (trail->options.sync != TRAIL_SYNC_NONE && fsync(fd))
		return -errno;
	trail_hash(line, (size_t)len - 1, ret_head);
	*ret_len = (size_t)len;
	return 0;
}

/* old: the second name of what is full. */
static int exchange(struct trail *trail, const char *next, char old[PATH_MAX])
{
	int err = name(trail, trail->segment, old);

	if (err)
		return err;
	trail_mark(trail->fd, false); /* what is marked gets no second name */
	if (link(trail->path, old))
		err = -errno;
	else if (rename(next, trail->path))
		err = -errno;
	if (err && err != -EEXIST)
		unlink(old);
	if (!err && trail->options.sync != TRAIL_SYNC_NONE)
		err = trail_sync_folder(trail) ? -EIO : 0;
	return err;
}

static int begin_next(struct trail *trail, const char *next, int fd, char old[PATH_MAX])
{
	char head[TRAIL_HASH_SIZE];
	size_t len = 0;
	int err = write_first(trail, fd, head, &len);

	/* what is full is on the disk before its name says that it is whole */
	if (!err && trail->options.sync != TRAIL_SYNC_NONE)
		err = trail_sync(trail);
	if (!err)
		err = exchange(trail, next, old);
	if (err)
		return err;
	flock(trail->fd, LOCK_UN);
	close(trail->fd);
	trail->fd = fd;
	trail->segment++;
	trail->seq++;
	trail->size = (off_t)len;
	trail->tally.records++;
	trail->tally.bytes += len;
	trail->began = trail->second;
	trail->unsynced = true;
	memcpy(trail->head, head, sizeof(head));
	return 0;
}

static int next_segment(struct trail *trail, char old[PATH_MAX])
{
	char next[PATH_MAX];
	struct stat st;
	int err, fd;

	/* the names would be given to the link */
	if (lstat(trail->path, &st))
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	err = trail_flush(trail); /* this file's, with or without a checkpoint */
	if (!err)
		err = trail_write_checkpoint(trail, "segment");
	if (err)
		return err;
	if (snprintf(next, sizeof(next), "%s.new", trail->path) >= PATH_MAX)
		return -ENAMETOOLONG;
	unlink(next);
	fd = trail_open_locked(next, O_EXCL);
	if (fd < 0)
		return fd;
	err = begin_next(trail, next, fd, old);
	if (err) {
		close(fd);
		unlink(next);
	}
	if (trail->options.append_only)
		trail_mark(trail->fd, true);
	return err;
}

static void tell_seal(struct trail *trail, int err)
{
	if (err)
		trail_trouble(trail, "an older file could not be compressed", err);
}

static void seal(struct trail *trail, const char *path)
{
	tell_seal(trail, trail_seal_begin(path, trail->options.append_only, &trail->seal));
}

void trail_next_segment(struct trail *trail)
{
	char old[PATH_MAX];
	int err;

	if (!is_due(trail) || trail->torn || trail->follows)
		return;
	err = next_segment(trail, old);
	if (err) {
		trail->next_segment = trail->second + PATIENCE_SECONDS;
		trail_trouble(trail, "no other file could be begun", err);
		return;
	}
	tell_seal(trail, trail_seal_end(trail->seal));
	trail->seal = NULL;
	trail_keep(trail); /* while nobody renames what it looks at */
	seal(trail, old);
}

void trail_mend_segments(struct trail *trail)
{
	struct stat ours, other;
	char path[PATH_MAX];

	if ((!trail->options.segment_bytes && !trail->options.segment_seconds) ||
	    fstat(trail->fd, &ours))
		return;
	/* killed between the two steps: the second name is one too many */
	if (!name(trail, trail->segment, path) && !stat(path, &other) &&
	    ours.st_ino == other.st_ino && ours.st_dev == other.st_dev) {
		trail_mark(trail->fd, false);
		unlink(path);
		if (trail->options.append_only)
			trail_mark(trail->fd, true);
	}
	/* or before it was compressed */
	if (trail->segment > 1 && !name(trail, trail->segment - 1, path) && !stat(path, &other))
		seal(trail, path);
}
