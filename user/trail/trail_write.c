// SPDX-License-Identifier: Apache-2.0
/* trail_write.c - lines into the file, and what the trail itself has to say. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trail_checkpoint.h"
#include "trail_hash.h"
#include "trail_impl.h"
#include "trail_tail.h"

#define ATTEMPTS 40
#define PAUSE_US 25000

/* "2026-01-31T12:00:00.123456Z" */
void trail_now(struct trail *trail, char ret_time[TRAIL_TIME_SIZE])
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != trail->second) {
		gmtime_r(&now.tv_sec, &utc);
		strftime(trail->second_text, sizeof(trail->second_text), "%Y-%m-%dT%H:%M:%S.",
			 &utc);
		trail->second = now.tv_sec;
	}
	memcpy(ret_time, trail->second_text, 20);
	for (long i = 25, rest = now.tv_nsec / 1000; i >= 20; i--, rest /= 10)
		ret_time[i] = (char)('0' + rest % 10);
	strcpy(ret_time + 26, "Z");
}

int trail_write_all(int fd, const char *bytes, size_t bytes_len, size_t *ret_written)
{
	*ret_written = 0;
	while (*ret_written < bytes_len) {
		ssize_t n = write(fd, bytes + *ret_written, bytes_len - *ret_written);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			*ret_written += (size_t)n;
	}
	return 0;
}

void trail_advance(struct trail *trail, const char *line, size_t line_len)
{
	trail_hash(line, line_len - 1, trail->head);
	trail->seq++;
	trail->size += (off_t)line_len;
	trail->unsynced = trail->unended = true;
	if (!trail->began)
		trail->began = trail->second;
}

static void wrote(struct trail *trail, const char *line, size_t line_len)
{
	trail_advance(trail, line, line_len);
	trail->tally.records++;
	trail->tally.bytes += line_len;
}

int trail_write_line(struct trail *trail, const char *line, size_t line_len)
{
	size_t written;
	int err = trail_flush(trail);

	if (err)
		return err;
	err = trail_write_all(trail->fd, line, line_len, &written);
	if (err)
		trail->torn = written > 0;
	else
		wrote(trail, line, line_len);
	return err;
}

static int cut(struct trail *trail, off_t size)
{
	int err;

	trail_mark(trail->fd, false);
	err = ftruncate(trail->fd, size) ? -errno : 0;
	if (trail->options.append_only)
		trail_mark(trail->fd, true);
	return err;
}

/* Closes the torn line and accounts for it, in one write. */
static int write_recovered(struct trail *trail, const struct trail_tail *tail)
{
	char line[512], now[TRAIL_TIME_SIZE];
	size_t written;
	int len, err;

	trail_now(trail, now);
	len = snprintf(line, sizeof(line),
		       "\n{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\","
		       "\"kind\":\"recovered\",\"torn_bytes\":%" PRIu64 ",\"torn_sha256\":\"%s\"",
		       trail->seq + 1, now, trail->head, tail->torn_len, tail->torn_hash);
	if (!trail->seq)
		len += snprintf(line + len, sizeof(line) - (size_t)len, ",\"trail\":\"%s\"",
				trail->id);
	len += snprintf(line + len, sizeof(line) - (size_t)len, "}\n");
	err = trail_write_all(trail->fd, line, (size_t)len, &written);
	if (!err)
		wrote(trail, line + 1, (size_t)len - 1);
	else if (written && cut(trail, tail->size))
		err = -EIO; /* half an account of half a line: nothing more can be added */
	return err;
}

/* The one that we follow may have begun another file meanwhile. Whoever has that open
 * already is told of what we have to say otherwise, or does not need it. */
static int reopen(struct trail *trail)
{
	struct stat ours, now;
	int fd = -EBUSY;

	if (fstat(trail->fd, &ours) || stat(trail->path, &now))
		return -errno;
	if (ours.st_ino == now.st_ino && ours.st_dev == now.st_dev)
		return 0;
	/* who is killed is gone from one file after the other */
	for (int i = 0; i < ATTEMPTS; i++) {
		fd = trail_open_locked(trail->path, 0);
		if (fd != -EBUSY)
			break;
		usleep(PAUSE_US);
	}
	if (fd < 0)
		return fd;
	close(trail->fd);
	trail->fd = fd;
	return trail_begin(trail);
}

int trail_resume(struct trail *trail)
{
	struct trail_tail tail;
	int err = trail->follows ? reopen(trail) : 0;

	if (!err)
		err = trail_tail_read(trail->fd, &tail);

	if (err)
		return err;
	trail->seq = tail.seq;
	memcpy(trail->head, tail.head, sizeof(trail->head));
	if (tail.torn_len)
		err = write_recovered(trail, &tail);
	trail->torn = err != 0;
	return err;
}

void trail_trouble(struct trail *trail, const char *what, int err)
{
	if (trail->options.trouble)
		trail->options.trouble(trail->options.ctx, what, err);
}

int trail_write_checkpoint(struct trail *trail, const char *why)
{
	struct trail_checkpoint checkpoint = { .seq = trail->seq + 1 };
	char line[TRAIL_CHECKPOINT_MAX];
	size_t len;
	int err;

	if (!trail->options.key || !trail->unended)
		return 0;
	err = trail_ready(trail);
	if (err)
		return err;
	checkpoint.seq = trail->seq + 1;
	trail_now(trail, checkpoint.time);
	memcpy(checkpoint.head, trail->head, sizeof(checkpoint.head));
	memcpy(checkpoint.trail, trail->id, sizeof(checkpoint.trail));
	snprintf(checkpoint.why, sizeof(checkpoint.why), "%s", why);
	trail_checkpoint_sign(&checkpoint, trail->options.key);
	len = trail_checkpoint_print(&checkpoint, line);
	line[len++] = '\n';
	err = trail_write_line(trail, line, len);
	if (!err && trail->options.sync != TRAIL_SYNC_NONE)
		err = trail_sync(trail);
	if (err)
		return err;
	trail->signed_seq = trail->seq;
	trail->unended = strcmp(why, "end") != 0;
	if (trail->options.witness)
		err = trail->options.witness(trail->options.ctx, &checkpoint);
	if (err)
		trail_trouble(trail, "a head could not be witnessed", err);
	return 0;
}
