/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - one character of a text. */
#ifndef EC_UTF8_H
#define EC_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The character at *at, which it advances past; 0: not valid UTF-8 (overlong
 * forms and surrogates are not), or the end of the text. */
static inline uint32_t utf8_next(const char **at)
{
	const unsigned char *c = (const unsigned char *)*at;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int len = c[0] < 0x80 ? 1 : c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
	uint32_t value = len == 1 ? c[0] : c[0] & (0x7fu >> len);

	if ((c[0] >= 0x80 && c[0] < 0xc2) || c[0] > 0xf4)
		return 0;
	for (unsigned int i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (c[i] & 0x3f);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*at += len;
	return value;
}

/* The length of the well-formed sequence at bytes (RFC 3629: no surrogates, no
 * long forms, nothing past U+10FFFF), or 0. U+0000 counts as ill-formed: a
 * cJSON string cannot hold it. */
static inline size_t utf8_len(const unsigned char *bytes, size_t bytes_len)
{
	unsigned char c = bytes[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? c : c & (0x7fu >> len);
	static const uint32_t least[] = { 0, 1, 0x80, 0x800, 0x10000 };

	if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || len > bytes_len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

#endif
