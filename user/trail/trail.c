// SPDX-License-Identifier: Apache-2.0
#include "trail.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trail_line.h"
#include "trail_tail.h"

struct trail {
	int fd;
	bool torn; /* the file ends in part of a line that a write left there */
	uint64_t seq;
	char head[TRAIL_HASH_SIZE]; /* of the last whole line, "" = none */
};

/* "2026-01-31T12:00:00.123456Z" */
static void format_now(char *buf, size_t buf_size)
{
	struct timespec now;
	struct tm utc;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	len = strftime(buf, buf_size, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(buf + len, buf_size - len, ".%06ldZ", now.tv_nsec / 1000);
}

/* *ret_written tells how far it came, also after an error. */
static int write_all(int fd, const char *bytes, size_t bytes_len, size_t *ret_written)
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

/* The line for record, with its newline, one byte of room before it. Checks it
 * as the verifier will: a raw item in record must not be able to break it. */
static int make_line(const struct trail *trail, const struct cJSON *record, char **ret_line,
		     size_t *ret_len)
{
	char *text = cJSON_PrintUnformatted(record);
	struct trail_line parsed;
	char now[48], *line;
	int len;

	if (!text)
		return -ENOMEM;
	format_now(now, sizeof(now));
	len = asprintf(&line, "\n{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\"%s%s\n",
		       trail->seq + 1, now, trail->head, text[1] == '}' ? "" : ",", text + 1);
	cJSON_free(text);
	if (len < 0)
		return -ENOMEM;
	len--;
	int err = (size_t)len > TRAIL_LINE_MAX			      ? -E2BIG :
		  memchr(line + 1, '\n', (size_t)len - 1)	      ? -EINVAL :
		  trail_line_read(line + 1, (size_t)len - 1, &parsed) ? -EINVAL :
									0;
	if (err) {
		free(line);
		return err;
	}
	*ret_line = line;
	*ret_len = (size_t)len;
	return 0;
}

static void advance(struct trail *trail, const char *line, size_t line_len)
{
	trail_hash(line, line_len - 1, trail->head);
	trail->seq++;
}

/* Closes the torn line and accounts for it, in one write. */
static int write_recovered(struct trail *trail, const struct trail_tail *tail)
{
	struct cJSON *record = cJSON_CreateObject();
	char *line = NULL;
	size_t line_len, written;
	int err = -ENOMEM;

	if (cJSON_AddStringToObject(record, "kind", "recovered") &&
	    cJSON_AddNumberToObject(record, "torn_bytes", (double)tail->torn_len) &&
	    cJSON_AddStringToObject(record, "torn_sha256", tail->torn_hash))
		err = make_line(trail, record, &line, &line_len);
	cJSON_Delete(record);
	if (err)
		return err;
	err = write_all(trail->fd, line, line_len + 1, &written);
	if (!err)
		advance(trail, line + 1, line_len);
	else if (written && ftruncate(trail->fd, tail->size))
		err = -EIO; /* half an account of half a line: nothing more can be added */
	free(line);
	return err;
}

/* Finds the end of the chain in the file and mends it. */
static int resume(struct trail *trail)
{
	struct trail_tail tail;
	int err = trail_tail_read(trail->fd, &tail);

	if (err)
		return err;
	trail->seq = tail.seq;
	memcpy(trail->head, tail.head, sizeof(trail->head));
	if (tail.torn_len)
		err = write_recovered(trail, &tail);
	trail->torn = err != 0;
	return err;
}

static int open_locked(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (flock(fd, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int trail_open(const char *path, struct trail **ret_trail)
{
	struct trail *trail;
	int err;

	if (sodium_init() < 0)
		return -ENOSYS;
	trail = calloc(1, sizeof(*trail));
	if (!trail)
		return -ENOMEM;
	err = trail->fd = open_locked(path);
	if (err >= 0)
		err = resume(trail);
	if (err) {
		if (trail->fd >= 0)
			close(trail->fd);
		free(trail);
		return err;
	}
	*ret_trail = trail;
	return 0;
}

static bool sets_our_keys(const struct cJSON *record)
{
	return cJSON_HasObjectItem(record, "seq") || cJSON_HasObjectItem(record, "time") ||
	       cJSON_HasObjectItem(record, "prev");
}

static int append(struct trail *trail, const struct cJSON *record)
{
	char *line;
	size_t line_len, written;
	int err;

	if (!cJSON_IsObject(record) || sets_our_keys(record))
		return -EINVAL;
	err = trail->torn ? resume(trail) : 0;
	if (err)
		return err;
	err = make_line(trail, record, &line, &line_len);
	if (err)
		return err;
	err = write_all(trail->fd, line + 1, line_len, &written);
	if (err)
		trail->torn = written > 0;
	else
		advance(trail, line + 1, line_len);
	free(line);
	return err;
}

int trail_append(struct trail *trail, struct cJSON *record)
{
	int err = append(trail, record);

	cJSON_Delete(record);
	return err;
}

int trail_sync(struct trail *trail)
{
	return fdatasync(trail->fd) ? -errno : 0;
}

int trail_close(struct trail *trail)
{
	int err, sync_err;

	if (!trail)
		return 0;
	err = trail->torn ? resume(trail) : 0;
	sync_err = trail_sync(trail);
	close(trail->fd);
	free(trail);
	return err ? err : sync_err;
}
