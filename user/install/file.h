/* SPDX-License-Identifier: Apache-2.0 */
/* file.h - another program's file, changed whole or not at all. */
#ifndef EC_INSTALL_FILE_H
#define EC_INSTALL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct file {
	char *path; /* of the file itself, where a link led to it */
	bool exists;
	struct stat stat;
	char *text; /* ends with a NUL that len does not count */
	size_t len;
};

/* At most most bytes. -ENOENT never: then it does not exist yet. */
int file_read(const char *path, size_t most, struct file *ret_file);
/* Replaces it, with its mode and owner; a new one gets those of its directory,
 * which is made. -ESTALE: somebody else has changed it since. */
int file_replace(const struct file *file, const char *text, size_t len);
int file_remove(const struct file *file);
void file_done(struct file *file);

#endif
