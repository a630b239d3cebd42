// SPDX-License-Identifier: Apache-2.0
/* load_rates.c - rules.rate_limits. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load_declare.h"

#define GLOBAL "global_limit"

/* Who extends this file may write what is missing; then there is nothing to count yet. */
static int check_whole(struct loader *l, const struct tree *map, const char *what, double calls,
		       double seconds)
{
	if (l->is_part)
		return 0;
	if (calls < 0)
		return load_error(l, map, "%s lacks max_calls", what);
	if (calls != floor(calls))
		return load_error(l, load_given(map, "max_calls"),
				  "max_calls must be a whole number");
	return seconds > 0 ? 0 : load_error(l, map, "%s lacks window_seconds", what);
}

static int add_limit(struct loader *l, const struct tree *map, const char *name,
		     struct declare_limit *to)
{
	double calls = -1, seconds = 0;
	char text[100], section[FOLD_LEN + 40];
	const char *kept;
	int r;

	snprintf(section, sizeof(section), "rules.rate_limits.%s%s", to->tool ? "per_tool." : "",
		 name);
	if ((r = load_amount(l, load_given(map, "max_calls"), "max_calls", true, DECLARE_CALLS_MAX,
			     &calls)) < 0 ||
	    (r = load_amount(l, load_given(map, "window_seconds"), "window_seconds", false,
			     DECLARE_WINDOW_MAX, &seconds)) < 0 ||
	    (r = check_whole(l, map, section, calls, seconds)) < 0)
		return r;
	to->max_calls = calls > 0 ? (uint64_t)calls : 0;
	to->window_ns = (uint64_t)ceil(seconds * 1e9);
	snprintf(text, sizeof(text), "%.0f calls in %.15g s", calls, seconds);
	kept = pool_text(&l->policy->pool, section, strlen(section));
	return kept ? load_rule(l, map, kept, text, &to->rule) : -ENOMEM;
}

static int by_tool(const void *a, const void *b)
{
	const struct declare_limit *x = a, *y = b;

	return strcmp(x->tool, y->tool);
}

/* The names were looked at with the keys. */
static int add_tools(struct loader *l, const struct tree *tools, struct declare_rules *to)
{
	int r;

	for (size_t i = 0; tools && i < tools->len; i++) {
		const struct tree *key = tools->at[2 * i], *map = tools->at[2 * i + 1];
		struct declare_limit *limit = &to->limits[to->limits_len];
		char folded[FOLD_LEN];

		if (tree_is_null(map) || fold_name(key->text, folded) < 0)
			continue;
		limit->tool = pool_text(&l->policy->pool, folded, strlen(folded));
		if (!limit->tool)
			return -ENOMEM;
		if ((r = add_limit(l, map, folded, limit)) < 0)
			return r;
		to->limits_len++;
	}
	if (to->limits_len)
		qsort(to->limits, to->limits_len, sizeof(*to->limits), by_tool);
	return 0;
}

int load_rates(struct loader *l, const struct tree *map, struct declare_rules *to)
{
	const struct tree *tools = load_given(map, "per_tool"), *all = load_given(map, GLOBAL);
	size_t len = tools ? tools->len : 0;
	int r;

	if (!load_flag(map, "enabled", false))
		return 0;
	if (len > MODEL_TOOLS_MAX)
		return load_error(l, tools, "per_tool has more than %u entries", MODEL_TOOLS_MAX);
	to->limits = pool_alloc(&l->policy->pool, (len + 1) * sizeof(*to->limits));
	if (!to->limits)
		return -ENOMEM;
	if ((r = add_tools(l, tools, to)) < 0 || !all)
		return r;
	to->has_global = true;
	return add_limit(l, all, GLOBAL, &to->limits[to->limits_len++]);
}
