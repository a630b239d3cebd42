// SPDX-License-Identifier: Apache-2.0
/* names.c - names of arguments, as the laxest readers of JSON tell them apart. */
#include <stdlib.h>
#include <string.h>

#include "args.h"

static unsigned char fold(const char **at)
{
	unsigned char c = (unsigned char)**at;

	if (!strncmp(*at, "\xc5\xbf", 2)) { /* U+017F, the long s */
		*at += 2;
		return 's';
	}
	if (!strncmp(*at, "\xe2\x84\xaa", 3)) { /* U+212A, the Kelvin sign */
		*at += 3;
		return 'k';
	}
	++*at;
	return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

int args_name_order(const char *a, const char *b)
{
	while (*a && *b) {
		int difference = fold(&a) - fold(&b);

		if (difference)
			return difference;
	}
	return (*a != 0) - (*b != 0);
}

static int by_name(const void *a, const void *b)
{
	const struct args_rule *x = a, *y = b;

	return args_name_order(x->name, y->name);
}

const struct args_rule *args_sort(struct args_rule *rules, size_t len)
{
	if (len)
		qsort(rules, len, sizeof(*rules), by_name);
	for (size_t i = 1; i < len; i++)
		if (!by_name(&rules[i - 1], &rules[i]))
			return &rules[i];
	return NULL;
}

const struct args_rule *args_find(const struct args_rule *rules, size_t len, const char *name)
{
	const struct args_rule key = { .name = name };

	return len ? bsearch(&key, rules, len, sizeof(*rules), by_name) : NULL;
}
