// SPDX-License-Identifier: Apache-2.0
#include "batch.h"

#include <stdbool.h>
#include <stdint.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* at is after the opening quote; returns the index of the closing one. */
static size_t skip_string(const char *text, size_t text_len, size_t at)
{
	while (at < text_len && text[at] != '"')
		at += text[at] == '\\' ? 2 : 1;
	return at;
}

static size_t trimmed(const char *text, size_t len)
{
	while (len && is_space(text[len - 1]))
		len--;
	return len;
}

int batch_each(const char *text, size_t text_len,
	       int (*each)(void *ctx, const char *element, size_t element_len), void *ctx)
{
	uint64_t depth = 0;
	size_t start = 0;

	for (size_t at = 0; at < text_len; at++) {
		char c = text[at];
		bool ends = depth == 1 && (c == ',' || c == ']');

		if (ends) {
			while (start < at && is_space(text[start]))
				start++;
			size_t len = trimmed(text + start, at - start);
			int r = len ? each(ctx, text + start, len) : 0;

			if (r)
				return r;
			start = at + 1;
		}
		if (c == '"')
			at = skip_string(text, text_len, at + 1);
		else if (c == '[' || c == '{')
			start = depth++ ? start : at + 1;
		else if (c == ']' || c == '}')
			depth--;
	}
	return 0;
}
