/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_inside.h - the container that we are in ourselves. A cgroup namespace of
 * its own hides its name; what the runtime has mounted into it does not.
 */
#ifndef EC_CONTAINER_INSIDE_H
#define EC_CONTAINER_INSIDE_H

#include "container_info.h"

/* The text of our /proc/self/mountinfo (proc(5)). -ENOENT: nothing in it is of a
 * container. In a pod the id is not known, "": what is mounted is of its sandbox. */
int container_of_mounts(const char *text, size_t len, struct container_ref *ret_ref,
			struct container_info *info);
/* Of us, and of what we run; container_info_done() it. In a container of which nobody
 * outside can be asked, ENFORCECORE_POD, ENFORCECORE_NAMESPACE and ENFORCECORE_NODE say
 * more (Kubernetes' downward API). -ENOENT: in none. */
int container_inside(struct container_ref *ret_ref, struct container_info *ret_info);

#endif
