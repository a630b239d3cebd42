/* SPDX-License-Identifier: Apache-2.0 */
/* trail_raw.h - a trail whose bytes a test may change. */
#ifndef EC_TEST_TRAIL_RAW_H
#define EC_TEST_TRAIL_RAW_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/trail/trail.h"

static char path[64];

static inline void make_path(void)
{
	strcpy(path, "/tmp/ec-trail-XXXXXX");
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
}

static inline void remove_path(void)
{
	unlink(path);
}

static inline struct cJSON *record(const char *text)
{
	struct cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "kind", "note");
	cJSON_AddStringToObject(json, "note", text);
	return json;
}

static inline void append(int count)
{
	struct trail *trail;

	cr_assert_eq(trail_open(path, &trail), 0);
	for (int i = 0; i < count; i++)
		cr_assert_eq(trail_append(trail, record("hello")), 0);
	cr_assert_eq(trail_close(trail), 0);
}

static inline char *read_all(size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	char *text = malloc((size_t)st.st_size + 1);

	cr_assert_eq(read(fd, text, (size_t)st.st_size), st.st_size);
	text[st.st_size] = '\0';
	close(fd);
	*ret_len = (size_t)st.st_size;
	return text;
}

static inline void write_raw(int flags, const void *bytes, size_t bytes_len)
{
	int fd = open(path, O_WRONLY | flags);

	cr_assert_eq(write(fd, bytes, bytes_len), (ssize_t)bytes_len);
	close(fd);
}

static inline void cut(size_t bytes)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(truncate(path, st.st_size - (off_t)bytes), 0);
}

static inline struct trail_report verify(int want)
{
	struct trail_report report;

	cr_expect_eq(trail_verify(path, &report), want, "line %d: %s", (int)report.bad_line,
		     report.reason);
	return report;
}

#endif
