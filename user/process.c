// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define PF_EXITING 0x4u /* include/linux/sched.h */

struct fields {
	char state;
	int parent, threads;
	unsigned int flags;
	unsigned long long start;
};

static bool read_fields(pid_t pid, struct fields *ret)
{
	char path[64], text[1024], *end;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	/* the name, field 2, may hold anything, parentheses too */
	end = strrchr(text, ')');
	return end &&
	       sscanf(end + 1,
		      " %c %d %*s %*s %*s %*s %u %*s %*s %*s %*s %*s %*s %*s "
		      "%*s %*s %*s %d %*s %llu",
		      &ret->state, &ret->parent, &ret->flags, &ret->threads, &ret->start) == 5;
}

static bool has_ended(const struct fields *f)
{
	return f->state == 'Z' || f->state == 'X';
}

struct process_stat process_stat(pid_t pid)
{
	struct process_stat stat = { 0 };
	struct fields f;

	if (read_fields(pid, &f) && !has_ended(&f) && !(f.flags & PF_EXITING)) {
		stat.parent = f.parent;
		stat.start = f.start;
	}
	return stat;
}

bool process_is_remains(pid_t pid)
{
	struct fields f;

	return read_fields(pid, &f) && has_ended(&f) && f.threads <= 1;
}

void process_how_ended(int wait_status, char *buf, size_t buf_size)
{
	if (WIFSIGNALED(wait_status))
		snprintf(buf, buf_size, "was killed by signal %d (%s)", WTERMSIG(wait_status),
			 strsignal(WTERMSIG(wait_status)));
	else
		snprintf(buf, buf_size, "exited with status %d", WEXITSTATUS(wait_status));
}
