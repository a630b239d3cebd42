// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define PF_EXITING 0x4u /* include/linux/sched.h */

struct process_stat process_stat(pid_t pid)
{
	struct process_stat stat = { 0 };
	char path[64], text[1024], *end;
	unsigned long long start;
	unsigned int flags;
	size_t len;
	FILE *file;
	int parent;
	char state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return stat;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	/* the name, field 2, may hold anything, parentheses too */
	end = strrchr(text, ')');
	if (end &&
	    sscanf(end + 1,
		   " %c %d %*s %*s %*s %*s %u %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %*s %*s %*s %*s %llu",
		   &state, &parent, &flags, &start) == 4 &&
	    state != 'Z' && state != 'X' && !(flags & PF_EXITING)) {
		stat.parent = parent;
		stat.start = start;
	}
	return stat;
}

void process_how_ended(int wait_status, char *buf, size_t buf_size)
{
	if (WIFSIGNALED(wait_status))
		snprintf(buf, buf_size, "was killed by signal %d (%s)", WTERMSIG(wait_status),
			 strsignal(WTERMSIG(wait_status)));
	else
		snprintf(buf, buf_size, "exited with status %d", WEXITSTATUS(wait_status));
}
