/* SPDX-License-Identifier: Apache-2.0 */
/* exposition.h - the text that Prometheus reads: format 0.0.4, or OpenMetrics 1.0. */
#ifndef EC_EXPOSITION_H
#define EC_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum exposition_type {
	EXPOSITION_COUNTER = 1, /* its name ends with _total */
	EXPOSITION_GAUGE = 2,
	EXPOSITION_HISTOGRAM = 3,
};

struct exposition {
	FILE *to;
	bool open_metrics;
};

/* Values may be any bytes; what is not UTF-8 becomes U+FFFD. Ended by a NULL name. */
struct exposition_label {
	const char *name, *value;
};

/* The samples of a family follow it, before the next one. */
void exposition_family(const struct exposition *e, const char *name, enum exposition_type type,
		       const char *help);
void exposition_count(const struct exposition *e, const char *name,
		      const struct exposition_label *labels, uint64_t value);
/* counts: each by itself, one more than bounds. */
void exposition_histogram(const struct exposition *e, const char *name,
			  const struct exposition_label *labels, const uint64_t *bounds_ns,
			  const uint64_t *counts, size_t bounds_len, uint64_t sum_ns);
void exposition_end(const struct exposition *e);

#endif
