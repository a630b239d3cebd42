/* SPDX-License-Identifier: Apache-2.0 */
/* trace_told.h - events for tests, and what is printed of them. */
#ifndef EC_TRACE_TOLD_H
#define EC_TRACE_TOLD_H

#include <stdio.h>
#include <string.h>

#include "bpf/verdict.h"
#include "user/trace/trace_event.h"
#include "user/trace/trace_print.h"

static inline struct trace_text told_text(const char *text)
{
	return (struct trace_text) { text, text ? strlen(text) : 0 };
}

static inline struct trace_event told_denial(const char *target)
{
	return (struct trace_event) { .kind = TRACE_DENIAL,
				      .time = "2026-01-31T12:00:00.123456Z",
				      .agent = 3,
				      .call = 11,
				      .tool = told_text("act"),
				      .op = EC_OP_READ,
				      .verdict = EC_VERDICT_DENY,
				      .reason = "undeclared",
				      .pid = 7,
				      .tid = 8,
				      .target = told_text(target),
				      .exe = told_text("/usr/bin/cat") };
}

static inline const char *told_print(const struct trace_event *event, bool json, bool colours)
{
	static char text[65536];
	FILE *to = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	if (json)
		trace_print_json(event, to);
	else
		trace_print_text(event, colours, to);
	fclose(to);
	return text;
}

#endif
