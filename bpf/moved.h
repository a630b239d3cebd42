/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * moved.h - how many bytes an agent's tasks move, on the kernel -> user wire. The kernel
 * counts them for each task anyhow (struct task_io_accounting, proc_pid_io(5)); an entry
 * says what its numbers were when it first moved some in this epoch. The controller begins another
 * epoch (ec_agent.moved_epoch) whenever a call begins or ends, and takes the difference.
 */
#ifndef EC_MOVED_H
#define EC_MOVED_H

#include "rule.h"

/* Tasks that move bytes in one epoch; of more nothing is known. */
#define EC_MOVED_MAX 64u
struct ec_moved {
	__u64 call;	     /* id of the exact call that the task is of, 0 = none */
	__u64 read, written; /* rchar, wchar before the first of the epoch */
	__u64 now_read;	     /* when it ended, if it has */
	__u64 now_written;   /* the same */
	__u64 sent;	     /* by sockets in this epoch, as it was asked for */
	__u32 tgid, pid;
	__u32 epoch; /* written last: then the entry is whole */
	__u32 ended;
};
/* Of even epochs and of odd ones: one is read while the other is written. */
struct ec_moved_list {
	__u32 len[2];
	struct ec_moved at[2][EC_MOVED_MAX];
};

EC_ASSERT_SIZE(struct ec_moved, 64);

#endif
