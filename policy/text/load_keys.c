// SPDX-License-Identifier: Apache-2.0
/* load_keys.c - known keys, and the nearest one to a key that is not. */
#include <string.h>

#include "load.h"

#define KEY_MAX 48u

static size_t least(size_t a, size_t b, size_t c)
{
	size_t least_two = a < b ? a : b;

	return least_two < c ? least_two : c;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b), row[KEY_MAX + 1];

	if (a_len > KEY_MAX || b_len > KEY_MAX)
		return KEY_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = least(row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[b_len];
}

static const char *nearest(const char *key, const char *const *keys)
{
	size_t best = strlen(key) / 3 + 2, d;
	const char *found = NULL;

	for (; *keys; keys++) {
		d = distance(key, *keys);
		if (d < best) {
			best = d;
			found = *keys;
		}
	}
	return found;
}

static bool is_known(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (!strcmp(key, *keys))
			return true;
	return false;
}

int load_keys(struct loader *l, const struct tree *map, const char *what, const char *const *keys)
{
	int r;

	for (size_t i = 0; i < map->len; i++) {
		const struct tree *key = map->at[2 * i];
		const char *near;

		if (is_known(key->text, keys))
			continue;
		near = nearest(key->text, keys);
		r = load_warn(l, key, "unknown key \"%.100s\" in %s%s%s%s", key->text, what,
			      near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
		if (r < 0)
			return r;
	}
	return 0;
}
