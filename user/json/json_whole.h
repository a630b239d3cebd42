/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_whole.h - as json_scan.h, of a text that lies whole in memory, and several
 * times as fast: what is watched is pointed at, not copied. Strict RFC 8259,
 * except that the encoding of strings is not checked; NaN and Infinity, and what
 * is deeper than JSON_SCAN_DEPTH_MAX, are JSON_INVALID.
 */
#ifndef EC_JSON_WHOLE_H
#define EC_JSON_WHOLE_H

#include "json_scan.h"

struct json_whole_seen {
	uint32_t count; /* how often the key occurred, folded or not */
	bool folded;	/* at least once it matched only without regard to case */
	enum json_kind kind;
	const char *raw; /* of the last value: its exact text */
	size_t raw_len;
};

/* What kind of text it is. Watches are of the outermost object (parent -1). */
enum json_kind json_whole(const char *text, size_t text_len, const struct json_watch *watches,
			  size_t watches_len, struct json_whole_seen *seen);
/* The same, and how many members the outermost object has. */
enum json_kind json_whole_counted(const char *text, size_t text_len,
				  const struct json_watch *watches, size_t watches_len,
				  struct json_whole_seen *seen, size_t *ret_members);

/* The text of a string, escapes as they stand. "": it is none, or does not fit. */
void json_whole_text(const struct json_whole_seen *seen, size_t size, char *ret_text);

#endif
