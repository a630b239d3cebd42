// SPDX-License-Identifier: Apache-2.0
#include "trace_log.h"

#include <errno.h>

#include "trace_time.h"

/* Who was killed while it wrote a line never ends it. */
#define PATIENCE_NS 200000000ull

static uint64_t lines(const struct trace_log *log)
{
	return log->meters ? __atomic_load_n(&log->meters->lines, __ATOMIC_ACQUIRE) : 0;
}

void trace_log_open(struct trace_log *log, const struct meters *meters,
		    void (*each)(void *ctx, const struct meters_line *line), void *ctx)
{
	*log = (struct trace_log) { .meters = meters, .each = each, .ctx = ctx };
	log->next = lines(log);
}

static void skip(struct trace_log *log, uint64_t count)
{
	log->lost += count;
	log->next += count;
	log->stuck_ns = 0;
}

/* False: not yet. */
static bool is_hopeless(struct trace_log *log)
{
	uint64_t now = trace_clock_now();

	if (!log->stuck_ns)
		log->stuck_ns = now;
	return now - log->stuck_ns > PATIENCE_NS;
}

void trace_log_tell(struct trace_log *log, uint64_t until_ns)
{
	struct meters_line line;
	uint64_t end;
	int r;

	while (log->next != (end = lines(log))) {
		if (end - log->next > METERS_LOG)
			skip(log, end - log->next - METERS_LOG);
		r = meters_read_line(log->meters, log->next, &line);
		if (r == -ESTALE || (r == -EAGAIN && is_hopeless(log))) {
			skip(log, 1);
			continue;
		}
		if (r < 0 || line.time_ns > until_ns)
			return;
		log->next++;
		log->stuck_ns = 0;
		log->each(log->ctx, &line);
	}
}

uint64_t trace_log_take_lost(struct trace_log *log)
{
	uint64_t lost = log->lost;

	log->lost = 0;
	return lost;
}
