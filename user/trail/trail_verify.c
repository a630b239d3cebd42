// SPDX-License-Identifier: Apache-2.0
#include "trail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trail_examine.h"

/* A whole line and what precedes it in the buffer always fit. */
#define BUFFER_SIZE (4 * (size_t)TRAIL_LINE_MAX)
#define BATCH_MAX 8192u /* lines examined at once: 2 MB of results */

struct verifier {
	struct trail_report *report;
	size_t last_len; /* of the last record */
	/* A line that is no record, waiting for the record that accounts for it. */
	bool torn;
	size_t torn_len;
	char torn_hash[TRAIL_HASH_SIZE];
	const char *torn_why;
	struct trail_examined *lines;
	/* told of every record, also once something does not hold */
	int (*each)(void *ctx, const char *line, size_t line_len);
	void *ctx;
	bool failed;
};

static int fail(struct verifier *verifier, uint64_t line, const char *why)
{
	verifier->report->bad_line = line;
	snprintf(verifier->report->reason, sizeof(verifier->report->reason), "%s", why);
	return -EBADMSG;
}

static int fail_seq(struct verifier *verifier, uint64_t line, uint64_t seq, uint64_t want)
{
	char why[128];

	snprintf(why, sizeof(why), "\"seq\" is %" PRIu64 ", not %" PRIu64, seq, want);
	return fail(verifier, line, why);
}

/* Does a "recovered" record describe the line before it? */
static bool accounts_for_torn(const struct verifier *verifier, const struct trail_line *line)
{
	if (verifier->torn)
		return line->torn_len == verifier->torn_len &&
		       !strcmp(line->torn_hash, verifier->torn_hash);
	/* A line that lacked only its newline: closed, it is a record. */
	return line->torn_len == verifier->last_len && verifier->last_len &&
	       !strcmp(line->torn_hash, verifier->report->head);
}

static int check_record(struct verifier *verifier, const struct trail_line *line, uint64_t number,
			uint64_t *seq)
{
	if (verifier->torn && !line->recovered)
		return fail(verifier, number - 1, verifier->torn_why);
	if (line->seq != *seq + 1)
		return fail_seq(verifier, number, line->seq, *seq + 1);
	if (strcmp(line->prev, verifier->report->head))
		return fail(verifier, number, "\"prev\" is not the SHA-256 of the line before");
	if (line->recovered && !accounts_for_torn(verifier, line))
		return fail(verifier, number, "it does not describe the torn line before it");
	verifier->report->recovered += line->recovered;
	verifier->torn = false;
	(*seq)++;
	return 0;
}

static int check_line(struct verifier *verifier, const struct trail_examined *examined,
		      uint64_t *seq)
{
	struct trail_report *report = verifier->report;
	uint64_t number = ++report->lines;
	int err;

	if (examined->bytes_len >= TRAIL_LINE_MAX)
		return fail(verifier, number, "it is longer than 1 MiB");
	if (examined->why && verifier->torn)
		return fail(verifier, number - 1, verifier->torn_why);
	if (examined->why) {
		verifier->torn = true;
		verifier->torn_why = examined->why;
		verifier->torn_len = examined->bytes_len;
		memcpy(verifier->torn_hash, examined->hash, sizeof(verifier->torn_hash));
		return 0;
	}
	err = check_record(verifier, &examined->line, number, seq);
	if (err)
		return err;
	memcpy(report->head, examined->hash, sizeof(report->head));
	verifier->last_len = examined->bytes_len;
	return 0;
}

/* To a reader one line that does not hold is not the end. */
static int take_line(struct verifier *verifier, const struct trail_examined *examined,
		     uint64_t *seq)
{
	int err = verifier->failed ? 0 : check_line(verifier, examined, seq);

	if (!verifier->each)
		return err;
	if (err)
		verifier->failed = true;
	return examined->why ? 0 :
			       verifier->each(verifier->ctx, examined->bytes, examined->bytes_len);
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

/* Checks the whole lines in buf; returns in *ret_used how much they are. */
static int check_lines(struct verifier *verifier, const char *buf, size_t len, uint64_t *seq,
		       size_t *ret_used)
{
	size_t lines_len;
	int err = 0;

	*ret_used = 0;
	do {
		*ret_used += find_lines(buf + *ret_used, len - *ret_used, verifier->lines,
					&lines_len);
		trail_examine(verifier->lines, lines_len);
		for (size_t i = 0; !err && i < lines_len; i++)
			err = take_line(verifier, &verifier->lines[i], seq);
	} while (!err && lines_len);
	return err;
}

static int check_end(struct verifier *verifier, size_t torn_len)
{
	if (verifier->failed)
		return -EBADMSG;
	if (verifier->torn)
		return fail(verifier, verifier->report->lines, verifier->torn_why);
	verifier->report->torn_len = torn_len;
	return 0;
}

/* Fills buf behind its first *len bytes. Sets *ret_end at the end of the file. */
static int fill(int fd, char *buf, size_t *len, bool *ret_end)
{
	*ret_end = false;
	while (*len < BUFFER_SIZE && !*ret_end) {
		ssize_t n = read(fd, buf + *len, BUFFER_SIZE - *len);

		if (n < 0 && errno != EINTR)
			return -errno;
		*len += n > 0 ? (size_t)n : 0;
		*ret_end = !n;
	}
	return 0;
}

static int check_file(struct verifier *verifier, int fd, char *buf)
{
	size_t len = 0, used;
	uint64_t seq = 0;
	bool end;

	for (;;) {
		int err = fill(fd, buf, &len, &end);

		if (!err)
			err = check_lines(verifier, buf, len, &seq, &used);
		if (err)
			return err;
		len -= used;
		memmove(buf, buf + used, len);
		if (end)
			return check_end(verifier, len);
		if (len == BUFFER_SIZE) /* whatever it is, it is no line of a trail */
			return verifier->failed ? -EBADMSG :
						  fail(verifier, ++verifier->report->lines,
						       "it is longer than 1 MiB");
	}
}

int trail_read(const char *path, int (*each)(void *ctx, const char *line, size_t line_len),
	       void *ctx, struct trail_report *ret_report)
{
	struct verifier verifier = { .report = ret_report, .each = each, .ctx = ctx };
	char *buf;
	int fd, err;

	memset(ret_report, 0, sizeof(*ret_report));
	if (sodium_init() < 0)
		return -ENOSYS;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	buf = malloc(BUFFER_SIZE);
	verifier.lines = calloc(BATCH_MAX, sizeof(*verifier.lines));
	err = buf && verifier.lines ? check_file(&verifier, fd, buf) : -ENOMEM;
	free(verifier.lines);
	free(buf);
	close(fd);
	return err;
}

int trail_verify(const char *path, struct trail_report *ret_report)
{
	return trail_read(path, NULL, NULL, ret_report);
}
