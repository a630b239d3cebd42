// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a trail: the verifier and the writer never fail on them in any
 * other way than they say, and what verifies can be continued and verifies. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claim.h"
#include "user/trail/trail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void continue_trail(const char *path, const struct trail_report *before)
{
	struct trail_report report;
	struct trail *trail;
	int err = trail_open(path, &trail);

	/* bytes without a newline that are longer than any line are not torn */
	if (err && before->torn_len >= 1 << 20)
		return;
	CLAIM(!err);
	CLAIM(!trail_append(trail, cJSON_CreateObject()));
	CLAIM(!trail_close(trail));
	CLAIM(!trail_verify(path, &report));
	CLAIM(report.lines >= before->lines + 1 && !report.torn_len);
	CLAIM(!before->torn_len || report.recovered == before->recovered + 1);
}

static void add_bytes(const uint8_t *data, size_t size)
{
	struct cJSON *record = cJSON_CreateObject();

	CLAIM(!trail_add_bytes(record, "x", data, size));
	char *text = cJSON_PrintUnformatted(record);

	CLAIM(text && !strpbrk(text, "\n\r\x1b"));
	cJSON_free(text);
	cJSON_Delete(record);
}

/* As segments of one trail, which a NUL ends; some of them may be compressed. */
static void check_segments(const uint8_t *data, size_t size)
{
	const struct trail_check check = { .keys_len = 0 };
	char paths[4][64];
	const char *list[4];
	struct trail_report report;
	int fds[4], err;
	size_t n = 0;

	for (; n < 4 && (size || !n); n++) {
		const uint8_t *end = n < 3 ? memchr(data, 0, size) : NULL;
		size_t len = end ? (size_t)(end - data) : size;

		fds[n] = memfd_create("segment", MFD_CLOEXEC);
		CLAIM(fds[n] >= 0 && write(fds[n], data, len) == (ssize_t)len);
		snprintf(paths[n], sizeof(paths[n]), "/proc/self/fd/%d", fds[n]);
		list[n] = paths[n];
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
	err = trail_check(list, n, &check, &report);
	CLAIM(!err || (err == -EBADMSG && report.file < n && report.bad_line && *report.reason));
	CLAIM(err || report.last_seq + 1 == report.first_seq + report.lines - report.recovered ||
	      report.recovered || !report.last_seq);
	while (n)
		close(fds[--n]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_report report;
	char path[64];
	int fd = memfd_create("trail", MFD_CLOEXEC);

	CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int err = trail_verify(path, &report);

	CLAIM(!err || (err == -EBADMSG && report.bad_line && *report.reason));
	if (!err)
		continue_trail(path, &report);
	add_bytes(data, size);
	check_segments(data, size);
	close(fd);
	return 0;
}
