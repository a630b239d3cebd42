/* SPDX-License-Identifier: Apache-2.0 */
/* trace_run.h - from where it is known to standard output, until somebody has seen enough. */
#ifndef EC_TRACE_RUN_H
#define EC_TRACE_RUN_H

#include <stdbool.h>

#include "trace_filter.h"
#include "trace_live.h"

enum trace_colours {
	TRACE_COLOURS_AUTO = 0,
	TRACE_COLOURS_ALWAYS,
	TRACE_COLOURS_NEVER
};

struct trace_options {
	struct trace_filter filter;
	const char *trail; /* NULL: live */
	bool follow;
	bool json;
	enum trace_colours colours;
	unsigned long count; /* 0: without end */
	size_t ring_len;
};

/* What failed went to stderr. */
int trace_run(const struct trace_options *options);

#endif
