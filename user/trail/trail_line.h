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

void trail_hash(const void *bytes, size_t bytes_len, char ret_hash[TRAIL_HASH_SIZE]);

/* What a line says about its place in the chain. */
struct trail_line {
	uint64_t seq;
	char prev[TRAIL_HASH_SIZE];
	bool recovered; /* accounts for a torn line: */
	uint64_t torn_len;
	char torn_hash[TRAIL_HASH_SIZE];
};

/* line has no newline. NULL: it is a record; else why it is not. */
const char *trail_line_read(const char *line, size_t line_len, struct trail_line *ret_line);

#endif
