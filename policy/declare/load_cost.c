// SPDX-License-Identifier: Apache-2.0
/* load_cost.c - resource_limits.max_cost_usd, kernel.costs, kernel.prices. */
#include <errno.h>
#include <string.h>

#include "load_declare.h"

#define PRICE_MAX 1e6 /* of a million tokens, in USD */

static int load_max(struct loader *l, const struct tree *at, struct declare_cost *to)
{
	int r = load_amount(l, at, "max_cost_usd", true, DECLARE_USD_MAX, &to->max_usd);

	if (r < 0 || !at)
		return r;
	to->has_max = true;
	return load_rule(l, at, "rules.resource_limits.max_cost_usd", at->text, &to->max_rule);
}

static int load_price(struct loader *l, const struct tree *prices, const char *key, double *ret_usd)
{
	double usd = 0;
	int r = load_amount(l, load_given(prices, key), key, true, PRICE_MAX, &usd);

	*ret_usd = usd / 1e6;
	return r;
}

static int load_table(struct loader *l, const struct tree *costs, struct declare_cost *to)
{
	struct pool *pool = &l->policy->pool;
	int r;

	if (costs->len > MODEL_TOOLS_MAX)
		return load_error(l, costs, "costs has more than %u entries", MODEL_TOOLS_MAX);
	to->usd = pool_alloc(pool, costs->len * sizeof(*to->usd));
	to->tools.at = pool_alloc(pool, costs->len * sizeof(*to->tools.at));
	if (costs->len && (!to->usd || !to->tools.at))
		return -ENOMEM;
	for (uint32_t i = 0; i < costs->len; i++) {
		const struct tree *key = costs->at[2 * i], *value = costs->at[2 * i + 1];

		if ((r = fold_set_add(&to->tools, pool, key->text, i)) == 0)
			r = load_amount(l, tree_is_null(value) ? NULL : value, "the cost of a tool",
					true, DECLARE_USD_MAX, &to->usd[i]);
		if (r < 0)
			return r;
	}
	fold_set_sort(&to->tools);
	return 0;
}

int load_cost(struct loader *l, const struct tree *limits, const struct tree *kernel,
	      struct declare_cost *to)
{
	const struct tree *prices = load_given(kernel, "prices");
	const struct tree *costs = load_given(kernel, "costs");
	int r;

	if ((r = load_max(l, load_given(limits, "max_cost_usd"), to)) < 0 ||
	    (r = load_price(l, prices, "input_per_million", &to->input_usd)) < 0 ||
	    (r = load_price(l, prices, "output_per_million", &to->output_usd)) < 0)
		return r;
	return costs ? load_table(l, costs, to) : 0;
}
