/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * moved.h - how many bytes an agent's tasks move, on the kernel -> user wire. The kernel
 * counts them for each task anyhow (struct task_io_accounting, proc_pid_io(5)); an entry
 * says what its numbers were when it first moved some in this epoch, and when a task ends the
 * difference goes into a sum. The controller begins another epoch (ec_agent.moved_epoch)
 * whenever a call begins or ends, and asks /proc about those that live.
 */
#ifndef EC_MOVED_H
#define EC_MOVED_H

#include "rule.h"

/* Tasks that live side by side and move bytes in one epoch, and exact calls whose tasks
 * ended in it; of more nothing is known. */
#define EC_MOVED_MAX 56u
#define EC_MOVED_SUMS 15u
struct ec_moved {
	__u64 call;	     /* id of the exact call that the task is of, 0 = none */
	__u64 read, written; /* rchar, wchar before the first of the epoch */
	__u64 sent;	     /* by sockets in this epoch, as it was asked for */
	__u32 tgid, pid;
	__u32 epoch; /* written last: then the entry is whole */
	__u32 pad;
	__u64 pad2[2];
};
struct ec_moved_sum {
	__u64 call;
	__u64 read, written, sent;
};
struct ec_moved_half {
	__u64 busy; /* bit i: at[i] is a task's. Who clears it answers for what that moved. */
	__u64 lost; /* tasks for which there was no place */
	struct ec_moved_sum sum[EC_MOVED_SUMS]; /* of those that ended; [0]: of no exact call */
	struct ec_moved at[EC_MOVED_MAX];
	__u64 pad[2];
};
/* Of even epochs and of odd ones: one is read while the other is written. */
struct ec_moved_list {
	struct ec_moved_half half[2];
};

EC_ASSERT_SIZE(struct ec_moved, 64);
EC_ASSERT_SIZE(struct ec_moved_half, 4096); /* a page: see window.h */

#endif
