// SPDX-License-Identifier: Apache-2.0
/* Any bytes as lines of a Python trail: nothing but what it says happens, and what
 * holds does not hold once a byte of it is another one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claim.h"
#include "user/evidence/python_text.h"
#include "user/evidence/python_trail.h"
#include "user/json/json_whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value that is written again is written the same. */
static void write_again(const char *text, size_t len)
{
	struct json_whole_seen seen[1];
	enum json_kind kind = json_whole(text, len, NULL, 0, seen);
	char *once, *twice;
	size_t n, m;

	if (kind != JSON_STRING || len < 2 || text[0] != '"' || text[len - 1] != '"')
		return;
	once = malloc(6 * len + 1);
	twice = malloc(36 * len + 1);
	n = python_string(text, len, once);
	m = n ? python_string(once, n, twice) : 0;
	CLAIM(m == n && !memcmp(once, twice, n));
	free(twice);
	free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct python_report report = { 0 };
	char head[65] = "", path[64], *text = malloc(size + 1);
	int fd = memfd_create("trail", MFD_CLOEXEC), r;

	CLAIM(text && fd >= 0 && write(fd, data, size) == (ssize_t)size);
	memcpy(text, data, size);
	if (size && !python_trail_line(text, size, head, &report)) {
		memset(head, 0, sizeof(head));
		text[size / 2] ^= 1;
		CLAIM(python_trail_line(text, size, head, &report) || report.extra);
	}
	memcpy(text, data, size);
	write_again(text, size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = python_trail_verify(path, &report);
	CLAIM(!r || (r == -EBADMSG && report.bad_line && *report.reason));
	close(fd);
	free(text);
	return 0;
}
