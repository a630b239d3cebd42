/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_out.h - JSON written straight into memory of a fixed size, for records that
 * come by the hundred thousand. What it writes is what cJSON writes of the same.
 */
#ifndef EC_JSON_OUT_H
#define EC_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct json_out {
	char *at;
	size_t len, size;
	bool full; /* something did not fit: all of it is void */
};

static inline void json_out_raw(struct json_out *out, const char *text, size_t len)
{
	if (len > out->size - out->len) {
		out->full = true;
		return;
	}
	memcpy(out->at + out->len, text, len);
	out->len += len;
}

/* A literal. */
#define json_out_text(out, text) json_out_raw(out, text, sizeof(text) - 1)

void json_out_number(struct json_out *out, uint64_t number);
/* Any bytes as a string, with its quotes. What is not valid UTF-8, and NUL, becomes
 * U+FFFD. Returns how many bytes that were. */
size_t json_out_string(struct json_out *out, const void *bytes, size_t len);
void json_out_hex(struct json_out *out, const void *bytes, size_t len);

#endif
