/* SPDX-License-Identifier: Apache-2.0 */
/* trail_file.h - files of trails for tests, in a folder of their own. */
#ifndef EC_TEST_TRAIL_FILE_H
#define EC_TEST_TRAIL_FILE_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/trail/trail.h"
#include "user/trail/trail_key.h"

static char folder[64], trail_path[96];
static struct trail_key key;

static inline void make_folder(void)
{
	char path[96];

	strcpy(folder, "/tmp/ec-evidence-XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(trail_path, sizeof(trail_path), "%s/trail.jsonl", folder);
	snprintf(path, sizeof(path), "%s/key", folder);
	cr_assert_eq(trail_key_open(path, true, &key), 0);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void remove_folder(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void append_to(struct trail *trail, int count)
{
	for (int i = 0; i < count; i++) {
		struct cJSON *json = cJSON_CreateObject();

		cJSON_AddStringToObject(json, "kind", "note");
		cJSON_AddNumberToObject(json, "n", i);
		cr_assert_eq(trail_append(trail, json), 0);
	}
}

/* Records that wait. */
static inline void add_members(struct trail *trail, int count)
{
	char text[64];

	for (int i = 0; i < count; i++) {
		int len = snprintf(text, sizeof(text), "\"kind\":\"effect\",\"n\":%d", i);

		cr_assert_eq(trail_append_members(trail, text, (size_t)len, 1), 0);
	}
}

static inline void write_trail(const char *path, const struct trail_options *options, int count)
{
	struct trail *trail;

	cr_assert_eq(trail_open_with(path, options, &trail), 0);
	append_to(trail, count);
	cr_assert_eq(trail_close(trail), 0);
}

static inline char *read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0, "%s", path);
	char *text = malloc((size_t)st.st_size + 1);

	cr_assert_eq(read(fd, text, (size_t)st.st_size), st.st_size);
	text[st.st_size] = '\0';
	close(fd);
	*ret_len = (size_t)st.st_size;
	return text;
}

static inline void write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

#endif
