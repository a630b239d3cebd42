// SPDX-License-Identifier: Apache-2.0
/* load_redaction.c - rules.pii_redaction and rules.redact_output: what is
 * replaced in arguments and results before the other side sees it. */
#include <errno.h>
#include <string.h>

#include "load.h"
#include "policy/pii/pii.h"

/* All of PII_SECRETS in one word, for policies that would list them. */
#define SECRETS "secrets"

/* The words were checked with the keys; one that means nothing has been warned of. */
static uint32_t read_categories(const struct tree *list)
{
	uint32_t categories = 0;

	if (!list || tree_is_null(list))
		return PII_PERSONAL;
	for (size_t i = 0; i < list->len; i++) {
		enum pii_category category = pii_category_find(list->at[i]->text);

		if (!strcmp(list->at[i]->text, SECRETS))
			categories |= PII_SECRETS;
		else if (category)
			categories |= PII_BIT(category);
	}
	return categories;
}

static int warn_of_names(struct loader *l, const struct tree *list)
{
	for (size_t i = 0; list && list->kind == TREE_LIST && i < list->len; i++)
		if (!strcmp(list->at[i]->text, "person_name"))
			return load_lacks(l, list->at[i],
					  "person_name needs a language model, which EnforceCore "
					  "does not have: names of persons are not redacted");
	return 0;
}

static bool read_bool(const struct tree *at, bool unset)
{
	bool value = unset;

	if (at && !tree_is_null(at))
		tree_bool(at, &value);
	return value;
}

static enum pii_strategy read_strategy(const struct tree *at)
{
	return at && !tree_is_null(at) ? pii_strategy_find(at->text) : PII_PLACEHOLDER;
}

int load_redaction(struct loader *l, const struct tree *rules)
{
	const struct tree *map = tree_get(rules, "pii_redaction"), *list = NULL;
	bool enabled = l->policy->on_violation == MODEL_REDACT;
	struct pii_options options = { .categories = PII_PERSONAL, .strategy = PII_PLACEHOLDER };
	int r;

	if (map && !tree_is_null(map)) {
		list = tree_get(map, "categories");
		enabled = read_bool(tree_get(map, "enabled"), enabled);
		options.categories = read_categories(list);
		options.strategy = read_strategy(tree_get(map, "strategy"));
	}
	l->policy->redacts_output = read_bool(tree_get(rules, "redact_output"), true);
	if (!enabled || l->is_part)
		return 0;
	if ((r = warn_of_names(l, list)) < 0)
		return r;
	if (!options.categories)
		return load_warn(l, list,
				 "pii_redaction is enabled and has no category that is "
				 "looked for: nothing is redacted");
	return pii_new(&options, &l->policy->pii);
}
