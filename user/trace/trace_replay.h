/* SPDX-License-Identifier: Apache-2.0 */
/* trace_replay.h - what happened, as a trail has it. Nothing is verified. */
#ifndef EC_TRACE_REPLAY_H
#define EC_TRACE_REPLAY_H

#include <stddef.h>

#include "trace_live.h"

struct trace_replay {
	trace_each *each;
	void *ctx;
	char *line; /* what of the last one is there already */
	size_t len, room;
	size_t skip; /* a line is longer than any can be: what is left of it does not count */
	unsigned long long bad_lines;
	char *hex; /* work area */
	size_t hex_room;
};

/* The next bytes of it, any number. -ENOMEM */
int trace_replay_feed(struct trace_replay *replay, const char *bytes, size_t len);
void trace_replay_done(struct trace_replay *replay);

#endif
