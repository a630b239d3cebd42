/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * pick.bpf.h - whose is a task that has no tag? What the node agent has put into
 * ec_picks says it: by cgroup, program or user.
 */
#ifndef EC_PICK_BPF_H
#define EC_PICK_BPF_H

#include "maps.bpf.h"

/* All that a bystander's exec pays while no node agent runs. */
static __always_inline bool ec_picks_any(void)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	return control && control->flags & EC_CONTROL_PICKS;
}

/* The current task is about to run the program of this inode. 1: it is tagged now;
 * 0: nobody's, or held later; -EAGAIN: an agent's, and it cannot be tagged. */
int ec_pick_exec(__u64 inode);
/* It runs it now. If the node agent has to say whose it is, it stops before its
 * first instruction, and until then nothing is permitted to it. */
int ec_pick_hold(__u64 inode);

#endif
