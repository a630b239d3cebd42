/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_examine.h - the part of verifying that needs no knowledge of other
 * lines, and nearly all the time: done on several processors at once.
 */
#ifndef EC_TRAIL_EXAMINE_H
#define EC_TRAIL_EXAMINE_H

#include "trail_line.h"

struct trail_examined {
	const char *bytes; /* in: the line, without its newline */
	size_t bytes_len;
	const char *why;	  /* out: why it is no record, or NULL */
	const char *why_unsigned; /* why it is no checkpoint, though it says so, or NULL */
	struct trail_line line;
	char hash[TRAIL_HASH_SIZE];
};

void trail_examine(struct trail_examined *lines, size_t lines_len);

#endif
