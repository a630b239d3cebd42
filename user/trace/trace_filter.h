/* SPDX-License-Identifier: Apache-2.0 */
/* trace_filter.h - what somebody wants to see. */
#ifndef EC_TRACE_FILTER_H
#define EC_TRACE_FILTER_H

#include <stdbool.h>

#include "policy/policy.h"
#include "trace_event.h"

#define TRACE_FILTER_MAX 64u /* tools, and patterns */

/* All zero: everything. What is given several times is any of them; what is of
 * different kinds all of them. Operations, verdicts and paths are of effects: with
 * any of them, only a refused declaration can come besides, by its verdict. */
struct trace_filter {
	uint64_t agent, call;
	uint32_t ops;	   /* EC_OP_BIT, 0 = all */
	uint32_t verdicts; /* bit v, 0 = all */
	const char *tools[TRACE_FILTER_MAX];
	size_t tools_len;
	const char *patterns[TRACE_FILTER_MAX];
	size_t patterns_len;
	struct automaton paths; /* of patterns, by trace_filter_compile */
};

/* Names, separated by commas. -EINVAL: one is none. */
int trace_filter_add_ops(struct trace_filter *filter, const char *names);
int trace_filter_add_verdicts(struct trace_filter *filter, const char *names);
/* -E2BIG */
int trace_filter_add_tool(struct trace_filter *filter, const char *name);
int trace_filter_add_path(struct trace_filter *filter, const char *pattern);
/* When all are added. < 0: *ret_problem says what is wrong with the patterns. */
int trace_filter_compile(struct trace_filter *filter, const char **ret_problem);
void trace_filter_done(struct trace_filter *filter);
bool trace_filter_passes(const struct trace_filter *filter, const struct trace_event *event);

/* "read", …; 0: it is none. */
uint8_t trace_op(const char *name);
uint8_t trace_verdict(const char *name);

#endif
