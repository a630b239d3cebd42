/* SPDX-License-Identifier: Apache-2.0 */
/* json_scan_impl.h - between the grammar (json_scan.c) and what is remembered
 * of the text (json_watch.c). */
#ifndef EC_JSON_SCAN_IMPL_H
#define EC_JSON_SCAN_IMPL_H

#include "json_scan.h"

/* Is the innermost open container an object? */
static inline bool json_in_object(const struct json_scan *scan)
{
	uint64_t top = scan->depth - 1;

	return scan->depth && (scan->stack[top / 64] >> (top % 64) & 1);
}

void json_watch_init(struct json_scan *scan, const struct json_watch *watches, size_t watches_len);

/* Could a key that stands here be watched? */
static inline bool json_watch_keys(const struct json_scan *scan)
{
	return scan->watches_len && (scan->depth == 1 || (scan->depth == 2 && scan->parent >= 0));
}
void json_watch_key_begin(struct json_scan *scan);
void json_watch_key_add(struct json_scan *scan, const char *bytes, size_t bytes_len);
void json_watch_key_end(struct json_scan *scan);

/* A value begins; a container before its depth counts. */
void json_watch_value_begin(struct json_scan *scan, enum json_kind kind);
void json_watch_copy(struct json_scan *scan, const char *bytes, size_t bytes_len);
/* Its exact text, as far as it is watched. */
static inline void json_watch_keep(struct json_scan *scan, const char *bytes, size_t bytes_len)
{
	if (scan->value)
		json_watch_copy(scan, bytes, bytes_len);
}
static inline void json_watch_value_end(struct json_scan *scan)
{
	scan->value = NULL;
	scan->hit = -1;
}

#endif
