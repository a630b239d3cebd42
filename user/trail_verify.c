// SPDX-License-Identifier: Apache-2.0
#include "user/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/trail_line.h"

/* A whole line and what precedes it in the buffer always fit. */
#define BUFFER_SIZE (2 * (size_t)TRAIL_LINE_MAX)

struct verifier {
	struct trail_report *report;
	size_t last_len; /* of the last record */
	/* A line that is no record, waiting for the record that accounts for it. */
	bool torn;
	size_t torn_len;
	char torn_hash[TRAIL_HASH_SIZE];
	const char *torn_why;
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

static int check_record(struct verifier *verifier, const struct trail_line *line,
			uint64_t number, uint64_t *seq)
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

static int check_line(struct verifier *verifier, const char *bytes, size_t bytes_len,
		      uint64_t *seq)
{
	struct trail_report *report = verifier->report;
	uint64_t number = ++report->lines;
	struct trail_line line;
	const char *why;
	int err;

	if (bytes_len >= TRAIL_LINE_MAX)
		return fail(verifier, number, "it is longer than 1 MiB");
	why = trail_line_read(bytes, bytes_len, &line);
	if (why && verifier->torn)
		return fail(verifier, number - 1, verifier->torn_why);
	if (why) {
		verifier->torn = true;
		verifier->torn_why = why;
		verifier->torn_len = bytes_len;
		trail_hash(bytes, bytes_len, verifier->torn_hash);
		return 0;
	}
	err = check_record(verifier, &line, number, seq);
	if (err)
		return err;
	trail_hash(bytes, bytes_len, report->head);
	verifier->last_len = bytes_len;
	return 0;
}

/* Checks the whole lines in buf; returns in *ret_used how much they are. */
static int check_lines(struct verifier *verifier, const char *buf, size_t len, uint64_t *seq,
		       size_t *ret_used)
{
	const char *at = buf, *newline;
	int err = 0;

	while (!err && (newline = memchr(at, '\n', len - (size_t)(at - buf)))) {
		err = check_line(verifier, at, (size_t)(newline - at), seq);
		at = newline + 1;
	}
	*ret_used = (size_t)(at - buf);
	return err;
}

static int check_end(struct verifier *verifier, size_t torn_len)
{
	if (verifier->torn)
		return fail(verifier, verifier->report->lines, verifier->torn_why);
	verifier->report->torn_len = torn_len;
	return 0;
}

static int check_file(struct verifier *verifier, int fd, char *buf)
{
	size_t len = 0, used;
	uint64_t seq = 0;

	for (;;) {
		ssize_t n = read(fd, buf + len, BUFFER_SIZE - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return check_end(verifier, len);
		len += (size_t)n;
		int err = check_lines(verifier, buf, len, &seq, &used);

		if (err)
			return err;
		len -= used;
		memmove(buf, buf + used, len);
		if (len == BUFFER_SIZE) /* whatever it is, it is no line of a trail */
			return fail(verifier, ++verifier->report->lines,
				    "it is longer than 1 MiB");
	}
}

int trail_verify(const char *path, struct trail_report *ret_report)
{
	struct verifier verifier = { .report = ret_report };
	char *buf;
	int fd, err;

	memset(ret_report, 0, sizeof(*ret_report));
	if (sodium_init() < 0)
		return -ENOSYS;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	buf = malloc(BUFFER_SIZE);
	err = buf ? check_file(&verifier, fd, buf) : -ENOMEM;
	free(buf);
	close(fd);
	return err;
}
