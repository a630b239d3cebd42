/* SPDX-License-Identifier: Apache-2.0 */
/* trace_time.h - moments of the kernel (CLOCK_BOOTTIME) as a trail writes them. */
#ifndef EC_TRACE_TIME_H
#define EC_TRACE_TIME_H

#include <stdint.h>
#include <time.h>

struct trace_clock {
	int64_t offset_ns; /* from the boot to the epoch */
	time_t second;	   /* that text is about */
	char text[24];	   /* "2026-01-31T12:00:00" */
};

uint64_t trace_clock_now(void);
/* Now and then: somebody may set the time. */
void trace_clock_set(struct trace_clock *clock);
void trace_clock_text(struct trace_clock *clock, uint64_t boot_ns, char text[32]);

#endif
