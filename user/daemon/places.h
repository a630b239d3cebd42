/* SPDX-License-Identifier: Apache-2.0 */
/* places.h - the cgroups of the host, version 2, wherever they are mounted. */
#ifndef EC_PLACES_H
#define EC_PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/sensor/cgroup_top.h"

/* What is looked at: deeper cgroups belong to those above, and of more a part is
 * not seen. */
#define PLACES_DEPTH_MAX 32u
#define PLACES_MAX 65536u

/* path: "/" at the top. -ENOENT: it is not there. */
int places_id(const struct cgroup_top *top, const char *path, uint64_t *ret_id);
/* Each, parents first. What each returns below 0 ends it. */
int places_walk(const struct cgroup_top *top, int (*each)(void *ctx, const char *path, uint64_t id),
		void *ctx);
/* Some process in it or below, 0 = none. */
pid_t places_process(const struct cgroup_top *top, const char *path);

#endif
