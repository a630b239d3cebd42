// SPDX-License-Identifier: Apache-2.0
/* tree.c - questions to a node. */
#include "tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tree *tree_get(const struct tree *map, const char *key)
{
	for (size_t i = 0; i < map->len; i++)
		if (!strcmp(map->at[2 * i]->text, key))
			return map->at[2 * i + 1];
	return NULL;
}

static bool is_one_of(const struct tree *tree, const char *const *words)
{
	if (tree->kind != TREE_TEXT || !tree->plain)
		return false;
	for (; *words; words++)
		if (!strcmp(tree->text, *words))
			return true;
	return false;
}

/* The words of YAML 1.1, which is what the Python version reads. */
bool tree_is_null(const struct tree *tree)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };

	return is_one_of(tree, words);
}

bool tree_bool(const struct tree *tree, bool *ret_value)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes",
					   "YES",  "on",   "On",   "ON",  NULL };
	static const char *const no[] = { "false", "False", "FALSE", "no",  "No",
					  "NO",	   "off",   "Off",   "OFF", NULL };

	*ret_value = is_one_of(tree, yes);
	return *ret_value || is_one_of(tree, no);
}

bool tree_number(const struct tree *tree, double *ret_value)
{
	char *end;

	if (tree->kind != TREE_TEXT || !tree->plain || !tree->text[0] ||
	    strspn(tree->text, "0123456789+-.eE") != strlen(tree->text))
		return false;
	*ret_value = strtod(tree->text, &end);
	return !*end && isfinite(*ret_value);
}

unsigned int tree_column(const struct tree *tree, size_t offset)
{
	unsigned int column = tree->column + (tree->quote != 0);
	size_t width = tree->quote ? 2 : 0;

	for (size_t i = 0; i < tree->len; i++) {
		char c = tree->text[i];
		bool doubled = c == tree->quote || (c == '\\' && tree->quote == '"');
		unsigned int taken = ((unsigned char)c & 0xc0) == 0x80 ? 0 : doubled ? 2 : 1;

		width += taken;
		column += i < offset ? taken : 0;
	}
	return (tree->plain || tree->quote) && width == tree->width ? column : tree->column;
}

const char *tree_kind_name(const struct tree *tree)
{
	bool boolean;
	double number;

	if (tree->kind == TREE_MAP)
		return "a mapping";
	if (tree->kind == TREE_LIST)
		return "a list";
	if (tree_is_null(tree))
		return "null";
	if (tree_bool(tree, &boolean))
		return "a boolean";
	if (tree_number(tree, &number))
		return "a number";
	return "text";
}
