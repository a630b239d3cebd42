// SPDX-License-Identifier: Apache-2.0
#include "load_args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TYPES_STRING ARGS_STRING
#define PATTERN_TOLD 120u
#define TYPES_NUMBER (ARGS_INTEGER | ARGS_NUMBER)

static const char *const type_names[] = { "string", "integer", "number", "boolean",
					  "array",  "object",  "null",	 NULL };

size_t load_args_len(const struct tree *at)
{
	return at->kind == TREE_LIST ? at->len : 1;
}

const struct tree *load_args_item(const struct tree *at, size_t i)
{
	return at->kind == TREE_LIST ? at->at[i] : at;
}

static bool is_given(const struct tree *at)
{
	return at && !tree_is_null(at);
}

/* `null` is a word of these two. */
static int read_types(struct loader *l, const struct tree *at, struct args_rule *rule)
{
	size_t index;
	int r;

	for (size_t i = 0; at && i < load_args_len(at); i++) {
		const struct tree *item = load_args_item(at, i);

		if (tree_is_null(item)) {
			rule->types |= ARGS_NULL;
			continue;
		}
		if ((r = load_word(l, item, "type", type_names, &index)) < 0)
			return r;
		rule->types |= 1u << index;
	}
	if (at && !rule->types)
		return load_error(l, at, "type is an empty list: no value has none");
	return 0;
}

/* A value that the type excludes is a slip: `no`, or 7 where a text was meant. */
static int check_word(struct loader *l, const struct tree *at, const struct args_value *word,
		      uint32_t types)
{
	bool whole = word->type == ARGS_NUMBER && word->number == floor(word->number);

	if (whole && fabs(word->number) > ARGS_INTEGER_MAX)
		return load_error(l, at, "enum: %.100s is beyond 2^53 - 1", at->text);
	if (!types || types & word->type || (whole && types & ARGS_INTEGER))
		return 0;
	return load_error(l, at, "enum: %.100s is %s, which `type` excludes%s", at->text,
			  tree_kind_name(at), types & ARGS_STRING ? "; put quotes around it" : "");
}

static int read_word(struct loader *l, const struct tree *at, struct args_value *to)
{
	if (at->kind != TREE_TEXT)
		return load_error(l, at, "enum takes text, numbers, booleans and null, not %s",
				  tree_kind_name(at));
	if (tree_is_null(at)) {
		to->type = ARGS_NULL;
	} else if (tree_bool(at, &to->boolean)) {
		to->type = ARGS_BOOLEAN;
	} else if (tree_number(at, &to->number)) {
		to->type = ARGS_NUMBER;
	} else {
		to->type = ARGS_STRING;
		to->text = pool_text(&l->policy->pool, at->text, at->len);
		return to->text ? 0 : -ENOMEM;
	}
	return 0;
}

static int read_words(struct loader *l, const struct tree *at, struct args_rule *rule)
{
	struct args_value *words;
	int r;

	if (!is_given(at))
		return 0;
	if ((r = load_list(l, at, "enum")) < 0)
		return r;
	if (!at->len || at->len > ARGS_ENUM_MAX)
		return load_error(l, at, "enum has from 1 to %u values", ARGS_ENUM_MAX);
	words = pool_alloc(&l->policy->pool, at->len * sizeof(*words));
	if (!words)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < at->len; i++)
		if ((r = read_word(l, at->at[i], &words[i])) == 0)
			r = check_word(l, at->at[i], &words[i], rule->types);
	rule->words = words;
	rule->words_len = at->len;
	rule->has_words = true;
	return r;
}

int load_args_regex(struct loader *l, const struct tree *at, const char *what, const char *pattern,
		    const struct regex **ret_regex)
{
	char problem[REGEX_PROBLEM_MAX] = "";
	struct tree place = *at;
	struct regex *regex;
	size_t offset = 0;
	int r;

	if (strlen(pattern) > REGEX_LEN_MAX)
		return load_error(l, at, "%s is longer than %u bytes", what, REGEX_LEN_MAX);
	if (++l->policy->regexes_len > REGEX_MAX)
		return load_error(l, at, "more than %u patterns for arguments", REGEX_MAX);
	r = regex_new(pattern, strlen(pattern), &regex, &offset, problem);
	if (r == -EINVAL) {
		if (pattern == at->text)
			place.column = tree_column(at, offset);
		return load_error(l, &place, "%s: %s", what, problem);
	}
	if (r < 0)
		return r;
	regex_push(&l->policy->regexes, regex);
	*ret_regex = regex;
	return 0;
}

static int read_bound(struct loader *l, const struct tree *map, const char *key, bool counts,
		      bool *ret_has, double *ret_value)
{
	const struct tree *at = tree_get(map, key);

	if (!is_given(at))
		return 0;
	if (at->kind != TREE_TEXT || !tree_number(at, ret_value) || !isfinite(*ret_value) ||
	    fabs(*ret_value) > ARGS_INTEGER_MAX)
		return load_error(l, at, "%s must be a number of at most 2^53 - 1", key);
	if (counts && (*ret_value < 0 || *ret_value != floor(*ret_value)))
		return load_error(l, at, "%s must be a whole number from 0", key);
	*ret_has = true;
	return 0;
}

static int read_range(struct loader *l, const struct tree *map, const char *min, const char *max,
		      bool counts, struct args_range *range)
{
	int r;

	if ((r = read_bound(l, map, min, counts, &range->has_min, &range->min)) < 0 ||
	    (r = read_bound(l, map, max, counts, &range->has_max, &range->max)) < 0)
		return r;
	if (range->has_min && range->has_max && range->min > range->max)
		return load_error(l, tree_get(map, max), "%s is less than %s: nothing is permitted",
				  max, min);
	return 0;
}

/* What a rule says of strings is about strings: without a type that is the
 * type, beside another it is a mistake. */
static int imply(struct loader *l, const struct tree *map, const char *const *keys, uint32_t types,
		 const char *kind, struct args_rule *rule)
{
	for (; *keys; keys++) {
		const struct tree *at = tree_get(map, *keys);

		if (!is_given(at))
			continue;
		if (tree_get(map, "type") && !(rule->types & types))
			return load_error(l, at, "%s is about %s, which `type` excludes", *keys,
					  kind);
		if (!tree_get(map, "type"))
			rule->types |= types;
	}
	return 0;
}

static int imply_types(struct loader *l, const struct tree *map, struct args_rule *rule)
{
	static const char *const of_strings[] = { "pattern", "min_length", "max_length", "url",
						  NULL };
	static const char *const of_numbers[] = { "min", "max", NULL };
	static const char *const of_arrays[] = { "items", "min_items", "max_items", NULL };
	static const char *const of_objects[] = { "properties", "extra", NULL };
	int r;

	if ((r = imply(l, map, of_strings, TYPES_STRING, "strings", rule)) < 0 ||
	    (r = imply(l, map, of_numbers, TYPES_NUMBER, "numbers", rule)) < 0 ||
	    (r = imply(l, map, of_arrays, ARGS_ARRAY, "arrays", rule)) < 0)
		return r;
	return imply(l, map, of_objects, ARGS_OBJECT, "objects", rule);
}

static int read_extra(struct loader *l, const struct tree *at, const char *what, bool *ret_denies)
{
	static const char *const words[] = { "allow", "deny", NULL };
	size_t index = 0;
	int r;

	if (!is_given(at))
		return 0;
	r = load_word(l, at, what, words, &index);
	*ret_denies = index == 1;
	return r;
}

static int read_optional(struct loader *l, const struct tree *at, struct args_rule *rule)
{
	if (!is_given(at))
		return 0;
	if (at->kind != TREE_TEXT || !tree_bool(at, &rule->optional))
		return load_error(l, at, "optional must be true or false");
	return 0;
}

static int read_rule(struct loader *l, const struct tree *map, unsigned int depth,
		     struct args_rule *rule);

static int read_properties(struct loader *l, const struct tree *map, const char *what,
			   unsigned int depth, struct args_rule *rule)
{
	const struct args_rule *same;
	struct args_rule *at;
	int r;

	if ((r = load_map(l, map, what)) < 0)
		return r;
	if (map->len > ARGS_NAMES_MAX)
		return load_error(l, map, "%s has more than %u names", what, ARGS_NAMES_MAX);
	at = pool_alloc(&l->policy->pool, map->len * sizeof(*at));
	if (map->len && !at)
		return -ENOMEM;
	rule->properties = at;
	for (size_t i = 0; i < map->len; i++) {
		const struct tree *key = map->at[2 * i], *value = map->at[2 * i + 1];
		struct args_rule *property = &at[rule->properties_len++];

		property->name = pool_text(&l->policy->pool, key->text, key->len);
		if (!property->name)
			return -ENOMEM;
		if (tree_is_null(value)) { /* known, and anything */
			property->optional = true;
			property->file = load_file(l, key);
			property->line = key->line;
			property->column = key->column;
			continue;
		}
		if ((r = read_rule(l, value, depth, property)) < 0)
			return r;
	}
	same = args_sort(at, map->len);
	if (same)
		return load_error(l, map, "%s: \"%.100s\" is there twice (case does not count)",
				  what, same->name);
	return 0;
}

static int read_inner(struct loader *l, const struct tree *map, unsigned int depth,
		      struct args_rule *rule)
{
	const struct tree *items = tree_get(map, "items"),
			  *properties = tree_get(map, "properties");
	struct args_rule *item;
	int r;

	if (is_given(items)) {
		item = pool_alloc(&l->policy->pool, sizeof(*item));
		if (!item)
			return -ENOMEM;
		if ((r = read_rule(l, items, depth, item)) < 0)
			return r;
		rule->items = item;
	}
	if (!is_given(properties))
		return 0;
	return read_properties(l, properties, "properties", depth, rule);
}

/* Of a pattern: what a refusal tells, in whole characters. */
static size_t told_len(const struct tree *at)
{
	size_t len = at->len < PATTERN_TOLD ? at->len : PATTERN_TOLD;

	while (len && ((unsigned char)at->text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static int read_text_rules(struct loader *l, const struct tree *map, struct args_rule *rule)
{
	const struct tree *pattern = tree_get(map, "pattern"), *url = tree_get(map, "url");
	const char *text;
	int r;

	if (is_given(pattern)) {
		if (pattern->kind != TREE_TEXT)
			return load_text(l, pattern, "pattern", &text);
		r = load_args_regex(l, pattern, "pattern", pattern->text, &rule->pattern);
		if (r < 0)
			return r;
		rule->pattern_text = pool_text(&l->policy->pool, pattern->text, told_len(pattern));
		if (!rule->pattern_text)
			return -ENOMEM;
	}
	return is_given(url) ? load_args_url(l, url, &rule->url) : 0;
}

static int read_rule(struct loader *l, const struct tree *map, unsigned int depth,
		     struct args_rule *rule)
{
	int r;

	if (depth > ARGS_DEPTH_MAX)
		return load_error(l, map, "rules of arguments are nested more than %u deep",
				  ARGS_DEPTH_MAX);
	if (++l->policy->args_len > ARGS_RULES_MAX)
		return load_error(l, map, "more than %u rules of arguments", ARGS_RULES_MAX);
	rule->file = load_file(l, map);
	rule->line = map->line;
	rule->column = map->column;
	if (!rule->file)
		return -ENOMEM;
	if ((r = load_map(l, map, "the rule of an argument")) < 0 ||
	    (r = read_types(l, tree_get(map, "type"), rule)) < 0 ||
	    (r = imply_types(l, map, rule)) < 0 ||
	    (r = read_words(l, tree_get(map, "enum"), rule)) < 0 ||
	    (r = read_range(l, map, "min", "max", false, &rule->number)) < 0 ||
	    (r = read_range(l, map, "min_length", "max_length", true, &rule->length)) < 0 ||
	    (r = read_range(l, map, "min_items", "max_items", true, &rule->items_len)) < 0 ||
	    (r = read_text_rules(l, map, rule)) < 0 ||
	    (r = read_optional(l, tree_get(map, "optional"), rule)) < 0 ||
	    (r = read_extra(l, tree_get(map, "extra"), "extra", &rule->denies_extra)) < 0)
		return r;
	return read_inner(l, map, depth + 1, rule);
}

int load_args(struct loader *l, const struct tree *args, const struct tree *extra,
	      const struct args_rule **ret_root)
{
	const struct tree *at = is_given(args) ? args : extra;
	struct args_rule *root;
	int r;

	if (!is_given(at))
		return 0;
	root = pool_alloc(&l->policy->pool, sizeof(*root));
	if (!root)
		return -ENOMEM;
	root->file = load_file(l, at);
	root->line = at->line;
	root->column = at->column;
	if ((r = read_extra(l, extra, "extra_args", &root->denies_extra)) < 0)
		return r;
	*ret_root = root;
	return is_given(args) ? read_properties(l, args, "args", 1, root) : 0;
}
