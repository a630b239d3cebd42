/* SPDX-License-Identifier: Apache-2.0 */
/* metrics_tools.h - the figures of policies and tools, each pair of names once. */
#ifndef EC_METRICS_TOOLS_H
#define EC_METRICS_TOOLS_H

#include "user/meter/meters.h"

struct metrics_tools {
	size_t len;
	struct meters_tool at[METERS_TOOLS + 1];
};

/* free() it. Names that look the same when they are printed, bytes that are not UTF-8
 * among them, are one: a series must not come twice. NULL meters: there is none; NULL:
 * no memory. */
struct metrics_tools *metrics_tools_new(const struct meters *meters);

#endif
