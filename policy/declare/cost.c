// SPDX-License-Identifier: Apache-2.0
/* cost.c - what calls cost, and what a session may. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"
#include "policy/text/model.h"
#include "state.h"

double cost_of(const struct declare_rules *rules, const char *folded)
{
	const struct fold_entry *entry = fold_set_find(&rules->cost.tools, folded);

	return entry ? rules->cost.usd[entry->index] : 0;
}

/* Of amounts in binary, a hair too much is not too much. */
static bool exceeds(double usd, double max)
{
	return usd > max * (1 + 1e-12);
}

static bool is_spent(const struct declare_cost *rules, double usd)
{
	return rules->has_max && usd > 0 && !exceeds(rules->max_usd, usd);
}

int cost_check(struct judge *j)
{
	const struct declare_cost *rules = &j->rules->cost;
	double usd = j->state ? j->state->usd : 0;

	if (!rules->has_max)
		return 0;
	if (is_spent(rules, usd))
		return judge_refuse(j, "cost_limit", rules->max_rule,
				    "the session has spent its %.15g USD", rules->max_usd);
	if (exceeds(usd + cost_of(j->rules, j->folded), rules->max_usd))
		return judge_refuse(j, "cost_limit", rules->max_rule,
				    "this call would take the session over its %.15g USD",
				    rules->max_usd);
	return 0;
}

bool declare_spent(const struct policy *policy, const struct declare_state *state, char *note,
		   size_t note_len)
{
	const struct declare_cost *rules = &policy->declaration->cost;

	if (!is_spent(rules, state->usd))
		return false;
	snprintf(note, note_len, "max_cost_usd: %.6f of %.15g USD are spent", state->usd,
		 rules->max_usd);
	return true;
}

static double amount(const cJSON *map, const char *name)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(map, name);
	double value = cJSON_IsNumber(at) ? at->valuedouble : 0;

	return isfinite(value) && value > 0 && value <= DECLARE_USD_MAX * 1e6 ? value : 0;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* The same use is often told in two words, and again further in: the outermost
 * mapping that has any of them tells for all below it. */
static double usage_of(const struct declare_cost *rules, const cJSON *map)
{
	double usd = larger(amount(map, "total_cost_usd"), amount(map, "cost_usd"));
	double input = larger(amount(map, "input_tokens"), amount(map, "prompt_tokens"));
	double output = larger(amount(map, "output_tokens"), amount(map, "completion_tokens"));

	if (!(usd > 0))
		usd = input * rules->input_usd + output * rules->output_usd;
	return usd > DECLARE_USD_MAX ? DECLARE_USD_MAX : usd;
}

double cost_usage(const struct declare_cost *rules, const struct cJSON *result)
{
	double usd = cJSON_IsObject(result) ? usage_of(rules, result) : 0;

	if (usd > 0)
		return usd;
	for (const cJSON *child = result ? result->child : NULL; child; child = child->next)
		usd += cost_usage(rules, child);
	return usd > DECLARE_USD_MAX ? DECLARE_USD_MAX : usd;
}
