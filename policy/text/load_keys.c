// SPDX-License-Identifier: Apache-2.0
/* load_keys.c - one file against the tables of keys.h: unknown keys, the
 * nearest known one, and the kinds of the values that no reader looks at. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load.h"

#define KEY_MAX 48u
#define WHERE_LEN 200u

static size_t least(size_t a, size_t b, size_t c)
{
	size_t least_two = a < b ? a : b;

	return least_two < c ? least_two : c;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t a_len = strnlen(a, KEY_MAX + 1), b_len = strlen(b), row[KEY_MAX + 1];

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

struct nearest {
	const char *name;
	size_t distance;
	const char *found;
};

static struct nearest nearest_to(const char *name)
{
	return (struct nearest) { .name = name, .distance = strnlen(name, KEY_MAX + 1) / 3 + 2 };
}

static void nearest_try(struct nearest *n, const char *candidate)
{
	size_t d = distance(n->name, candidate);

	if (d < n->distance) {
		n->distance = d;
		n->found = candidate;
	}
}

static int warn_unknown(struct loader *l, const struct tree *at, const char *what,
			const char *where, const struct nearest *n)
{
	return load_warn(l, at, "unknown %s \"%.100s\" in %s%s%s%s", what, at->text, where,
			 n->found ? ", did you mean \"" : "", n->found ? n->found : "",
			 n->found ? "\"?" : "");
}

static int check_key(struct loader *l, const struct tree *key, const char *where,
		     const struct keys_entry *table)
{
	struct nearest n = nearest_to(key->text);

	for (; table->name; table++)
		nearest_try(&n, table->name);
	return warn_unknown(l, key, "key", where, &n);
}

static int check_word(struct loader *l, const struct tree *at, const char *where,
		      const char *const *words)
{
	struct nearest n = nearest_to(at->text);

	for (; *words; words++) {
		if (!strcmp(*words, at->text))
			return 0;
		nearest_try(&n, *words);
	}
	return warn_unknown(l, at, "value", where, &n);
}

static int check_texts(struct loader *l, const struct keys_entry *e, const struct tree *list,
		       const char *where)
{
	const char *text;
	int r = load_list(l, list, where);

	for (size_t i = 0; r >= 0 && i < list->len; i++) {
		r = load_text(l, list->at[i], where, &text);
		if (r >= 0 && e->words)
			r = check_word(l, list->at[i], where, e->words);
	}
	return r;
}

static int check_bool(struct loader *l, const struct tree *value, const char *where)
{
	bool boolean;

	if (value->kind == TREE_TEXT && tree_bool(value, &boolean))
		return 0;
	return load_error(l, value, "%s must be true or false, not %s", where,
			  tree_kind_name(value));
}

static int check_number(struct loader *l, const struct tree *value, const char *where)
{
	double number;

	if (value->kind != TREE_TEXT || !tree_number(value, &number))
		return load_error(l, value, "%s must be a number, not %s", where,
				  tree_kind_name(value));
	return number < 0 ? load_error(l, value, "%s must not be negative", where) : 0;
}

static int check_map(struct loader *l, const struct tree *map, const char *where,
		     const struct keys_entry *table);

static int check_maps(struct loader *l, const struct keys_entry *e, const struct tree *list,
		      const char *where)
{
	int r = load_list(l, list, where);

	for (size_t i = 0; r >= 0 && i < list->len; i++)
		r = check_map(l, list->at[i], where, e->below);
	return r;
}

/* Two names of one tool would be two answers to one question. */
static int check_names(struct loader *l, const struct tree *map)
{
	_cleanup_pool_ struct pool pool = { 0 };
	struct fold_set names = { .at = pool_alloc(&pool, map->len * sizeof(*names.at)) };

	if (!names.at)
		return -ENOMEM;
	for (size_t i = 0; i < map->len; i++) {
		const struct tree *key = map->at[2 * i];
		int r = fold_set_add(&names, &pool, key->text, (uint32_t)i);

		if (r == -EINVAL)
			return load_error(l, key, "\"%.100s\" is not a tool name", key->text);
		if (r < 0)
			return r;
	}
	fold_set_sort(&names);
	for (size_t i = 1; i < names.len; i++)
		if (!strcmp(names.at[i].folded, names.at[i - 1].folded))
			return load_error(l, map->at[2 * names.at[i].index],
					  "tool \"%.100s\" is already set on line %u (names "
					  "differ only in case)",
					  names.at[i].folded,
					  map->at[2 * names.at[i - 1].index]->line);
	return 0;
}

static int check_tools(struct loader *l, const struct keys_entry *e, const struct tree *map,
		       const char *where)
{
	char name[WHERE_LEN];
	int r = load_map(l, map, where);

	if (r < 0 || (e->kind == KEY_TOOLS && (r = check_names(l, map)) < 0))
		return r;
	for (size_t i = 0; r >= 0 && i < map->len; i++) {
		snprintf(name, sizeof(name), "%.90s.%.100s", where, map->at[2 * i]->text);
		if (!tree_is_null(map->at[2 * i + 1]))
			r = check_map(l, map->at[2 * i + 1], name, e->below);
	}
	return r;
}

static int check_costs(struct loader *l, const struct tree *map, const char *where)
{
	char name[WHERE_LEN];
	int r = load_map(l, map, where);

	if (r < 0 || (r = check_names(l, map)) < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < map->len; i++) {
		snprintf(name, sizeof(name), "%.90s.%.100s", where, map->at[2 * i]->text);
		if (!tree_is_null(map->at[2 * i + 1]))
			r = check_number(l, map->at[2 * i + 1], name);
	}
	return r;
}

static int check_named(struct loader *l, const struct keys_entry *e, const struct tree *map,
		       const char *where)
{
	char name[WHERE_LEN];
	int r = load_map(l, map, where);

	for (size_t i = 0; r >= 0 && e->adds && i < map->len; i++) {
		snprintf(name, sizeof(name), "%.90s.%.100s", where, map->at[2 * i]->text);
		if (!tree_is_null(map->at[2 * i + 1]))
			r = load_list(l, map->at[2 * i + 1], name);
	}
	return r;
}

static int check_value(struct loader *l, const struct keys_entry *e, const struct tree *value,
		       const char *where)
{
	const char *text;
	size_t index;

	if (tree_is_null(value))
		return 0;
	switch (e->kind) {
	case KEY_BOOL:
		return check_bool(l, value, where);
	case KEY_NUMBER:
		return check_number(l, value, where);
	case KEY_TEXT:
		return load_text(l, value, where, &text);
	case KEY_WORD:
		return load_word(l, value, where, e->words, &index);
	case KEY_TEXTS:
		return check_texts(l, e, value, where);
	case KEY_MAP:
		return check_map(l, value, where, e->below);
	case KEY_NAMES:
		return check_named(l, e, value, where);
	case KEY_TOOLS:
	case KEY_ARGS:
		return check_tools(l, e, value, where);
	case KEY_COSTS:
		return check_costs(l, value, where);
	case KEY_MAPS:
		return check_maps(l, e, value, where);
	case KEY_VALUE:
	case KEY_LIST:
		break;
	}
	return 0;
}

static int check_map(struct loader *l, const struct tree *map, const char *where,
		     const struct keys_entry *table)
{
	bool top = table == keys_policy;
	char name[WHERE_LEN];
	int r = load_map(l, map, where);

	for (size_t i = 0; r >= 0 && i < map->len; i++) {
		const struct tree *key = map->at[2 * i];
		const struct keys_entry *e = keys_find(table, key->text);

		snprintf(name, sizeof(name), "%.90s%s%.100s", top ? "" : where, top ? "" : ".",
			 key->text);
		r = e ? check_value(l, e, map->at[2 * i + 1], name) :
			check_key(l, key, where, table);
	}
	return r;
}

int load_keys(struct loader *l, const struct tree *top)
{
	return check_map(l, top, "the policy", keys_policy);
}

int load_keys_of(struct loader *l, const struct tree *map, const char *what,
		 const struct keys_entry *table)
{
	return check_map(l, map, what, table);
}
