// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <stdio.h>
#include <string.h>

struct process_stat process_stat(pid_t pid)
{
	struct process_stat stat = { 0 };
	char path[64], text[1024], *end;
	unsigned long long start;
	size_t len;
	FILE *file;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return stat;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	/* the name, field 2, may hold anything, parentheses too */
	end = strrchr(text, ')');
	if (end && sscanf(end + 1,
			  " %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			  "%*s %*s %*s %*s %*s %llu",
			  &parent, &start) == 2) {
		stat.parent = parent;
		stat.start = start;
	}
	return stat;
}
