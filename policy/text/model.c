// SPDX-License-Identifier: Apache-2.0
/* model.c - the ids by which the kernel knows a tool and its ceiling. */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/grow.h"
#include "policy/call/template.h"

static bool has_static_grants(const struct policy *policy, const struct tool *tool)
{
	for (size_t i = 0; i < MODEL_OPS; i++) {
		const struct patterns *p = &tool->grants.op[i];

		for (uint32_t rule = p->first; rule < p->first + p->len; rule++)
			if (!template_is_one(policy->rules[rule].pattern))
				return true;
	}
	return false;
}

bool model_is_path(const char *pattern)
{
	pattern += strspn(pattern, "{");
	return *pattern == '/' || *pattern == '~' || !strncmp(pattern, "./", 2) ||
	       !strcmp(pattern, ".") || !strncmp(pattern, "**", 2);
}

/* A ceiling as a sorted set of texts. */
struct ceiling {
	const char **texts;
	size_t len;
	uint16_t id;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_ceiling(struct policy *policy, const struct tool *tool, struct ceiling *c)
{
	size_t kept = 0;

	c->len = tool->within.len;
	c->texts = pool_alloc(&policy->pool, (c->len + 1) * sizeof(*c->texts));
	if (!c->texts)
		return -ENOMEM;
	for (size_t i = 0; i < c->len; i++)
		c->texts[i] = policy->rules[tool->within.first + i].pattern;
	qsort(c->texts, c->len, sizeof(*c->texts), by_text);
	for (size_t i = 0; i < c->len; i++)
		if (!kept || strcmp(c->texts[kept - 1], c->texts[i]))
			c->texts[kept++] = c->texts[i];
	c->len = kept;
	return 0;
}

static bool equal(const struct ceiling *a, const struct ceiling *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (strcmp(a->texts[i], b->texts[i]))
			return false;
	return true;
}

int model_number(struct policy *policy)
{
	_cleanup_memory_ struct ceiling *seen = calloc(policy->tools_len + 1, sizeof(*seen));
	uint16_t tools = 0, withins = 0;
	int r;

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < policy->tools_len; i++) {
		struct tool *tool = &policy->tools[i];
		size_t at = 0;

		if (has_static_grants(policy, tool))
			tool->id = ++tools;
		if (!tool->has_within)
			continue;
		if ((r = read_ceiling(policy, tool, &seen[withins])) < 0)
			return r;
		while (at < withins && !equal(&seen[at], &seen[withins]))
			at++;
		if (at == withins)
			withins++;
		tool->within_id = (uint16_t)(at + 1);
	}
	return 0;
}
