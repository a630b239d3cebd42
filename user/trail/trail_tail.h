/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_tail.h - how a trail file ends: where its chain stands and what, if
 * anything, was torn off its last line. Used by the writer, and to
 * tell files apart.
 */
#ifndef EC_TRAIL_TAIL_H
#define EC_TRAIL_TAIL_H

#include <sys/types.h>
#include <time.h>

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
/* What the file's first record says of all of it. */
struct trail_first {
	char id[TRAIL_ID_SIZE]; /* of the trail, "" = there is no record */
	uint64_t segment;	/* from 1 */
	uint64_t seq;
	char prev[TRAIL_HASH_SIZE];
	time_t time; /* of the record, 0 = not known */
};
int trail_first_read(int fd, struct trail_first *ret_first);
/* The same of bytes that a file begins with. */
void trail_first_find(const char *buf, size_t len, struct trail_first *ret_first);

/* Exactly those bytes. */
int trail_read_range(int fd, off_t from, char *buf, size_t len);

#endif
