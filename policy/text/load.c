// SPDX-License-Identifier: Apache-2.0
/* load.c - the kinds of values a policy is made of, and what is said when one
 * is another. */
#include "load.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "policy/diag.h"
#include "policy/grow.h"

static void set_place(struct loader *l, const struct tree *at, const char *text)
{
	diag_set(l->diag, at->file, at->line, at->column, 0, "%s", text);
}

int load_error(struct loader *l, const struct tree *at, const char *format, ...)
{
	char text[sizeof(l->diag->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	set_place(l, at, text);
	return -EINVAL;
}

int load_lacks(struct loader *l, const struct tree *at, const char *text)
{
	struct policy_diag warning;

	if (!l->options || !l->options->warn || l->warnings > LOAD_WARNINGS_MAX)
		return 0;
	diag_set(&warning, at->file, at->line, at->column, 0, "%s",
		 l->warnings++ < LOAD_WARNINGS_MAX ? text : "further warnings are left out");
	l->options->warn(l->options->ctx, &warning);
	return 0;
}

int load_warn(struct loader *l, const struct tree *at, const char *format, ...)
{
	char text[sizeof(l->diag->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (l->options && l->options->strict) {
		set_place(l, at, text);
		return -EINVAL;
	}
	return load_lacks(l, at, text);
}

int load_map(struct loader *l, const struct tree *at, const char *what)
{
	if (at->kind == TREE_MAP)
		return 0;
	return load_error(l, at, "%s must be a mapping, not %s", what, tree_kind_name(at));
}

int load_list(struct loader *l, const struct tree *at, const char *what)
{
	if (at->kind == TREE_LIST)
		return 0;
	return load_error(l, at, "%s must be a list, not %s", what, tree_kind_name(at));
}

int load_text(struct loader *l, const struct tree *at, const char *what, const char **ret_text)
{
	double number;
	bool boolean;

	if (at->kind != TREE_TEXT || tree_is_null(at))
		return load_error(l, at, "%s must be text, not %s", what, tree_kind_name(at));
	if (tree_bool(at, &boolean) || tree_number(at, &number))
		return load_error(l, at, "%s must be text, but %.100s is %s; put quotes around it",
				  what, at->text, tree_kind_name(at));
	*ret_text = at->text;
	return 0;
}

int load_word(struct loader *l, const struct tree *at, const char *what, const char *const *words,
	      size_t *ret_index)
{
	char known[200] = "";

	for (size_t i = 0; words[i]; i++) {
		if (at->kind == TREE_TEXT && !strcmp(at->text, words[i])) {
			*ret_index = i;
			return 0;
		}
		if (strlen(known) + strlen(words[i]) + 3 < sizeof(known)) {
			strcat(known, i ? ", " : "");
			strcat(known, words[i]);
		}
	}
	return load_error(l, at, "%s must be one of %s", what, known);
}

const char *load_file(struct loader *l, const struct tree *at)
{
	size_t i = 0;

	while (l->files[i].from && l->files[i].from != at->file)
		i++;
	if (!l->files[i].from) {
		l->files[i].to = pool_text(&l->policy->pool, at->file, strlen(at->file));
		if (!l->files[i].to)
			return NULL;
		l->files[i].from = at->file;
	}
	return l->files[i].to;
}

bool load_is_parent(const struct tree *at)
{
	return at->kind == TREE_TEXT && !strcmp(at->text, LOAD_PARENT);
}

static int check_rule(struct loader *l, const struct tree *at, const char *section,
		      load_check *check)
{
	const char *text;
	int r = load_text(l, at, section, &text);

	if (r < 0)
		return r;
	if (!load_is_parent(at))
		return check ? check(l, at) : 0;
	return l->is_part ? 0 :
			    load_error(l, at,
				       LOAD_PARENT ": no parent has a list of %s, or it is "
						   "here already",
				       section);
}

int load_rule(struct loader *l, const struct tree *at, const char *section, const char *text,
	      uint32_t *ret_rule)
{
	struct policy *policy = l->policy;
	struct policy_rule *rule;

	if (GROW(policy->rules, policy->rules_len + 1, policy->rules_max) < 0)
		return -ENOMEM;
	*ret_rule = (uint32_t)policy->rules_len;
	rule = &policy->rules[policy->rules_len++];
	rule->section = section;
	rule->pattern = pool_text(&policy->pool, text, strlen(text));
	rule->file = load_file(l, at);
	rule->line = at->line;
	rule->column = at->column;
	return rule->pattern && rule->file ? 0 : -ENOMEM;
}

int load_rules(struct loader *l, const struct tree *list, const char *section, load_check *check,
	       struct patterns *ret_patterns)
{
	int r = load_list(l, list, section);
	uint32_t rule;

	if (r < 0)
		return r;
	if (list->len > UINT32_MAX / 2)
		return -E2BIG;
	ret_patterns->first = (uint32_t)l->policy->rules_len;
	ret_patterns->len = (uint32_t)list->len;
	for (size_t i = 0; i < list->len; i++) {
		if ((r = check_rule(l, list->at[i], section, check)) < 0 ||
		    (r = load_rule(l, list->at[i], section, list->at[i]->text, &rule)) < 0)
			return r;
	}
	return 0;
}
