/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - what /proc/PID/stat (proc_pid_stat(5)) and waitpid(2) say. */
#ifndef EC_PROCESS_H
#define EC_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_stat {
	pid_t parent;
	uint64_t start; /* clock ticks after boot: tells a pid's users apart */
};

/* All 0 when there is no such process, or only what is left of one. */
struct process_stat process_stat(pid_t pid);

/* It has ended, all its threads with it, and its parent has not asked how. (Where only the
 * first thread has ended the process goes on.) */
bool process_is_remains(pid_t pid);

/* "exited with status 1", "was killed by signal 9 (Killed)"; 96 bytes hold it. */
void process_how_ended(int wait_status, char *buf, size_t buf_size);

#endif
