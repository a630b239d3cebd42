// SPDX-License-Identifier: Apache-2.0
#include "trail.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "trail_chain.h"
#include "trail_source.h"

/* A whole line and what precedes it in the buffer always fit. */
#define BUFFER_SIZE (4 * (size_t)TRAIL_LINE_MAX)
#define BATCH_MAX 8192u /* lines examined at once: 3 MB of results */

struct reading {
	struct trail_chain chain;
	struct trail_examined *lines;
	char *buf;
	size_t len; /* of what is in buf */
};

/* To a reader one line that does not hold is not the end. */
static int take_line(struct reading *reading, const struct trail_examined *examined)
{
	const struct trail_check *check = reading->chain.check;
	int err = reading->chain.failed ? 0 : trail_chain_line(&reading->chain, examined);

	if (!check->each)
		return err;
	return examined->why ? 0 : check->each(check->ctx, examined->bytes, examined->bytes_len);
}

/* Finds the first whole lines in buf. Returns how much of it they are. */
static size_t find_lines(const char *buf, size_t len, struct trail_examined *lines,
			 size_t *ret_lines_len)
{
	const char *at = buf, *newline;
	size_t i = 0;

	while (i < BATCH_MAX && (newline = memchr(at, '\n', len - (size_t)(at - buf)))) {
		lines[i].bytes = at;
		lines[i++].bytes_len = (size_t)(newline - at);
		at = newline + 1;
	}
	*ret_lines_len = i;
	return (size_t)(at - buf);
}

/* Checks the whole lines in the buffer, and moves what is left to its front. */
static int check_lines(struct reading *reading)
{
	size_t lines_len, used = 0;
	int err = 0;

	do {
		used += find_lines(reading->buf + used, reading->len - used, reading->lines,
				   &lines_len);
		trail_examine(reading->lines, lines_len);
		for (size_t i = 0; !err && i < lines_len; i++)
			err = take_line(reading, &reading->lines[i]);
	} while (!err && lines_len);
	reading->len -= used;
	memmove(reading->buf, reading->buf + used, reading->len);
	return err;
}

/* To where the file ends, or does not hold. */
static int check_source(struct reading *reading, struct trail_source *source)
{
	struct trail_chain *chain = &reading->chain;
	bool end = false;
	int err, damaged;

	reading->len = 0;
	do {
		damaged = trail_source_fill(source, reading->buf, BUFFER_SIZE, &reading->len, &end);
		if (damaged && damaged != -EBADMSG)
			return damaged;
		err = check_lines(reading);
		if (err)
			return err;
		if (damaged)
			return chain->failed ? -EBADMSG :
					       trail_chain_fail(chain, chain->number + 1,
								"what is compressed is damaged");
	} while (!end && reading->len < BUFFER_SIZE);
	if (!end && !chain->failed) /* whatever it is, it is no line of a trail */
		return trail_chain_fail(chain, chain->number + 1, "it is longer than 1 MiB");
	return trail_chain_end(chain, reading->len);
}

static int check_file(struct reading *reading, const char *path, size_t file)
{
	struct trail_source *source;
	int err = trail_chain_file(&reading->chain, file);

	if (!err)
		err = trail_source_open(path, &source);
	if (err)
		return err;
	err = check_source(reading, source);
	trail_source_close(source);
	return err;
}

int trail_check(const char *const *paths, size_t paths_len, const struct trail_check *check,
		struct trail_report *ret_report)
{
	struct reading reading = { .chain = { .check = check, .report = ret_report } };
	int err;

	memset(ret_report, 0, sizeof(*ret_report));
	if (sodium_init() < 0)
		return -ENOSYS;
	reading.buf = malloc(BUFFER_SIZE);
	reading.lines = calloc(BATCH_MAX, sizeof(*reading.lines));
	reading.chain.marks = calloc(TRAIL_CHAIN_MARKS, sizeof(*reading.chain.marks));
	err = reading.buf && reading.lines && reading.chain.marks ? 0 : -ENOMEM;
	for (size_t i = 0; !err && i < paths_len; i++)
		err = check_file(&reading, paths[i], i);
	free(reading.chain.marks);
	free(reading.lines);
	free(reading.buf);
	return err;
}

int trail_read(const char *path, int (*each)(void *ctx, const char *line, size_t line_len),
	       void *ctx, struct trail_report *ret_report)
{
	const struct trail_check check = { .each = each, .ctx = ctx };

	return trail_check(&path, 1, &check, ret_report);
}

int trail_verify(const char *path, struct trail_report *ret_report)
{
	return trail_read(path, NULL, NULL, ret_report);
}
