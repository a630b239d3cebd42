/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - one character of a text. */
#ifndef EC_UTF8_H
#define EC_UTF8_H

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

#endif
