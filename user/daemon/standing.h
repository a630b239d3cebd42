/* SPDX-License-Identifier: Apache-2.0 */
/* standing.h - where a node agent has to stand when it is itself in a container, and
 * beside which others. */
#ifndef EC_DAEMON_STANDING_H
#define EC_DAEMON_STANDING_H

#include <stdbool.h>

/* Into the cgroup namespace of the host's PID 1: from another one the host's cgroups
 * cannot be named. -EPERM: we are not in the host's PID namespace. Errors went to stderr. */
int standing_join_host(void);
/* Does a node agent turn on this host? */
bool standing_alive(void);
/* Until none does any more, or none lives. */
void standing_await(void);

#endif
