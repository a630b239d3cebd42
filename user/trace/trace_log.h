/* SPDX-License-Identifier: Apache-2.0 */
/* trace_log.h - the log of calls (user/meter), read on. */
#ifndef EC_TRACE_LOG_H
#define EC_TRACE_LOG_H

#include "user/meter/meters.h"

struct trace_log {
	const struct meters *meters; /* NULL: there is none */
	uint64_t next;
	uint64_t lost;
	uint64_t stuck_ns; /* since when the next line is half written, 0 = it is not */
	void (*each)(void *ctx, const struct meters_line *line);
	void *ctx;
};

/* From the next line on. */
void trace_log_open(struct trace_log *log, const struct meters *meters,
		    void (*each)(void *ctx, const struct meters_line *line), void *ctx);
/* Tells the lines that are there of this time or earlier (CLOCK_BOOTTIME). */
void trace_log_tell(struct trace_log *log, uint64_t until_ns);
/* How many were overwritten before they were read, since the last time. */
uint64_t trace_log_take_lost(struct trace_log *log);

#endif
