// SPDX-License-Identifier: Apache-2.0
#include "view.h"

/* Characters and the ASCII that they look like, sorted; a run of `count` maps
 * to as many from `to` on, or, if `same`, all to that one. */
struct fold {
	uint32_t first;
	uint16_t count;
	unsigned char to;
	bool same;
};

#define RUN(first, count, to)                                                                      \
	{                                                                                          \
		first, count, to, false                                                            \
	}
#define ALL(first, count, to)                                                                      \
	{                                                                                          \
		first, count, to, true                                                             \
	}
#define ONE(first, to)                                                                             \
	{                                                                                          \
		first, 1, to, true                                                                 \
	}
#define GONE(first, count)                                                                         \
	{                                                                                          \
		first, count, VIEW_NOTHING, true                                                   \
	}

static const struct fold folds[] = {
	ONE(0xa0, ' '),	       GONE(0xad, 1),	     ONE(0xb2, '2'),
	ONE(0xb3, '3'),	       ONE(0xb9, '1'),	     ONE(0x131, 'i'),
	ONE(0x17f, 's'),       ONE(0x1c3, '!'),	     ONE(0x251, 'a'),
	ONE(0x261, 'g'),       ONE(0x269, 'i'),	     GONE(0x300, 112), /* combining marks */
	ONE(0x391, 'A'),       ONE(0x392, 'B'),	     ONE(0x395, 'E'),
	ONE(0x396, 'Z'),       ONE(0x397, 'H'),	     ONE(0x399, 'I'),
	ONE(0x39a, 'K'),       ONE(0x39c, 'M'),	     ONE(0x39d, 'N'),
	ONE(0x39f, 'O'),       ONE(0x3a1, 'P'),	     ONE(0x3a4, 'T'),
	ONE(0x3a5, 'Y'),       ONE(0x3a7, 'X'),	     ONE(0x3b1, 'a'),
	ONE(0x3b9, 'i'),       ONE(0x3bd, 'v'),	     ONE(0x3bf, 'o'),
	ONE(0x3c1, 'p'),       ONE(0x3c5, 'u'),	     ONE(0x3f2, 'c'),
	ONE(0x3f3, 'j'),       ONE(0x405, 'S'),	     ONE(0x406, 'I'),
	ONE(0x408, 'J'),       ONE(0x410, 'A'),	     ONE(0x412, 'B'),
	ONE(0x415, 'E'),       ONE(0x417, '3'),	     ONE(0x41a, 'K'),
	ONE(0x41c, 'M'),       ONE(0x41d, 'H'),	     ONE(0x41e, 'O'),
	ONE(0x420, 'P'),       ONE(0x421, 'C'),	     ONE(0x422, 'T'),
	ONE(0x423, 'Y'),       ONE(0x425, 'X'),	     ONE(0x430, 'a'),
	ONE(0x435, 'e'),       ONE(0x43e, 'o'),	     ONE(0x440, 'p'),
	ONE(0x441, 'c'),       ONE(0x443, 'y'),	     ONE(0x445, 'x'),
	ONE(0x455, 's'),       ONE(0x456, 'i'),	     ONE(0x458, 'j'),
	ONE(0x4ae, 'Y'),       ONE(0x4bb, 'h'),	     ONE(0x4cf, 'l'),
	ONE(0x501, 'd'),       ONE(0x51b, 'q'),	     ONE(0x51d, 'w'),
	GONE(0x61c, 1),	       RUN(0x660, 10, '0'),  RUN(0x6f0, 10, '0'),
	RUN(0x966, 10, '0'),   RUN(0x9e6, 10, '0'),  GONE(0x115f, 2),
	GONE(0x17b4, 2),       GONE(0x180b, 4),	     ALL(0x2000, 11, ' '),
	GONE(0x200b, 5),       ALL(0x2010, 6, '-'),  ALL(0x2018, 2, '\''),
	ALL(0x201c, 2, '"'),   ONE(0x2024, '.'),     ALL(0x2028, 2, '\n'),
	GONE(0x202a, 5),       ONE(0x202f, ' '),     ONE(0x2044, '/'),
	ONE(0x205f, ' '),      GONE(0x2060, 16),     ONE(0x2070, '0'),
	RUN(0x2074, 6, '4'),   RUN(0x2080, 10, '0'), GONE(0x20d0, 33), /* combining marks */
	ONE(0x2212, '-'),      ONE(0x2215, '/'),     ONE(0x2236, ':'),
	RUN(0x2460, 9, '1'),   RUN(0x24b6, 26, 'A'), RUN(0x24d0, 26, 'a'),
	ONE(0x24ea, '0'),      RUN(0x2776, 9, '1'),  ONE(0x3000, ' '),
	ONE(0x3002, '.'),      GONE(0x3164, 1),	     ONE(0xa789, ':'),
	GONE(0xfe00, 16),      GONE(0xfe20, 16),     ONE(0xfe52, '.'),
	ONE(0xfe55, ':'),      ONE(0xfe58, '-'),     ONE(0xfe62, '+'),
	ONE(0xfe63, '-'),      ONE(0xfe6b, '@'),     GONE(0xfeff, 1),
	RUN(0xff01, 94, '!'), /* fullwidth */
	ONE(0xff61, '.'),      GONE(0xffa0, 1),	     GONE(0xfff9, 3),
	RUN(0xe0020, 95, ' '), /* tags: ASCII that nobody sees and models read */
	GONE(0xe0100, 240),
};

/* Mathematical letters: alphabets of 26 capitals and 26 small ones, then five of digits. */
static unsigned int fold_mathematical(uint32_t value)
{
	uint32_t n = (value - 0x1d400) % 52;

	if (value >= 0x1d7ce && value <= 0x1d7ff)
		return '0' + (value - 0x1d7ce) % 10;
	if (value > 0x1d6a3)
		return 0;
	return n < 26 ? 'A' + n : 'a' + n - 26;
}

unsigned int view_fold(uint32_t value)
{
	size_t low = 0, high = sizeof(folds) / sizeof(folds[0]);

	if (value >= 0x1d400 && value <= 0x1d7ff)
		return fold_mathematical(value);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct fold *fold = &folds[middle];

		if (value < fold->first)
			high = middle;
		else if (value - fold->first >= fold->count)
			low = middle + 1;
		else
			return fold->same ? fold->to : fold->to + (value - fold->first);
	}
	return 0;
}

uint32_t view_decode(const unsigned char *text, size_t len, size_t *ret_len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	uint32_t value = text[0] & (0x7fu >> n);

	if (text[0] < 0xc2 || text[0] > 0xf4 || len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	*ret_len = n;
	return value < least[n] || value > 0x10ffff || (value & 0xfffff800) == 0xd800 ? 0 : value;
}
