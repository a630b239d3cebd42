// SPDX-License-Identifier: Apache-2.0
#include "inode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "policy/grow.h"

#define DEV(major, minor) ((uint32_t)(major) << 20 | (uint32_t)(minor))

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

int inode_mounts_read(struct inode_mounts *mounts)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen("/proc/self/mountinfo", "re");
	_cleanup_memory_ char *line = NULL;
	size_t line_max = 0;

	if (!file)
		return -errno;
	while (getline(&line, &line_max, file) > 0) {
		unsigned int id, major, minor;

		if (sscanf(line, "%u %*u %u:%u", &id, &major, &minor) != 3)
			continue;
		if (GROW(mounts->at, mounts->len + 1, mounts->max) < 0)
			return -ENOMEM;
		mounts->at[mounts->len].id = id;
		mounts->at[mounts->len++].dev = DEV(major, minor);
	}
	return 0;
}

void inode_mounts_done(struct inode_mounts *mounts)
{
	free(mounts->at);
	memset(mounts, 0, sizeof(*mounts));
}

/* fdinfo's "ino" came with 5.14; stat's is the same but on exotic layers. */
static int read_fdinfo(int fd, uint64_t *ret_ino, unsigned int *ret_mount)
{
	char name[48], text[1024];
	_cleanup_fd_ int info = -1;
	const char *at;
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	info = open(name, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -errno;
	n = read(info, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	at = strstr(text, "mnt_id:");
	if (!at || sscanf(at, "mnt_id: %u", ret_mount) != 1)
		return -ENODATA;
	at = strstr(text, "\nino:");
	if (at)
		*ret_ino = strtoull(at + strlen("\nino:"), NULL, 10);
	return 0;
}

int inode_of(const struct inode_mounts *mounts, int fd, uint64_t *ret_ino, uint32_t *ret_dev)
{
	unsigned int mount = 0;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_ino = st.st_ino;
	*ret_dev = DEV(major(st.st_dev), minor(st.st_dev));
	if ((r = read_fdinfo(fd, ret_ino, &mount)) < 0)
		return r;
	for (size_t i = 0; i < mounts->len; i++) {
		if (mounts->at[i].id != mount)
			continue;
		*ret_dev = mounts->at[i].dev;
		return 0;
	}
	return 0; /* a mount of another namespace: stat's answer */
}
