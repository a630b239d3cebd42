/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_line.h - one line of a trail: what the writer and the verifier must
 * agree on. Used by trail*.c only.
 */
#ifndef EC_TRAIL_LINE_H
#define EC_TRAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line with its newline. A record is some hundred bytes; what does not fit
 * is refused by trail_append (-E2BIG) and does not verify. */
#define TRAIL_LINE_MAX (1u << 20)

#define TRAIL_HASH_SIZE 65 /* SHA-256 in hex, and NUL */
#define TRAIL_ID_SIZE 33   /* 16 random bytes in hex, and NUL */
#define TRAIL_TIME_SIZE 28 /* 2026-01-31T12:00:00.123456Z, and NUL */

/* Kinds of record that the trail itself writes. */
enum trail_kind {
	TRAIL_OTHER,
	TRAIL_RECOVERED,
	TRAIL_CHECKPOINT,
	TRAIL_QUOTE,	       /* a TPM knew a checkpoint */
	TRAIL_SEGMENT,	       /* the first of a file that goes on from another one */
	TRAIL_SEGMENT_DELETED, /* retention took the oldest file */
};

/* What a line says about its place in the chain. */
struct trail_line {
	uint64_t seq;
	char prev[TRAIL_HASH_SIZE];
	enum trail_kind kind;
	char trail[TRAIL_ID_SIZE]; /* of which trail, "" = it does not say */
	uint64_t torn_len;	   /* recovered: the torn line that it accounts for */
	char torn_hash[TRAIL_HASH_SIZE];
	uint64_t segment; /* segment: its number from 2; segment_deleted: which, from 1 */
	uint64_t last;	  /* segment_deleted: seq of its last record */
};

/* line has no newline. NULL: it is a record; else why it is not. */
const char *trail_line_read(const char *line, size_t line_len, struct trail_line *ret_line);

/* The id of a trail whose first record is that line: what it says, or, of trails
 * that do not say it, the beginning of its hash. */
void trail_line_id(const struct trail_line *line, const char hash[TRAIL_HASH_SIZE],
		   char ret_id[TRAIL_ID_SIZE]);

#endif
