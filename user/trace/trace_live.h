/* SPDX-License-Identifier: Apache-2.0 */
/* trace_live.h - what happens now, to all agents of this host, whoever controls them. */
#ifndef EC_TRACE_LIVE_H
#define EC_TRACE_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "trace_event.h"

struct trace_filter;
struct trace_live;

typedef void trace_each(void *ctx, const struct trace_event *event);

#define TRACE_RING_LEN ((size_t)8 << 20) /* half a second of 100,000 events */

/* filter: what the kernel can leave out, it does; what is left is told to each as it
 * comes, to be filtered again. */
int trace_live_new(const struct trace_filter *filter, size_t ring_len, trace_each *each, void *ctx,
		   struct trace_live **ret_live);
/* Gives the ring back. NULL is fine. */
void trace_live_free(struct trace_live *live);
/* Tells what has happened since. How many records; 0: nothing, wait a little. Waits
 * for a sensor where none is loaded, and goes on with the next one. -EPROTO: another
 * version is; -EMFILE: as many watch already as can; -EPERM. */
int trace_live_run(struct trace_live *live);
bool trace_live_waits(const struct trace_live *live); /* no sensor is loaded */

#endif
