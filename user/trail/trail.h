/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - the append-only record: one JSON object per line, each carrying in
 * "prev" the SHA-256 (hex) of the exact bytes of the line before, without its
 * newline ("" in the first line). A line is in the kernel's page cache when
 * trail_append returns: `kill -9` loses nothing that was acknowledged.
 */
#ifndef EC_TRAIL_H
#define EC_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct trail;

/* Opens or continues FILE (mode 0600, one writer: -EBUSY when another holds
 * it). A torn last line is kept as it is, closed with a newline, and followed
 * by a record of kind "recovered" that states its length and SHA-256.
 * -EBADMSG: the last whole line is not a trail record. */
int trail_open(const char *path, struct trail **ret_trail);
/* Takes ownership of record (an object; seq, time and prev are added here, at
 * the front). time is UTC, ISO 8601 with microseconds and "Z". */
int trail_append(struct trail *trail, struct cJSON *record);
int trail_sync(struct trail *trail);  /* fdatasync(2) */
int trail_close(struct trail *trail); /* syncs; NULL is fine */

/* What trail_verify found. */
struct trail_report {
	uint64_t lines;
	uint64_t recovered; /* torn lines that a later record accounts for */
	uint64_t torn_len;  /* bytes after the last newline, 0 = clean end */
	uint64_t bad_line;  /* first line that does not hold, 0 = none */
	char reason[256];   /* why bad_line does not hold */
	char head[65];	    /* SHA-256 of the last line */
};
/* 0: the chain holds (torn_len may be set); -EBADMSG: it does not, see
 * bad_line; other negative errno: the file could not be read. */
int trail_verify(const char *path, struct trail_report *ret_report);

/* The same, and each is told every line that is a record (without its newline,
 * not terminated), also behind the one that does not hold. What it returns below
 * 0 ends the reading and is returned. */
int trail_read(const char *path, int (*each)(void *ctx, const char *line, size_t line_len),
	       void *ctx, struct trail_report *ret_report);

/* Adds bytes as a JSON string. What is not valid UTF-8 becomes U+FFFD and the
 * exact bytes follow as hex under "<name>_hex". */
int trail_add_bytes(struct cJSON *record, const char *name, const void *bytes, size_t bytes_len);

#endif
