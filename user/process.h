/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - what /proc/PID/stat says (proc_pid_stat(5)). */
#ifndef EC_PROCESS_H
#define EC_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

struct process_stat {
	pid_t parent;
	uint64_t start; /* clock ticks after boot: tells a pid's users apart */
};

/* All 0 when there is no such process. */
struct process_stat process_stat(pid_t pid);

#endif
