// SPDX-License-Identifier: Apache-2.0
#include "view.h"

#include <string.h>

/* Only those that stand for what a disguise needs. */
static const struct {
	const char *name;
	unsigned char byte;
} entities[] = {
	{ "amp;", '&' },
	{ "lt;", '<' },
	{ "gt;", '>' },
	{ "quot;", '"' },
	{ "apos;", '\'' },
	{ "nbsp;", ' ' },
	{ "commat;", '@' },
	{ "period;", '.' },
	{ "lowbar;", '_' },
	{ "hyphen;", '-' },
	{ "dash;", '-' },
	{ "ndash;", '-' },
	{ "mdash;", '-' },
	{ "minus;", '-' },
	{ "colon;", ':' },
	{ "semi;", ';' },
	{ "sol;", '/' },
	{ "num;", '#' },
	{ "plus;", '+' },
	{ "equals;", '=' },
	{ "lpar;", '(' },
	{ "rpar;", ')' },
	{ "percnt;", '%' },
	{ "Tab;", '\t' },
	{ "NewLine;", '\n' },
	{ "ensp;", ' ' },
	{ "emsp;", ' ' },
	{ "thinsp;", ' ' },
	{ "zwnj;", VIEW_NOTHING },
	{ "zwj;", VIEW_NOTHING },
	{ "shy;", VIEW_NOTHING },
	{ "ZeroWidthSpace;", VIEW_NOTHING },
	{ "NoBreak;", VIEW_NOTHING },
};

static int digit_of(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte for a character that an escape names; 0: none. */
static unsigned int byte_of(uint32_t value)
{
	if (value >= 0x80)
		return view_fold(value);
	return value >= ' ' || value == '\t' || value == '\n' || value == '\r' ? value : 0;
}

static bool hex(const unsigned char *text, size_t len, size_t digits, uint32_t *ret_value)
{
	*ret_value = 0;
	if (len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (digit_of(text[i]) < 0)
			return false;
		*ret_value = *ret_value << 4 | (uint32_t)digit_of(text[i]);
	}
	return true;
}

/* &#64; and &#x40; with up to seven digits; browsers do without the ';'. */
static bool numeric(const unsigned char *text, size_t len, unsigned int *ret_byte, size_t *ret_len)
{
	unsigned int base = len > 2 && (text[2] | 0x20) == 'x' ? 16 : 10;
	size_t start = base == 16 ? 3 : 2, i = start;
	uint32_t value = 0;

	for (; i < len && i < start + 7; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0 || digit >= (int)base)
			break;
		value = value * base + (uint32_t)digit;
	}
	if (i == start)
		return false;
	*ret_len = i + (i < len && text[i] == ';');
	*ret_byte = byte_of(value);
	return *ret_byte != 0;
}

static bool named(const unsigned char *text, size_t len, unsigned int *ret_byte, size_t *ret_len)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t n;

		if (text[1] != (unsigned char)entities[i].name[0])
			continue;
		n = strlen(entities[i].name);
		if (len > n && !memcmp(text + 1, entities[i].name, n)) {
			*ret_byte = entities[i].byte;
			*ret_len = n + 1;
			return true;
		}
	}
	return false;
}

bool view_escape(const unsigned char *text, size_t len, unsigned int *ret_byte, size_t *ret_len)
{
	uint32_t value;

	if (len < 3)
		return false;
	if (text[0] == '&')
		return text[1] == '#' ? numeric(text, len, ret_byte, ret_len) :
					named(text, len, ret_byte, ret_len);
	if (text[0] == '%' && hex(text + 1, len - 1, 2, &value)) {
		/* what is not ASCII is a byte of UTF-8, for the next stage; 0xff never is */
		*ret_byte = value < 0x80 ? byte_of(value) : value == VIEW_NOTHING ? 0 : value;
		*ret_len = 3;
		return *ret_byte != 0;
	}
	if (text[0] == '\\' && text[1] == 'u' && hex(text + 2, len - 2, 4, &value)) {
		*ret_byte = byte_of(value);
		*ret_len = 6;
		return *ret_byte != 0;
	}
	return false;
}
