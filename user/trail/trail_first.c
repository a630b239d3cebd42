// SPDX-License-Identifier: Apache-2.0
/* trail_first.c - how a file of a trail begins. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trail_hash.h"
#include "trail_tail.h"

/* "time" is a record's second member. */
static time_t read_time(const char *line, size_t line_len)
{
	static const char mark[] = "\"time\":\"";
	const char *at = memmem(line, line_len, mark, sizeof(mark) - 1);
	struct tm utc = { 0 };
	char text[20];

	if (!at || (size_t)(line + line_len - at) < sizeof(mark) + sizeof(text))
		return 0;
	memcpy(text, at + sizeof(mark) - 1, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	return strptime(text, "%Y-%m-%dT%H:%M:%S", &utc) ? timegm(&utc) : 0;
}

static void take(const struct trail_line *line, const char *bytes, size_t len,
		 struct trail_first *first)
{
	char hash[TRAIL_HASH_SIZE];

	trail_hash(bytes, len, hash);
	trail_line_id(line, hash, first->id);
	first->segment = line->kind == TRAIL_SEGMENT ? line->segment : 1;
	first->seq = line->seq;
	memcpy(first->prev, line->prev, sizeof(first->prev));
	first->time = read_time(bytes, len);
}

/* The first line may be a torn one, then it is the second. */
void trail_first_find(const char *buf, size_t len, struct trail_first *ret_first)
{
	struct trail_line line;

	*ret_first = (struct trail_first) { .segment = 1 };
	for (int i = 0; i < 2; i++) {
		const char *newline = memchr(buf, '\n', len);
		size_t line_len = newline ? (size_t)(newline - buf) : len;

		if (!trail_line_read(buf, line_len, &line)) {
			take(&line, buf, line_len, ret_first);
			return;
		}
		if (!newline)
			return;
		buf = newline + 1;
		len -= line_len + 1;
	}
}

int trail_first_read(int fd, struct trail_first *ret_first)
{
	size_t len = 2 * (size_t)TRAIL_LINE_MAX;
	struct stat st;
	char *buf;
	int err;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size < (off_t)len)
		len = (size_t)st.st_size;
	buf = malloc(len + 1);
	if (!buf)
		return -ENOMEM;
	err = trail_read_range(fd, 0, buf, len);
	if (!err)
		trail_first_find(buf, len, ret_first);
	free(buf);
	return err;
}
