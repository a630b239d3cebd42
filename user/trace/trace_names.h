/* SPDX-License-Identifier: Apache-2.0 */
/* trace_names.h - what numbers in a record stand for: which tool a call is of, which
 * program an image. Of each the last few thousand are remembered. */
#ifndef EC_TRACE_NAMES_H
#define EC_TRACE_NAMES_H

#include "user/sensor/images.h"
#include "trace_event.h"

struct sensor;

#define TRACE_NAMES_CALLS 4096u
#define TRACE_NAMES_TOOL 64u
struct trace_names {
	struct {
		uint64_t id;
		char tool[TRACE_NAMES_TOOL]; /* "" = it could not be told */
	} calls[TRACE_NAMES_CALLS];
	struct images images;
};

void trace_names_add_call(struct trace_names *names, uint64_t id, const char *tool);
/* Looks into the kernel's open calls for one that is not known. */
struct trace_text trace_names_tool(struct trace_names *names, const struct sensor *sensor,
				   uint64_t agent, uint64_t id);
struct trace_text trace_names_exe(const struct trace_names *names, uint32_t image);
/* The programs that run already. */
void trace_names_learn(struct trace_names *names, const struct sensor *sensor);
void trace_names_done(struct trace_names *names);

#endif
