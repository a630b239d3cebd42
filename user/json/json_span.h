/* SPDX-License-Identifier: Apache-2.0 */
/* json_span.h - parts of a JSON text where they stand, without a tree. The text
 * has been read to its end by json_scan.h and is valid; of any other text the
 * answer means nothing, but nothing outside is touched. */
#ifndef EC_JSON_SPAN_H
#define EC_JSON_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_span {
	const char *text; /* NULL: there is none */
	size_t len;
};

/* The value that text begins with, without white space around it. */
struct json_span json_span_value(const char *text, size_t len);
/* The value of that member of an object; of two the last, as most readers have
 * it. Names are compared decoded. */
struct json_span json_span_member(struct json_span object, const char *name);
bool json_span_is(struct json_span value, const char *raw);

/* Past the string that begins at text[at], quotes included. */
size_t json_span_string_end(const char *text, size_t len, size_t at);
/* Is this string, quotes included, that text? */
bool json_span_equals(struct json_span string, const char *text);

#endif
