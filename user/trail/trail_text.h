/* SPDX-License-Identifier: Apache-2.0 */
/* trail_text.h - a record as text, into a buffer that is used again. */
#ifndef EC_TRAIL_TEXT_H
#define EC_TRAIL_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct cJSON;

struct trail_text {
	char *at;
	size_t len, size;
	bool failed; /* no memory: nothing more is added */
};

void trail_text_add(struct trail_text *text, const char *bytes, size_t bytes_len);
void trail_text_format(struct trail_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The members of an object, each with a comma before it. Raw items as they are. */
void trail_text_members(struct trail_text *text, const struct cJSON *object);
void trail_text_done(struct trail_text *text);

#endif
