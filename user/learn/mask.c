// SPDX-License-Identifier: Apache-2.0
#include "mask.h"

#include <ctype.h>
#include <string.h>

#define HEX "0123456789abcdefABCDEF"
#define DIGITS "0123456789"

/* A whole component, or what stands between its punctuation. */
static bool is_made_up(const char *run, size_t len, bool whole)
{
	size_t digits = strspn(run, DIGITS);
	char copy[64];

	if (digits >= len)
		return whole || len >= 3;
	if (len < 6 || len >= sizeof(copy))
		return false;
	memcpy(copy, run, len);
	copy[len] = '\0';
	return strspn(copy, HEX "-") == len && strpbrk(copy, DIGITS);
}

static size_t run_len(const char *text, bool with_dashes)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || (with_dashes && len && text[len] == '-'))
		len++;
	return len;
}

bool mask_text(const char *text, char *to, size_t to_len)
{
	const char *start = text;
	size_t len = 0, run;

	for (; *text; text += run) {
		bool first = text == start || text[-1] == '/';

		run = run_len(text, true); /* a UUID */
		if (!run || !is_made_up(text, run, false))
			run = run_len(text, false);
		if (len + (run ? run : 1) + 1 > to_len)
			return false;
		if (run && is_made_up(text, run, first && (!text[run] || text[run] == '/'))) {
			to[len++] = '*';
			continue;
		}
		run += !run;
		memcpy(to + len, text, run);
		len += run;
	}
	if (len >= to_len)
		return false;
	to[len] = '\0';
	return true;
}
