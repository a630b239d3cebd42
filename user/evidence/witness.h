/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness.h - signed heads, somewhere else: what was told cannot be taken back by
 * who later rewrites the trail, even with the key. A line each:
 * TIME TRAIL SEQ HEAD WHY KEY SIGNATURE, as the checkpoint has them.
 */
#ifndef EC_WITNESS_H
#define EC_WITNESS_H

#include "user/trail/trail_checkpoint.h"

#define WITNESS_LINE_MAX 512

/* Opens the file anew each time: it may be on a disk that comes and goes. */
int witness_file(const char *path, const struct trail_checkpoint *checkpoint);
int witness_syslog(const struct trail_checkpoint *checkpoint);
/* The line alone, NUL-terminated. */
size_t witness_print(const struct trail_checkpoint *checkpoint, char line[WITNESS_LINE_MAX]);

/* line: without a newline. -EINVAL: it is none. */
int witness_parse(const char *line, size_t line_len, struct trail_checkpoint *ret_checkpoint);

#endif
