// SPDX-License-Identifier: Apache-2.0
/* load_policy.c - the top of a policy, and what it says of tool names. */
#include <errno.h>
#include <string.h>

#include "policy/grow.h"
#include "load.h"
#include "policy/declare/load_declare.h"

/* Every record of the trail carries name and version. */
#define TITLE_MAX 256u

/* Names of one list of tools: rules, and a set to look in. */
static int read_names(struct loader *l, const struct tree *list, const char *section,
		      struct fold_set *set)
{
	struct policy *policy = l->policy;
	struct patterns rules;
	int r = load_rules(l, list, section, NULL, &rules);

	if (r < 0)
		return r;
	set->at = pool_alloc(&policy->pool, list->len * sizeof(*set->at));
	if (!set->at)
		return -ENOMEM;
	for (uint32_t i = 0; i < rules.len; i++) {
		if (load_is_parent(list->at[i]))
			continue;
		r = fold_set_add(set, &policy->pool, list->at[i]->text, rules.first + i);
		if (r == -EINVAL)
			return load_error(l, list->at[i], "\"%.100s\" is not a tool name",
					  list->at[i]->text);
		if (r < 0)
			return r;
	}
	fold_set_sort(set);
	return 0;
}

static int read_lists(struct loader *l, const struct tree *rules)
{
	const struct tree *allowed = tree_get(rules, "allowed_tools");
	const struct tree *denied = tree_get(rules, "denied_tools");
	int r;

	l->policy->allows_all = !allowed || tree_is_null(allowed);
	if (!l->policy->allows_all &&
	    (r = read_names(l, allowed, "rules.allowed_tools", &l->policy->allowed_names)) < 0)
		return r;
	if (!denied || tree_is_null(denied))
		return 0;
	return read_names(l, denied, "rules.denied_tools", &l->policy->denied_names);
}

static int read_name(struct loader *l, const struct tree *top)
{
	const struct tree *name = tree_get(top, "name");
	const char *text;
	int r;

	if (!name && l->is_part)
		return 0;
	if (!name)
		return load_error(l, top, "the key \"name\" is missing");
	if ((r = load_text(l, name, "name", &text)) < 0)
		return r;
	if (!text[strspn(text, " \t\r\n")])
		return load_error(l, name, "name must not be empty");
	if (name->len > TITLE_MAX)
		return load_error(l, name, "name is longer than %u bytes", TITLE_MAX);
	l->policy->name = pool_text(&l->policy->pool, text, strlen(text));
	return l->policy->name ? 0 : -ENOMEM;
}

static int read_version(struct loader *l, const struct tree *top)
{
	const struct tree *version = tree_get(top, "version");

	if (version && (version->kind != TREE_TEXT || tree_is_null(version)))
		return load_error(l, version, "version must be text, not %s",
				  tree_kind_name(version));
	if (version && version->len > TITLE_MAX)
		return load_error(l, version, "version is longer than %u bytes", TITLE_MAX);
	l->policy->version = version ? pool_text(&l->policy->pool, version->text, version->len) :
				       "1.0";
	return l->policy->version ? 0 : -ENOMEM;
}

static int read_violation(struct loader *l, const struct tree *top)
{
	static const char *const ways[] = { "block", "log", "redact", NULL };
	const struct tree *way = tree_get(top, "on_violation");
	size_t index = 0;
	int r;

	if (way && (r = load_word(l, way, "on_violation", ways, &index)) < 0)
		return r;
	l->policy->on_violation = (enum model_violation)(MODEL_BLOCK + index);
	/* kernel.mode, read later, says otherwise */
	l->policy->observes = l->policy->on_violation == MODEL_LOG;
	return 0;
}

static int add_rule(struct policy *policy, const struct policy_rule *rule)
{
	if (GROW(policy->rules, policy->rules_len + 1, policy->rules_max) < 0)
		return -ENOMEM;
	policy->rules[policy->rules_len++] = *rule;
	return 0;
}

/* What is permitted because the agent declares with our own program. */
static int add_own_rule(struct policy *policy)
{
	policy->own_rule = (uint32_t)policy->rules_len;
	return add_rule(policy, &(struct policy_rule) { .section = "built in",
							.pattern = "enforcecore itself",
							.file = policy->file });
}

/* Behind those that are there, which are copied: ids of a list are consecutive. */
int load_append(struct policy *policy, struct patterns *list, const struct policy_rule *by,
		const char *pattern)
{
	struct policy_rule rule = *by;
	struct patterns all = { .first = (uint32_t)policy->rules_len, .len = list->len + 1 };
	int r = 0;

	for (uint32_t i = 0; !r && i < list->len; i++) {
		struct policy_rule copy = policy->rules[list->first + i];

		r = add_rule(policy, &copy);
	}
	rule.pattern = pool_text(&policy->pool, pattern, strlen(pattern));
	if (!r)
		r = rule.pattern ? add_rule(policy, &rule) : -ENOMEM;
	*list = all;
	return r;
}

static int append(struct policy *policy, struct patterns *list, const char *pattern)
{
	const struct policy_rule by = { .section = "built in", .file = policy->file };

	return load_append(policy, list, &by, pattern);
}

static int append_all(struct policy *policy, struct patterns *list, const char *const *patterns)
{
	int r = 0;

	for (; !r && patterns && *patterns; patterns++)
		r = append(policy, list, *patterns);
	return r;
}

/* What nothing may do, whatever the file says. */
static int add_never(struct policy *policy, const struct policy_load_options *options)
{
	struct patterns *never = policy->never.op;
	int r;

	if ((r = append_all(policy, &never[MODEL_INDEX(EC_OP_CONNECT)], options->closed)) ||
	    (r = append_all(policy, &never[MODEL_INDEX(EC_OP_READ)], options->unseen)) ||
	    (r = append_all(policy, &never[MODEL_INDEX(EC_OP_WRITE)], options->unseen)))
		return r;
	return append_all(policy, &never[MODEL_INDEX(EC_OP_WRITE)], options->unchanged);
}

/* What the one who loads the policy adds to it. */
static int add_options(struct loader *l)
{
	const struct policy_load_options *options = l->options;
	struct policy *policy = l->policy;
	const char *work = options ? options->work : NULL;
	int r = options ? add_never(policy, options) : 0;

	for (size_t i = 0; !r && work && i < policy->tools_len; i++) {
		struct tool *tool = &policy->tools[i];

		r = append(policy, &tool->grants.op[MODEL_INDEX(EC_OP_WRITE)], work);
		if (!r && tool->has_within)
			r = append(policy, &tool->within, work);
	}
	return r || !work ? r : model_number(policy);
}

int load_policy(struct loader *l, const struct tree *top)
{
	const struct tree *kernel = tree_get(top, "kernel");
	int r;

	if ((r = read_name(l, top)) < 0 || (r = read_version(l, top)) < 0 ||
	    (r = read_violation(l, top)) < 0 || (r = read_lists(l, tree_get(top, "rules"))) < 0 ||
	    (r = load_redaction(l, tree_get(top, "rules"))) < 0)
		return r;
	if ((r = load_declare(l, tree_get(top, "rules"),
			      kernel && !tree_is_null(kernel) ? kernel : NULL)) < 0 ||
	    (kernel && (r = load_kernel(l, kernel)) < 0) || (r = load_guards_never(l)) < 0 ||
	    (r = add_options(l)) < 0)
		return r;
	return add_own_rule(l->policy);
}
