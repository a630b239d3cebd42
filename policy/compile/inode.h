/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inode.h - an object as the kernel names it: inode number and s_dev. stat(2)
 * shows something else on file systems with subvolumes or layers.
 */
#ifndef EC_INODE_H
#define EC_INODE_H

#include <stddef.h>
#include <stdint.h>

struct inode_mount {
	unsigned int id;
	uint32_t dev; /* major << 20 | minor */
};

struct inode_mounts {
	struct inode_mount *at;
	size_t len, max;
};

/* Reads the mounts of our own namespace. */
int inode_mounts_read(struct inode_mounts *mounts);
void inode_mounts_done(struct inode_mounts *mounts);

/* Of an O_PATH descriptor. */
int inode_of(const struct inode_mounts *mounts, int fd, uint64_t *ret_ino, uint32_t *ret_dev);
/* What tells that object from those that had its number before, or get it when it is
 * gone: i_generation. -ENODATA: it cannot be told. */
int inode_version(int fd, uint64_t ino, uint32_t *ret_version);

#endif
