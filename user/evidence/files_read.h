/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files_read.h - a trail as people name it: a folder that has one trail in it, or its FILE,
 * whose older files (FILE.000001, FILE.000002.gz) are read before it.
 */
#ifndef EC_FILES_READ_H
#define EC_FILES_READ_H

#include <stddef.h>

#include "user/trail/trail.h"

/* Can it be read more than once? -EINVAL: it is neither a regular file nor a folder. */
int files_check(const char *path);
/* As trail_read. -EXDEV: a folder with no trail of ours in it, or with several. Where several files are read, the reason of what
 * does not hold begins with the file's name. */
int files_read(const char *path, int (*each)(void *ctx, const char *line, size_t line_len),
	       void *ctx, struct trail_report *ret_report);
const char *files_read_problem(int err); /* in words */

#endif
