/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_tail.h - how a trail file ends: where its chain stands and what, if
 * anything, was torn off its last line. Used by trail.c only.
 */
#ifndef EC_TRAIL_TAIL_H
#define EC_TRAIL_TAIL_H

#include <sys/types.h>

#include "trail_line.h"

struct trail_tail {
	off_t size;
	uint64_t seq;		    /* of the last whole line, 0 = none */
	char head[TRAIL_HASH_SIZE]; /* its hash, "" = none */
	uint64_t torn_len;	    /* bytes after the last newline */
	char torn_hash[TRAIL_HASH_SIZE];
};

/* A line that lacks nothing but its newline counts as whole and as torn.
 * -EBADMSG: the file does not end as a trail does. */
int trail_tail_read(int fd, struct trail_tail *ret_tail);

#endif
