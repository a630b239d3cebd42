/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* moved.bpf.h - how many bytes a task moves; refuses nothing (moved.h). */
#ifndef EC_MOVED_BPF_H
#define EC_MOVED_BPF_H

#include "identity.bpf.h"

int ec_note_moved(__u32 who, __u32 sent);
/* What the current task has moved in this epoch is of the exact call that it becomes. */
int ec_moved_becomes(__u64 call);

/* Before the current task moves some; sent: by a socket. */
static __always_inline void ec_moves(const struct ec_self *self, __u32 sent)
{
	struct ec_agent *agent = ec_agent_at(self->who);
	__u32 epoch = agent ? *(volatile __u32 *)&agent->moved_epoch : 0;

	if (epoch && (sent || self->moved_epoch != epoch))
		ec_note_moved(self->who, sent);
}

#endif
