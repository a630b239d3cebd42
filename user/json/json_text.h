/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text.h - the text of JSON strings and numbers: decode, compare, encode.
 */
#ifndef EC_JSON_TEXT_H
#define EC_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the text of a string, quotes included. -EINVAL: not one; -E2BIG: it
 * does not fit. *ret_len may be less than strlen suggests: NUL can occur. */
int json_text_decode(const char *raw, size_t raw_len, char *buf, size_t buf_size, size_t *ret_len);

/* Is key want (ASCII), as Go's encoding/json sees it? It folds case, takes
 * U+017F for an s and U+212A for a k. */
bool json_text_equals_folded(const char *key, size_t key_len, const char *want);
/* Writes code as UTF-8 to out (4 bytes); returns its length. A lone surrogate
 * is written like any other code. */
size_t json_text_put(uint32_t code, char *out);
int json_text_hex(char digit); /* its value, or -1 */

/* How many bytes come before the first quote, backslash or control character. */
size_t json_text_run(const char *bytes, size_t bytes_len);

/* The grammar of numbers, a byte at a time. */
enum json_number_state {
	JSON_NUMBER_BAD,
	JSON_NUMBER_ENDED, /* before this byte */
	JSON_NUMBER_MINUS,
	JSON_NUMBER_ZERO,
	JSON_NUMBER_INTEGER,
	JSON_NUMBER_POINT,
	JSON_NUMBER_FRACTION,
	JSON_NUMBER_EXPONENT,
	JSON_NUMBER_EXPONENT_SIGN,
	JSON_NUMBER_EXPONENT_DIGITS,
};
enum json_number_state json_number_begin(char c); /* c: a minus or a digit */
enum json_number_state json_number_next(enum json_number_state state, char c);

#endif
