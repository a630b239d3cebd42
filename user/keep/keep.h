/* SPDX-License-Identifier: Apache-2.0 */
/* keep.h - one loop for agents that were adopted: their records, their control
 * sockets, their end. */
#ifndef EC_KEEP_H
#define EC_KEEP_H

#include <stddef.h>

struct session;

/* Until each is over, or SIGTERM or SIGINT says to let go of those that are not:
 * they stay confined. The sessions are closed, or left, whatever happens. */
int keep_agents(struct session **sessions, size_t len);

#endif
