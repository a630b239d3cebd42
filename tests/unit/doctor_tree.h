/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_tree.h - hosts as trees of files, below a directory of the test's own. */
#ifndef EC_DOCTOR_TREE_H
#define EC_DOCTOR_TREE_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/host/host.h"

struct tree_file {
	const char *path;
	const char *text; /* "-> x" is a link to x */
};
#define TREE_END                                                                                   \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

struct tree_host {
	char path[64];
	struct host host;
};

static inline void tree_write_bytes(const struct tree_host *t, const char *path, const void *bytes,
				    size_t len)
{
	char at[512];
	int fd;

	snprintf(at, sizeof(at), "%s/%s", t->path, path);
	for (char *slash = at + strlen(t->path) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		cr_assert(!mkdir(at, 0755) || errno == EEXIST, "%s: %m", at);
	}
	unlink(at);
	fd = open(at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	cr_assert(fd >= 0 && write(fd, bytes, len) == (ssize_t)len, "%s: %m", at);
	close(fd);
}

static inline void tree_write(const struct tree_host *t, const struct tree_file *file)
{
	char at[512];

	tree_write_bytes(t, file->path, file->text, strlen(file->text));
	if (strncmp(file->text, "-> ", 3))
		return;
	snprintf(at, sizeof(at), "%s/%s", t->path, file->path);
	cr_assert(!unlink(at) && !symlink(file->text + 3, at), "%s: %m", at);
}

/* The later of two files of one path counts. */
static inline void tree_add(const struct tree_host *t, const struct tree_file *files)
{
	for (; files->path; files++)
		tree_write(t, files);
}

static inline void tree_remove(const struct tree_host *t, const char *path)
{
	char at[512];

	snprintf(at, sizeof(at), "%s/%s", t->path, path);
	cr_assert_eq(unlink(at), 0, "%s: %m", at);
}

static inline void tree_open(struct tree_host *t, const struct tree_file *files)
{
	strcpy(t->path, "/tmp/ec-doctor-XXXXXX");
	cr_assert(mkdtemp(t->path));
	tree_add(t, files);
	cr_assert_eq(host_open(t->path, &t->host), 0);
}

static inline void tree_close(struct tree_host *t)
{
	char command[96];

	host_close(&t->host);
	snprintf(command, sizeof(command), "rm -rf %s", t->path);
	cr_assert_eq(system(command), 0);
}

/* What is common to a Linux whose root looks, on the host itself. */
#define TREE_ROOT_LOOKS                                                                            \
	{ "proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n" },                           \
		{ "proc/self/ns/user", "-> user:[4026531837]" },                                   \
		{ "proc/self/ns/pid", "-> pid:[4026531836]" },                                     \
		{ "proc/self/uid_map", "         0          0 4294967295\n" },                     \
		{ "sys/kernel/btf/vmlinux", "btf" },                                               \
	{                                                                                          \
		"proc/self/mountinfo", "21 1 254:0 / / rw - ext4 /dev/sda1 rw\n"                   \
				       "31 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"     \
				       "32 25 0:27 / /sys/fs/bpf rw - bpf bpf rw\n"                \
	}

#endif
