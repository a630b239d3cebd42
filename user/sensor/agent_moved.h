/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_moved.h - how many bytes the tasks of an agent have moved since they were asked
 * about (bpf/moved.h).
 */
#ifndef EC_AGENT_MOVED_H
#define EC_AGENT_MOVED_H

#include <stdint.h>

struct agent;

struct agent_moved {
	uint64_t call; /* id of the exact call whose task it was, 0 = of none */
	/* By read and write calls on files, pipes and sockets, sendfile too: rchar and wchar of
	 * proc_pid_io(5). */
	uint64_t read, written;
	uint64_t sent;	  /* by sockets, whatever the system call, as it was asked for */
	uint64_t unknown; /* tasks that moved some: nobody can say how much */
};

/* What each task has moved since the last time, those that ended together; NULL: only from now
 * on. About 5 us for each that lives. Without LSM hooks none is known. */
void agent_moved(struct agent *agent, void (*each)(void *ctx, const struct agent_moved *moved),
		 void *ctx);

#endif
