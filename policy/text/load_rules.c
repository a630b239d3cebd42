// SPDX-License-Identifier: Apache-2.0
/* load_rules.c - `rules` as far as it is not about tool names: the keys are
 * known and of the right kind; what they mean is read elsewhere. */
#include <string.h>

#include "load.h"

/* A key, its kind, and the keys that a map below it may have. */
struct known {
	const char *key;
	enum tree_kind kind;
	const char *const *below;
};

#define KEYS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static const char *const limit_keys[] = { "max_calls", "window_seconds", NULL };
static const char *const pii_keys[] = {
	"enabled", "categories", "strategy", "ner_threshold", "ner_fallback_to_regex", NULL
};
static const char *const resource_keys[] = { "max_call_duration_seconds", "max_memory_mb",
					     "max_cost_usd", NULL };
static const char *const network_keys[] = { "enabled", "allowed_domains", "denied_domains",
					    "deny_all_other", NULL };
static const char *const content_keys[] = { "enabled", "block_patterns", NULL };
/* `reason` is what the Python version's own examples write; it ignores it. */
static const char *const block_keys[] = {
	"name", "pattern", "description", "action", "reason", NULL
};
static const char *const rate_keys[] = { "enabled", "per_tool", "global_limit", NULL };
static const char *const sandbox_keys[] = {
	"enabled",	     "strategy", "max_memory_mb", "max_cpu_seconds", "allowed_env_vars",
	"working_directory", NULL
};
static const char *const label_keys[] = { "enabled", "default_clearance", "enforce", "fallback",
					  NULL };

static const struct known known[] = {
	{ "pii_redaction", TREE_MAP, pii_keys },
	{ "pii", TREE_MAP, pii_keys },
	{ "pii_config", TREE_MAP, pii_keys },
	{ "resource_limits", TREE_MAP, resource_keys },
	{ "resources", TREE_MAP, resource_keys },
	{ "network", TREE_MAP, network_keys },
	{ "network_policy", TREE_MAP, network_keys },
	{ "content_rules", TREE_MAP, content_keys },
	{ "rate_limits", TREE_MAP, rate_keys },
	{ "sandbox", TREE_MAP, sandbox_keys },
	{ "sensitivity_labels", TREE_MAP, label_keys },
	{ "max_output_size_bytes", TREE_TEXT, NULL },
	{ "redact_output", TREE_TEXT, NULL },
	{ NULL, 0, NULL },
};

static int check_patterns(struct loader *l, const struct tree *rules)
{
	const struct tree *list = tree_get(rules, "block_patterns");
	int r;

	if (!list || tree_is_null(list))
		return 0;
	if ((r = load_list(l, list, "content_rules.block_patterns")) < 0)
		return r;
	for (size_t i = 0; i < list->len; i++)
		if ((r = load_map(l, list->at[i], "a block pattern")) < 0 ||
		    (r = load_keys(l, list->at[i], "a block pattern", block_keys)) < 0)
			return r;
	return 0;
}

static int check_limit(struct loader *l, const struct tree *limit)
{
	int r;

	if (!limit || tree_is_null(limit))
		return 0;
	r = load_map(l, limit, "a rate limit");
	return r < 0 ? r : load_keys(l, limit, "a rate limit", limit_keys);
}

static int check_rates(struct loader *l, const struct tree *rates)
{
	const struct tree *per_tool = tree_get(rates, "per_tool");
	int r = check_limit(l, tree_get(rates, "global_limit"));

	if (r < 0 || !per_tool || tree_is_null(per_tool))
		return r;
	if ((r = load_map(l, per_tool, "rate_limits.per_tool")) < 0)
		return r;
	for (size_t i = 0; i < per_tool->len; i++)
		if ((r = check_limit(l, per_tool->at[2 * i + 1])) < 0)
			return r;
	return 0;
}

static int check_value(struct loader *l, const struct known *k, const struct tree *value)
{
	int r;

	if (tree_is_null(value))
		return 0;
	if (k->kind == TREE_TEXT) {
		if (value->kind == TREE_TEXT)
			return 0;
		return load_error(l, value, "%s must not be %s", k->key, tree_kind_name(value));
	}
	if ((r = load_map(l, value, k->key)) < 0 || (r = load_keys(l, value, k->key, k->below)) < 0)
		return r;
	if (k->below == content_keys)
		return check_patterns(l, value);
	return k->below == rate_keys ? check_rates(l, value) : 0;
}

static int check_all(struct loader *l, const struct tree *map)
{
	int r;

	for (const struct known *k = known; k->key; k++) {
		const struct tree *value = tree_get(map, k->key);

		if (value && (r = check_value(l, k, value)) < 0)
			return r;
	}
	return 0;
}

/* Names of the known keys, with more before them. */
static int check_names(struct loader *l, const struct tree *map, const char *what,
		       const char *const *more)
{
	const char *names[32] = { "allowed_tools", "denied_tools" };
	size_t len = 2;

	for (; *more; more++)
		names[len++] = *more;
	for (const struct known *k = known; k->key; k++)
		names[len++] = k->key;
	names[len] = NULL;
	return load_keys(l, map, what, names);
}

int load_known_rules(struct loader *l, const struct tree *top, const struct tree *rules)
{
	int r = check_names(l, top, "the policy",
			    KEYS("name", "version", "extends", "on_violation", "rules", "kernel"));

	if (r < 0 || (r = check_all(l, top)) < 0 || !rules)
		return r;
	r = check_names(l, rules, "rules", (const char *const[]) { NULL });
	return r < 0 ? r : check_all(l, rules);
}
