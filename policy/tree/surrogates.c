// SPDX-License-Identifier: Apache-2.0
#include "surrogates.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "policy/grow.h"

#define PAIR_LEN 12u   /* \ud83d\ude00 */
#define JOINED_LEN 10u /* \U0001f600 */

/* The number in "\uXXXX", or 0. */
static unsigned int escape(const char *at, const char *end)
{
	unsigned int value = 0;

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return 0;
	for (int i = 2; i < 6; i++) {
		char c = at[i];

		value *= 16;
		if (c >= '0' && c <= '9')
			value += (unsigned int)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			value += (unsigned int)((c | 32) - 'a' + 10);
		else
			return 0;
	}
	return value;
}

static unsigned int pair(const char *at, const char *end)
{
	unsigned int high = escape(at, end), low;

	if (high < 0xd800 || high > 0xdbff)
		return 0;
	low = escape(at + 6, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static bool is_json(const char *text, size_t text_len)
{
	size_t i = 0;

	while (i < text_len && strchr(" \t\r\n", text[i]))
		i++;
	return i < text_len && (text[i] == '{' || text[i] == '[');
}

static int add_place(struct surrogates *s, unsigned int line, unsigned int column)
{
	if (GROW(s->places, s->places_len + 1, s->places_max) < 0)
		return -ENOMEM;
	s->places[s->places_len].line = line;
	s->places[s->places_len++].column = column;
	return 0;
}

static int join(struct surrogates *s, const char *text, size_t text_len)
{
	const char *at = text, *end = text + text_len;
	unsigned int line = 1, column = 1, value;
	bool quoted = false;

	while (at < end) {
		size_t used = quoted && *at == '\\' && end - at > 1 ? 2 : 1;

		value = quoted ? pair(at, end) : 0;
		if (value) {
			s->text_len += (size_t)sprintf(s->text + s->text_len, "\\U%08x", value);
			at += PAIR_LEN;
			column += JOINED_LEN;
			if (add_place(s, line, column) < 0)
				return -ENOMEM;
			continue;
		}
		if (*at == '"')
			quoted = !quoted;
		for (; used; used--, at++) {
			s->text[s->text_len++] = *at;
			column = *at == '\n' ? 1 : column + (((unsigned char)*at & 0xc0) != 0x80);
			line += *at == '\n';
		}
	}
	return 0;
}

int surrogates_join(struct surrogates *surrogates, const char *text, size_t text_len)
{
	if (!is_json(text, text_len) || !memmem(text, text_len, "\\u", 2))
		return 0;
	surrogates->text = malloc(text_len + 1);
	return surrogates->text ? join(surrogates, text, text_len) : -ENOMEM;
}

/* How many places lie before or at this one. */
static size_t count_to(const struct surrogates *s, unsigned int line, unsigned int column)
{
	size_t low = 0, high = s->places_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct surrogate_place *place = &s->places[middle];

		if (place->line < line || (place->line == line && place->column <= column))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

unsigned int surrogates_shift(const struct surrogates *surrogates, unsigned int line,
			      unsigned int column)
{
	size_t count = count_to(surrogates, line, column) - count_to(surrogates, line, 0);

	return (unsigned int)count * (PAIR_LEN - JOINED_LEN);
}

void surrogates_done(struct surrogates *surrogates)
{
	free(surrogates->text);
	free(surrogates->places);
	memset(surrogates, 0, sizeof(*surrogates));
}
