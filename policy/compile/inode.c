// SPDX-License-Identifier: Apache-2.0
#include "inode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

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

/*
 * In a handle (name_to_handle_at(2)) lies what the file system finds the inode by:
 * number and i_generation. Unlike FS_IOC_GETVERSION that takes no opening, and tmpfs
 * has it. Only of file systems whose handles are known (fs/libfs.c and fs/exportfs/,
 * fs/xfs/xfs_export.c, fs/btrfs/export.c, mm/shmem.c): others, such as FUSE's servers,
 * put into theirs what they like.
 */
#define XFS_SUPER_MAGIC 0x58465342
struct handle_layout {
	uint32_t fs;
	int type;
	unsigned int len;
	unsigned int ino_at, ino_len, version_at;
};
static const struct handle_layout layouts[] = {
	{ EXT4_SUPER_MAGIC, 0x1, 8, 0, 4, 4 },	   /* ext2 and ext3, too */
	{ XFS_SUPER_MAGIC, 0x1, 8, 0, 4, 4 },	   /* mounted with inode32 */
	{ XFS_SUPER_MAGIC, 0x81, 12, 0, 8, 8 },	   /* struct xfs_fid64 */
	{ BTRFS_SUPER_MAGIC, 0x4d, 20, 0, 8, 16 }, /* struct btrfs_fid */
	{ TMPFS_MAGIC, 0x1, 12, 4, 8, 0 },
};

int inode_version(int fd, uint64_t ino, uint32_t *ret_version)
{
	union {
		struct file_handle handle;
		unsigned char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .handle.handle_bytes = MAX_HANDLE_SZ };
	const unsigned char *bytes = h.room + sizeof(struct file_handle);
	uint64_t its_ino = 0;
	struct statfs fs;
	int mount;

	*ret_version = 0;
	if (fstatfs(fd, &fs) < 0 || name_to_handle_at(fd, "", &h.handle, &mount, AT_EMPTY_PATH) < 0)
		return -ENODATA;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		const struct handle_layout *l = &layouts[i];

		if (l->fs != (uint32_t)fs.f_type || l->type != h.handle.handle_type ||
		    l->len != h.handle.handle_bytes)
			continue;
		/* little-endian: a short number is the low part of a long one */
		memcpy(&its_ino, bytes + l->ino_at, l->ino_len);
		if (its_ino != ino)
			break;
		memcpy(ret_version, bytes + l->version_at, sizeof(*ret_version));
		return 0;
	}
	return -ENODATA;
}
