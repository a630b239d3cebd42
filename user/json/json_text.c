// SPDX-License-Identifier: Apache-2.0
#include "json_text.h"

#include <errno.h>
#include <string.h>

size_t json_text_put(uint32_t code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

int json_text_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool json_text_equals_folded(const char *key, size_t key_len, const char *want)
{
	size_t i = 0;

	for (; *want; want++) {
		unsigned char w = *want >= 'A' && *want <= 'Z' ? *want | 0x20 : *want;

		if (w == 's' && key_len - i >= 2 && !memcmp(key + i, "\xc5\xbf", 2)) {
			i += 2;
		} else if (w == 'k' && key_len - i >= 3 && !memcmp(key + i, "\xe2\x84\xaa", 3)) {
			i += 3;
		} else if (i < key_len) {
			unsigned char c = key[i++];

			if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != w)
				return false;
		} else {
			return false;
		}
	}
	return i == key_len;
}

/* The code point at *at, an escape of the form uXXXX; pairs are joined. */
static int decode_unicode(const char *raw, size_t raw_len, size_t *at, uint32_t *ret_code)
{
	uint32_t code[2] = { 0, 0 };

	for (int half = 0; half < 2; half++) {
		size_t start = *at + (half ? 2 : 1);

		if (half &&
		    (raw_len < start + 4 || raw[start - 2] != '\\' || raw[start - 1] != 'u'))
			break;
		if (raw_len < start + 4)
			return -EINVAL;
		for (size_t i = start; i < start + 4; i++) {
			int digit = json_text_hex(raw[i]);

			if (digit < 0)
				return -EINVAL;
			code[half] = code[half] << 4 | (uint32_t)digit;
		}
		if (half && (code[1] < 0xdc00 || code[1] > 0xdfff))
			break;
		*at = start + 4;
		*ret_code = half ? 0x10000 + ((code[0] - 0xd800) << 10) + (code[1] - 0xdc00) :
				   code[0];
		if (code[0] < 0xd800 || code[0] > 0xdbff)
			break;
	}
	return 0;
}

int json_text_decode(const char *raw, size_t raw_len, char *buf, size_t buf_size, size_t *ret_len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t at = 1, len = 0;

	if (raw_len < 2 || raw[0] != '"' || raw[raw_len - 1] != '"')
		return -EINVAL;
	raw_len--;
	while (at < raw_len) {
		uint32_t code = (unsigned char)raw[at];
		char utf8[4];
		size_t utf8_len = 1;

		utf8[0] = raw[at];
		if (raw[at] != '\\') {
			at++;
		} else if (++at < raw_len && raw[at] == 'u') {
			if (decode_unicode(raw, raw_len, &at, &code))
				return -EINVAL;
			utf8_len = json_text_put(code, utf8);
		} else {
			const char *hit = at < raw_len && raw[at] ? strchr(from, raw[at]) : NULL;

			if (!hit)
				return -EINVAL;
			utf8[0] = to[hit - from];
			at++;
		}
		if (len + utf8_len >= buf_size)
			return -E2BIG;
		memcpy(buf + len, utf8, utf8_len);
		len += utf8_len;
	}
	buf[len] = '\0';
	*ret_len = len;
	return 0;
}

/* ---- as it arrives ---- */

#define EACH_BYTE(c) (0x0101010101010101ull * (c))

/* Is some byte of word a quote, a backslash or a control character? */
static bool ends_run(uint64_t word)
{
	uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');

	return (((quote - EACH_BYTE(1)) & ~quote) | ((backslash - EACH_BYTE(1)) & ~backslash) |
		((word - EACH_BYTE(0x20)) & ~word)) &
	       EACH_BYTE(0x80);
}

size_t json_text_run(const char *bytes, size_t bytes_len)
{
	uint64_t word;
	size_t i = 0;

	for (; i + sizeof(word) <= bytes_len; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		if (ends_run(word))
			break;
	}
	while (i < bytes_len && bytes[i] != '"' && bytes[i] != '\\' &&
	       (unsigned char)bytes[i] >= 0x20)
		i++;
	return i;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

enum json_number_state json_number_begin(char c)
{
	return c == '-' ? JSON_NUMBER_MINUS : c == '0' ? JSON_NUMBER_ZERO : JSON_NUMBER_INTEGER;
}

enum json_number_state json_number_next(enum json_number_state state, char c)
{
	switch (state) {
	case JSON_NUMBER_MINUS:
		return c == '0'	   ? JSON_NUMBER_ZERO :
		       is_digit(c) ? JSON_NUMBER_INTEGER :
				     JSON_NUMBER_BAD;
	case JSON_NUMBER_ZERO:
	case JSON_NUMBER_INTEGER:
		if (is_digit(c))
			return state == JSON_NUMBER_INTEGER ? JSON_NUMBER_INTEGER : JSON_NUMBER_BAD;
		return c == '.'		    ? JSON_NUMBER_POINT :
		       c == 'e' || c == 'E' ? JSON_NUMBER_EXPONENT :
					      JSON_NUMBER_ENDED;
	case JSON_NUMBER_POINT:
		return is_digit(c) ? JSON_NUMBER_FRACTION : JSON_NUMBER_BAD;
	case JSON_NUMBER_FRACTION:
		return is_digit(c)	    ? JSON_NUMBER_FRACTION :
		       c == 'e' || c == 'E' ? JSON_NUMBER_EXPONENT :
					      JSON_NUMBER_ENDED;
	case JSON_NUMBER_EXPONENT:
		if (c == '+' || c == '-')
			return JSON_NUMBER_EXPONENT_SIGN;
		return is_digit(c) ? JSON_NUMBER_EXPONENT_DIGITS : JSON_NUMBER_BAD;
	case JSON_NUMBER_EXPONENT_SIGN:
		return is_digit(c) ? JSON_NUMBER_EXPONENT_DIGITS : JSON_NUMBER_BAD;
	default: /* JSON_NUMBER_EXPONENT_DIGITS */
		return is_digit(c) ? JSON_NUMBER_EXPONENT_DIGITS : JSON_NUMBER_ENDED;
	}
}
