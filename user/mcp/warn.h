/* SPDX-License-Identifier: Apache-2.0 */
/* warn.h - messages on standard error that can neither flood it nor block us. */
#ifndef EC_WARN_H
#define EC_WARN_H

#include <stdbool.h>
#include <stdint.h>

struct warn_limit {
	uint64_t next_ns; /* CLOCK_MONOTONIC */
	unsigned int burst;
	uint64_t unsaid;
};

/* May one more be said now? Ten at once, then one every five seconds.
 * *ret_unsaid: how many were not, since the last one that was. */
bool warn_allowed(struct warn_limit *limit, uint64_t *ret_unsaid);
/* One line, "enforcecore: " before it, cut at a few hundred bytes; dropped if
 * nobody reads our standard error. Bytes that are not printable become '?'. */
void warn_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
