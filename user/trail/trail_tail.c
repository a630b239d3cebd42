// SPDX-License-Identifier: Apache-2.0
#include "trail_tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trail_hash.h"

int trail_read_range(int fd, off_t from, char *buf, size_t len)
{
	while (len) {
		ssize_t n = pread(fd, buf, len, from);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -EIO; /* somebody else cut the file */
		if (n > 0) {
			from += n;
			buf += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The last whole line, which ends before end (its newline is the last byte
 * there). It may follow line break or the start of the file. */
static int read_last_line(const char *buf, size_t len, bool from_start, struct trail_tail *tail)
{
	const char *before, *line;
	struct trail_line parsed;

	len--;
	before = memrchr(buf, '\n', len);
	if (!before && !from_start)
		return -EBADMSG;
	line = before ? before + 1 : buf;
	len -= (size_t)(line - buf);
	if (len >= TRAIL_LINE_MAX || trail_line_read(line, len, &parsed))
		return -EBADMSG;
	tail->seq = parsed.seq;
	trail_hash(line, len, tail->head);
	return 0;
}

static void read_torn(const char *torn, size_t torn_len, struct trail_tail *tail)
{
	struct trail_line parsed;

	tail->torn_len = torn_len;
	trail_hash(torn, torn_len, tail->torn_hash);
	if (trail_line_read(torn, torn_len, &parsed) || parsed.seq != tail->seq + 1 ||
	    strcmp(parsed.prev, tail->head))
		return;
	tail->seq = parsed.seq;
	memcpy(tail->head, tail->torn_hash, sizeof(tail->head));
}

static int read_tail(int fd, char *buf, struct trail_tail *tail)
{
	size_t len = 2 * (size_t)TRAIL_LINE_MAX + 1;
	const char *newline;
	int err;

	if (tail->size < (off_t)len)
		len = (size_t)tail->size;
	err = trail_read_range(fd, tail->size - (off_t)len, buf, len);
	if (err)
		return err;
	newline = memrchr(buf, '\n', len);
	if (newline) {
		err = read_last_line(buf, (size_t)(newline + 1 - buf), tail->size == (off_t)len,
				     tail);
		if (err)
			return err;
	}
	const char *torn = newline ? newline + 1 : buf;
	size_t torn_len = len - (size_t)(torn - buf);

	if (torn_len >= TRAIL_LINE_MAX)
		return -EBADMSG;
	if (torn_len)
		read_torn(torn, torn_len, tail);
	return 0;
}

int trail_tail_read(int fd, struct trail_tail *ret_tail)
{
	struct trail_tail tail = { 0 };
	struct stat st;
	char *buf;
	int err;

	if (fstat(fd, &st))
		return -errno;
	tail.size = st.st_size;
	buf = malloc(2 * (size_t)TRAIL_LINE_MAX + 1);
	if (!buf)
		return -ENOMEM;
	err = tail.size ? read_tail(fd, buf, &tail) : 0;
	free(buf);
	if (!err)
		*ret_tail = tail;
	return err;
}
