// SPDX-License-Identifier: Apache-2.0
#include "metrics_tools.h"

#include <stdlib.h>
#include <string.h>

#include "user/learn/quote.h"

/* A name that was cut, or is hostile, may end within a character. */
static void take_name(const char *from, char to[METERS_NAME])
{
	uint32_t code;
	size_t len;

	memcpy(to, from, METERS_NAME);
	to[METERS_NAME - 1] = '\0';
	for (char *at = to; *at; at += len) {
		len = quote_decode(at, &code);
		if (len)
			continue;
		*at = '?';
		len = 1;
	}
}

static void add_times(struct meters_histogram *to, const struct meters_histogram *from)
{
	for (unsigned int i = 0; i <= METERS_BUCKETS; i++)
		to->count[i] += from->count[i];
	to->sum_ns += from->sum_ns;
}

static void add(struct metrics_tools *tools, const struct meters_tool *tool)
{
	struct meters_tool *to = tools->at;

	while (to < tools->at + tools->len &&
	       (strcmp(to->policy, tool->policy) || strcmp(to->tool, tool->tool)))
		to++;
	if (to == tools->at + tools->len) {
		*to = *tool;
		tools->len++;
		return;
	}
	to->allowed += tool->allowed;
	to->blocked += tool->blocked;
	add_times(&to->overhead, &tool->overhead);
	add_times(&to->latency, &tool->latency);
}

struct metrics_tools *metrics_tools_new(const struct meters *meters)
{
	static const char others[METERS_NAME] = "other";
	struct metrics_tools *tools = calloc(1, sizeof(*tools));

	for (unsigned int i = 0; tools && meters && i <= METERS_OTHER; i++) {
		struct meters_tool tool = meters->tools[i];

		if (i != METERS_OTHER && tool.state != METERS_USED)
			continue;
		if (i == METERS_OTHER && !(tool.allowed + tool.blocked))
			continue;
		take_name(i == METERS_OTHER ? others : meters->tools[i].policy, tool.policy);
		take_name(i == METERS_OTHER ? others : meters->tools[i].tool, tool.tool);
		add(tools, &tool);
	}
	return tools;
}
