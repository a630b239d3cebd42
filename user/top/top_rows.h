/* SPDX-License-Identifier: Apache-2.0 */
/* top_rows.h - what `status` says twice, as figures by second. */
#ifndef EC_TOP_ROWS_H
#define EC_TOP_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/agent.h"

struct cJSON;

struct top_row {
	const struct cJSON *agent; /* of the later status */
	uint64_t uid;
	double effects_s, denials_s;	/* since the earlier one; 0 where it was not there */
	uint64_t effects, denied, lost; /* so far */
	unsigned int calls, tasks;
};

struct top_rows {
	struct top_row at[EC_MAX_AGENTS];
	size_t len;
	struct top_row total;
};

/* earlier: NULL the first time. Those that do most come first. */
void top_rows_fill(struct top_rows *rows, const struct cJSON *earlier, const struct cJSON *later,
		   double seconds);

#endif
