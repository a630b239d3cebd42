// SPDX-License-Identifier: Apache-2.0
#include "fold.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "policy/utf8.h"

/* Never the user's locale: a verdict must not depend on the environment. */
static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void open_unicode(void)
{
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static size_t encode(uint32_t value, char *to)
{
	if (value < 0x80) {
		to[0] = (char)value;
		return 1;
	}
	if (value < 0x800) {
		to[0] = (char)(0xc0 | value >> 6);
		to[1] = (char)(0x80 | (value & 0x3f));
		return 2;
	}
	if (value < 0x10000) {
		to[0] = (char)(0xe0 | value >> 12);
		to[1] = (char)(0x80 | (value >> 6 & 0x3f));
		to[2] = (char)(0x80 | (value & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | value >> 18);
	to[1] = (char)(0x80 | (value >> 12 & 0x3f));
	to[2] = (char)(0x80 | (value >> 6 & 0x3f));
	to[3] = (char)(0x80 | (value & 0x3f));
	return 4;
}

static bool is_word(uint32_t value)
{
	if (value < 0x80)
		return (value >= '0' && value <= '9') ||
		       ((value | 32) >= 'a' && (value | 32) <= 'z') ||
		       (value && strchr("_.-:<>/", (int)value));
	return unicode && iswalnum_l((wint_t)value, unicode);
}

int fold_name(const char *name, char to[FOLD_LEN])
{
	size_t len = 0, count = 0;

	pthread_once(&unicode_once, open_unicode);
	while (*name) {
		uint32_t value = utf8_next(&name);

		if (!value || ++count > FOLD_NAME_MAX || !is_word(value))
			return -EINVAL;
		if (value < 0x80)
			value += value >= 'A' && value <= 'Z' ? 32 : 0;
		else
			value = (uint32_t)towlower_l((wint_t)value, unicode);
		len += encode(value, to + len);
	}
	to[len] = '\0';
	return len ? 0 : -EINVAL;
}

int fold_set_add(struct fold_set *set, struct pool *pool, const char *name, uint32_t index)
{
	char folded[FOLD_LEN];
	struct fold_entry *entry = &set->at[set->len];
	int r = fold_name(name, folded);

	if (r < 0)
		return r;
	entry->folded = pool_text(pool, folded, strlen(folded));
	entry->index = index;
	if (!entry->folded)
		return -ENOMEM;
	set->len++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct fold_entry *x = a, *y = b;
	int r = strcmp(x->folded, y->folded);

	return r ? r : x->index < y->index ? -1 : x->index > y->index;
}

void fold_set_sort(struct fold_set *set)
{
	if (set->len)
		qsort(set->at, set->len, sizeof(*set->at), compare);
}

const struct fold_entry *fold_set_find(const struct fold_set *set, const char *folded)
{
	size_t low = 0, high = set->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(set->at[middle].folded, folded) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == set->len || strcmp(set->at[low].folded, folded))
		return NULL;
	return &set->at[low];
}
