/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup_top.h - the top of the cgroup hierarchy (version 2), as far as this
 * process can see it: the host's, or its container's. It is there on hybrid
 * hosts, too, wherever it is mounted, or if it is not.
 */
#ifndef EC_CGROUP_TOP_H
#define EC_CGROUP_TOP_H

#include <stdint.h>

struct cgroup_top {
	int fd;
	uint64_t id; /* the kernel's cgroup id (kernfs) */
};

/* -ENOSYS: this kernel has no cgroups, or refuses them to us. */
int cgroup_top_open(struct cgroup_top *ret_top);
void cgroup_top_close(struct cgroup_top *top);
/* The id of an open directory of it. */
int cgroup_id(int fd, uint64_t *ret_id);

#endif
