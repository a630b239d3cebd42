// SPDX-License-Identifier: Apache-2.0
/* load_content.c - rules.content_rules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "builtin.h"
#include "load_declare.h"
#include "policy/args/load_args.h"

#define SECTION "rules.content_rules.block_patterns"
#define NAME_LEN 60u

static const char *const actions[] = { "block", "redact", "log", "ask", NULL };

/* A name goes into reasons, which models and terminals read. */
static const char *short_name(struct loader *l, const char *text, size_t index)
{
	char name[NAME_LEN];
	size_t len = 0;

	for (; text && text[len] && len < NAME_LEN - 1; len++)
		name[len] = text[len] > ' ' && text[len] <= '~' ? text[len] : '_';
	name[len] = '\0';
	if (!len)
		snprintf(name, sizeof(name), "pattern %zu", index + 1);
	return pool_text(&l->policy->pool, name, strlen(name));
}

/* Texts are what is searched, so that a match may begin anywhere. */
static int compile(struct loader *l, const struct tree *at, const char *text, bool bounded,
		   const struct regex **ret_regex)
{
	char problem[REGEX_PROBLEM_MAX] = "";
	struct regex *regex;
	struct tree place = *at;
	size_t offset = 0;
	int r;

	if (strlen(text) > REGEX_LEN_MAX)
		return load_error(l, at, "pattern is longer than %u bytes", REGEX_LEN_MAX);
	if (++l->policy->regexes_len > REGEX_MAX)
		return load_error(l, at, "more than %u patterns", REGEX_MAX);
	r = regex_new_search(text, strlen(text), bounded, &regex, &offset, problem);
	if (r == -EINVAL) {
		if (text == at->text)
			place.column = tree_column(at, offset);
		return load_error(l, &place, "pattern: %s", problem);
	}
	if (r < 0)
		return r;
	regex_push(&l->policy->regexes, regex);
	*ret_regex = regex;
	return 0;
}

static int add_builtin(struct loader *l, const struct tree *at, const struct builtin *builtin,
		       struct declare_pattern *to)
{
	int r;

	to->name = builtin->name;
	to->shell = builtin->shell;
	if ((r = compile(l, at, builtin->pattern, true, &to->regex)) < 0)
		return r;
	return load_rule(l, at, SECTION, builtin->name, &to->rule);
}

static int add_own(struct loader *l, const struct tree *pattern, const char *name, size_t index,
		   struct declare_pattern *to)
{
	int r;

	to->name = short_name(l, name, index);
	if (!to->name)
		return -ENOMEM;
	if ((r = compile(l, pattern, pattern->text, false, &to->regex)) < 0)
		return r;
	return load_rule(l, pattern, SECTION, pattern->text, &to->rule);
}

/* An item without a pattern is the built-in one of its name. */
static int add_item(struct loader *l, const struct tree *map, size_t index,
		    struct declare_rules *to, struct declare_pattern *patterns)
{
	const struct tree *pattern = load_given(map, "pattern"), *name = load_given(map, "name");
	const struct tree *action = load_given(map, "action");
	const struct builtin *builtin = name ? builtin_find(name->text) : NULL;
	struct declare_pattern *at = &patterns[to->patterns_len];
	size_t word = 0;
	int r;

	at->action = DECLARE_BLOCKS;
	if (action && (r = load_word(l, action, "action", actions, &word)) < 0)
		return r;
	if (word >= 2)
		at->action = word == 2 ? DECLARE_LOGS : DECLARE_ASKS;
	if (pattern)
		r = add_own(l, pattern, name ? name->text : NULL, index, at);
	else if (builtin)
		r = add_builtin(l, map, builtin, at);
	else
		return load_error(l, map,
				  "a block pattern has a pattern, or the name of a built-in "
				  "one: shell_injection, path_traversal, sql_injection, "
				  "code_execution");
	to->patterns_len++;
	return r;
}

static int add_builtins(struct loader *l, const struct tree *map, struct declare_rules *to,
			struct declare_pattern *patterns)
{
	int r;

	for (size_t i = 0; i < BUILTINS; i++) {
		patterns[i].action = DECLARE_BLOCKS;
		if ((r = add_builtin(l, map, &builtins[i], &patterns[i])) < 0)
			return r;
		to->patterns_len++;
	}
	return 0;
}

/* Patterns of rules that are switched off must compile as well: who switches
 * them on does not want to learn it then. */
static int check_off(struct loader *l, const struct tree *list)
{
	const struct regex *unused;
	int r = 0;

	for (size_t i = 0; r == 0 && list && i < list->len; i++) {
		const struct tree *pattern = load_given(list->at[i], "pattern");

		if (pattern)
			r = compile(l, pattern, pattern->text, false, &unused);
	}
	return r;
}

int load_content(struct loader *l, const struct tree *map, struct declare_rules *to)
{
	const struct tree *list = load_given(map, "block_patterns");
	size_t len = list && list->len ? list->len : BUILTINS;
	struct declare_pattern *patterns;
	int r = 0;

	if (list && list->len > DECLARE_PATTERNS_MAX)
		return load_error(l, list, "block_patterns has more than %u entries",
				  DECLARE_PATTERNS_MAX);
	if (!load_flag(map, "enabled", false))
		return check_off(l, list);
	patterns = pool_alloc(&l->policy->pool, len * sizeof(*patterns));
	if (!patterns)
		return -ENOMEM;
	to->patterns = patterns;
	if (!list || !list->len)
		return add_builtins(l, map, to, patterns);
	for (size_t i = 0; r == 0 && i < list->len; i++)
		r = add_item(l, list->at[i], i, to, patterns);
	return r;
}
