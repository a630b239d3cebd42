/* SPDX-License-Identifier: Apache-2.0 */
/* tagged.h - the processes that carry an agent's tag, found by asking the kernel
 * of every process that there is. */
#ifndef EC_TAGGED_H
#define EC_TAGGED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sensor.h"

/* The tag of a process. -ENOENT: it has none; -ESRCH: it is gone; -EBUSY: the
 * kernel would not say. */
int tagged_tag(const struct sensor *sensor, int pidfd, struct ec_tag *ret_tag);

/* Tags a task that is still ours to tag, and counts it. */
int tagged_put(struct sensor *sensor, uint32_t slot, uint64_t uid, pid_t pid);

/* Those of the agent uid (0: of all) that live, each (may be NULL) is told. Returns how many they are,
 * and with them those of which the kernel would not say whose they are. */
unsigned int tagged_each(const struct sensor *sensor, uint64_t uid,
			 void (*each)(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag),
			 void *ctx);
/* SIGKILL to each of them. */
void tagged_kill(const struct sensor *sensor, uint64_t uid);

/* None was found: is there really none? Nothing is born while we look again. The
 * caller holds sensor_lock(), and nobody keeps the agent. */
bool tagged_is_over(const struct sensor *sensor, struct ec_agent *shared);

#endif
