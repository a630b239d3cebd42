// SPDX-License-Identifier: Apache-2.0
#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/util.h"

#define DELETED " (deleted)"

static int read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	text[n] = '\0';
	return 0;
}

static int read_link(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	n = readlink(path, text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? -errno : 0;
}

bool facts_cgroup(const char *text, char cgroup[PATH_MAX])
{
	const char *line = !strncmp(text, "0::", 3) ? text : strstr(text, "\n0::");
	size_t len;

	cgroup[0] = '\0';
	if (!line)
		return false;
	line += line == text ? 3 : 4;
	len = strcspn(line, "\n");
	/* above the top that we can see, or removed: it has no place here */
	if (line[0] != '/' || !strncmp(line, "/..", 3) || len >= PATH_MAX ||
	    (len >= strlen(DELETED) &&
	     !strncmp(line + len - strlen(DELETED), DELETED, strlen(DELETED))))
		return false;
	memcpy(cgroup, line, len);
	cgroup[len] = '\0';
	return true;
}

static bool is_unit(const char *name, size_t len)
{
	static const char *const suffixes[] = { ".service", ".scope", NULL };

	for (size_t i = 0; suffixes[i]; i++) {
		size_t suffix_len = strlen(suffixes[i]);

		if (len > suffix_len && !memcmp(name + len - suffix_len, suffixes[i], suffix_len))
			return true;
	}
	return false;
}

bool facts_unit(const char *cgroup, size_t *ret_begin, size_t *ret_end)
{
	const char *part = cgroup;
	bool found = false;

	while (*part == '/') {
		size_t len = strcspn(part + 1, "/");

		/* the innermost: a user's own manager is a unit, and has units */
		if (is_unit(part + 1, len)) {
			*ret_begin = (size_t)(part + 1 - cgroup);
			*ret_end = *ret_begin + len;
			found = true;
		}
		part += 1 + len;
	}
	return found;
}

static uid_t real_uid(const char *status)
{
	const char *line = strstr(status, "\nUid:");

	return line ? (uid_t)strtoul(line + strlen("\nUid:"), NULL, 10) : (uid_t)-1;
}

int facts_read(pid_t pid, struct facts *ret_facts)
{
	char text[8192], ours[64], its[64];
	int r;

	memset(ret_facts, 0, sizeof(*ret_facts));
	if ((r = read_file(pid, "status", text, sizeof(text))) < 0)
		return r;
	ret_facts->uid = real_uid(text);
	if ((r = read_file(pid, "cgroup", text, sizeof(text))) < 0)
		return r;
	facts_cgroup(text, ret_facts->cgroup);
	read_link(pid, "exe", ret_facts->program, sizeof(ret_facts->program));
	if (read_link(getpid(), "ns/mnt", ours, sizeof(ours)) == 0 &&
	    read_link(pid, "ns/mnt", its, sizeof(its)) == 0)
		ret_facts->is_foreign = strcmp(ours, its) != 0;
	return 0;
}
