// SPDX-License-Identifier: Apache-2.0
/* load_declare.c - limits of a call and of a session, and what the other
 * readers of this room share. */
#include "load_declare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MEGABYTE (1024.0 * 1024.0)
#define MEMORY_MAX_MB (1024.0 * 1024.0 * 1024.0) /* a PiB */
#define CALL_MAX_SECONDS 1000000.0		 /* as `timeout` */
#define ASK_MAX_SECONDS 86400.0
#define OUTPUT_MAX 9007199254740991.0

const char *const declare_level_names[] = { "public", "internal", "confidential", "restricted",
					    NULL };

const struct tree *load_given(const struct tree *map, const char *key)
{
	const struct tree *at = map && map->kind == TREE_MAP ? tree_get(map, key) : NULL;

	return at && !tree_is_null(at) ? at : NULL;
}

bool load_flag(const struct tree *map, const char *key, bool unset)
{
	const struct tree *at = load_given(map, key);
	bool value = unset;

	if (at)
		tree_bool(at, &value);
	return value;
}

int load_amount(struct loader *l, const struct tree *at, const char *what, bool zero, double most,
		double *ret_number)
{
	double number;

	if (!at)
		return 0;
	if (!tree_number(at, &number) || number < 0 || (!zero && !(number > 0)) || number > most)
		return load_error(l, at, "%s must be a number %s 0 and up to %.15g", what,
				  zero ? "from" : "above", most);
	*ret_number = number;
	return 0;
}

int load_level(struct loader *l, const struct tree *at, const char *what,
	       enum declare_level *ret_level)
{
	size_t index;
	int r;

	if (!at)
		return 0;
	if ((r = load_word(l, at, what, declare_level_names, &index)) < 0)
		return r;
	*ret_level = (enum declare_level)(DECLARE_PUBLIC + index);
	return 0;
}

/* What is refused because of a number names it as it is written. */
static int number_rule(struct loader *l, const struct tree *at, const char *section,
		       uint32_t *ret_rule)
{
	return at ? load_rule(l, at, section, at->text, ret_rule) : 0;
}

static uint32_t milliseconds(double seconds)
{
	return (uint32_t)ceil(seconds * 1000);
}

static int load_resources(struct loader *l, const struct tree *map, struct declare_rules *to)
{
	const struct tree *call = load_given(map, "max_call_duration_seconds");
	const struct tree *memory = load_given(map, "max_memory_mb");
	double seconds = 0, megabytes = 0;
	int r;

	if ((r = load_amount(l, call, "max_call_duration_seconds", false, CALL_MAX_SECONDS,
			     &seconds)) < 0 ||
	    (r = load_amount(l, memory, "max_memory_mb", false, MEMORY_MAX_MB, &megabytes)) < 0 ||
	    (r = number_rule(l, call, "rules.resource_limits.max_call_duration_seconds",
			     &to->call_rule)) < 0)
		return r;
	to->call_max_ms = milliseconds(seconds);
	to->memory_max = (uint64_t)ceil(megabytes * MEGABYTE);
	return number_rule(l, memory, "rules.resource_limits.max_memory_mb", &to->memory_rule);
}

/* Of two limits of memory the lower one holds. */
static int load_sandbox(struct loader *l, const struct tree *map, struct declare_rules *to)
{
	const struct tree *memory = load_given(map, "max_memory_mb");
	double megabytes = 0, seconds = 0;
	uint64_t bytes;
	int r;

	if ((r = load_amount(l, memory, "max_memory_mb", false, MEMORY_MAX_MB, &megabytes)) < 0 ||
	    (r = load_amount(l, load_given(map, "max_cpu_seconds"), "max_cpu_seconds", false,
			     CALL_MAX_SECONDS, &seconds)) < 0)
		return r;
	bytes = (uint64_t)ceil(megabytes * MEGABYTE);
	if (!bytes || !load_flag(map, "enabled", false) ||
	    (to->memory_max && to->memory_max <= bytes))
		return 0;
	to->memory_max = bytes;
	return number_rule(l, memory, "rules.sandbox.max_memory_mb", &to->memory_rule);
}

static int load_output(struct loader *l, const struct tree *at, struct declare_rules *to)
{
	double bytes = 0;
	int r = load_amount(l, at, "max_output_size_bytes", true, OUTPUT_MAX, &bytes);

	if (r < 0 || !at)
		return r;
	to->has_output_max = true;
	to->output_max = (uint64_t)bytes;
	return number_rule(l, at, "rules.max_output_size_bytes", &to->output_rule);
}

/* `redact` has nothing to put in an argument's place: like `block` it refuses. */
static int load_labels(struct loader *l, const struct tree *map, struct declare_labels *to)
{
	static const char *const ways[] = { "redact", "block", "log", NULL };
	const struct tree *way = load_given(map, "fallback");
	const struct tree *clearance = load_given(map, "default_clearance");
	size_t index = 0;
	int r;

	to->clearance = DECLARE_INTERNAL;
	if ((r = load_level(l, clearance, "default_clearance", &to->clearance)) < 0 ||
	    (way && (r = load_word(l, way, "fallback", ways, &index)) < 0))
		return r;
	to->enabled = load_flag(map, "enabled", false);
	to->enforces = load_flag(map, "enforce", true) && index != 2;
	return to->enabled ?
		       load_rule(l, map, "rules.sensitivity_labels",
				 declare_level_names[to->clearance - DECLARE_PUBLIC], &to->rule) :
		       0;
}

static int load_ask(struct loader *l, const struct tree *kernel, struct declare_rules *to)
{
	double seconds = DECLARE_ASK_MS / 1000.0;
	int r = load_amount(l, load_given(kernel, "ask_timeout"), "ask_timeout", false,
			    ASK_MAX_SECONDS, &seconds);

	to->ask_timeout_ms = milliseconds(seconds);
	return r;
}

int load_declare(struct loader *l, const struct tree *rules, const struct tree *kernel)
{
	const struct tree *limits = load_given(rules, "resource_limits");
	struct declare_rules *to = pool_alloc(&l->policy->pool, sizeof(*to));
	int r;

	if (!to)
		return -ENOMEM;
	l->policy->declaration = to;
	if ((r = load_content(l, load_given(rules, "content_rules"), to)) < 0 ||
	    (r = load_domains(l, load_given(rules, "network"), &to->domains)) < 0 ||
	    (r = load_rates(l, load_given(rules, "rate_limits"), to)) < 0 ||
	    (r = load_labels(l, load_given(rules, "sensitivity_labels"), &to->labels)) < 0 ||
	    (r = load_cost(l, limits, kernel, &to->cost)) < 0 ||
	    (r = load_resources(l, limits, to)) < 0)
		return r;
	if ((r = load_sandbox(l, load_given(rules, "sandbox"), to)) < 0 ||
	    (r = load_output(l, load_given(rules, "max_output_size_bytes"), to)) < 0)
		return r;
	return load_ask(l, kernel, to);
}
