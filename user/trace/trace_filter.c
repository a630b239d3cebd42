// SPDX-License-Identifier: Apache-2.0
#include "trace_filter.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "bpf/verdict.h"
#include "policy/automaton/pattern.h"
#include "user/sensor/decode.h"

uint8_t trace_op(const char *name)
{
	for (uint8_t op = EC_OP_READ; op <= EC_OP_PRIV; op++)
		if (!strcmp(name, decode_op(op)))
			return op;
	return 0;
}

uint8_t trace_verdict(const char *name)
{
	for (uint8_t verdict = EC_VERDICT_ALLOW; verdict <= EC_VERDICT_WOULD_DENY; verdict++)
		if (!strcmp(name, decode_verdict(verdict)))
			return verdict;
	return 0;
}

/* One bit for each name. */
static int add_names(const char *names, uint8_t (*number)(const char *name), unsigned int first,
		     uint32_t *bits)
{
	char *copy = strdup(names), *save = NULL;
	int r = copy ? *names ? 0 : -EINVAL : -ENOMEM;

	for (char *name = copy ? strtok_r(copy, ",", &save) : NULL; r == 0 && name;
	     name = strtok_r(NULL, ",", &save)) {
		uint8_t n = number(name);

		if (n)
			*bits |= 1u << (n - first);
		else
			r = -EINVAL;
	}
	free(copy);
	return r;
}

int trace_filter_add_ops(struct trace_filter *filter, const char *names)
{
	return add_names(names, trace_op, 1, &filter->ops);
}

int trace_filter_add_verdicts(struct trace_filter *filter, const char *names)
{
	return add_names(names, trace_verdict, 0, &filter->verdicts);
}

static int add(const char **list, size_t *len, const char *text)
{
	if (*len == TRACE_FILTER_MAX)
		return -E2BIG;
	list[(*len)++] = text;
	return 0;
}

int trace_filter_add_tool(struct trace_filter *filter, const char *name)
{
	return add(filter->tools, &filter->tools_len, name);
}

int trace_filter_add_path(struct trace_filter *filter, const char *pattern)
{
	return add(filter->patterns, &filter->patterns_len, pattern);
}

int trace_filter_compile(struct trace_filter *filter, const char **ret_problem)
{
	char cwd[PATH_MAX];
	const char *home = getenv("HOME");
	const struct glob_places places = { .home = home && *home == '/' ? home : NULL,
					    .cwd = getcwd(cwd, sizeof(cwd)) };

	if (!filter->patterns_len)
		return 0;
	return pattern_compile(filter->patterns, filter->patterns_len, &places, &filter->paths,
			       ret_problem);
}

void trace_filter_done(struct trace_filter *filter)
{
	automaton_done(&filter->paths);
}

static bool is_tool(const struct trace_filter *filter, const struct trace_text *tool)
{
	for (size_t i = 0; i < filter->tools_len; i++)
		if (tool->at && strlen(filter->tools[i]) == tool->len &&
		    !strncasecmp(filter->tools[i], tool->at, tool->len))
			return true;
	return !filter->tools_len;
}

static bool is_path(const struct trace_filter *filter, const struct trace_text *target)
{
	if (!filter->patterns_len)
		return true;
	return target->at && target->len && target->at[0] == '/' &&
	       pattern_matches(&filter->paths, target->at, target->len);
}

bool trace_filter_passes(const struct trace_filter *filter, const struct trace_event *event)
{
	if (event->kind == TRACE_LOST)
		return true;
	if (filter->agent && filter->agent != event->agent)
		return false;
	if (event->kind == TRACE_UNSEEN)
		return true;
	if (filter->call && filter->call != event->call)
		return false;
	if (filter->verdicts && !(filter->verdicts >> (event->verdict & 31) & 1))
		return false;
	if (filter->ops && (!event->op || !(filter->ops & EC_OP_BIT(event->op & 7))))
		return false;
	return is_tool(filter, &event->tool) && is_path(filter, &event->target);
}
