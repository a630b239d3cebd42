// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/util.h"

int host_open(const char *root, struct host *ret_host)
{
	int fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_host = (struct host) { fd, root ? NULL : &host_running_kernel };
	return 0;
}

void host_close(struct host *host)
{
	close_fd(&host->root_fd);
}

/* An absolute link in a copied tree means the copy's root. */
static int open_below(const struct host *host, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int fd = (int)syscall(SYS_openat2, host->root_fd, path, &how, sizeof(how));

	/* gVisor and seccomp profiles of old container runtimes do not know it */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(host->root_fd, path, (int)flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int host_bytes(const struct host *host, const char *path, void *ret_bytes, size_t size)
{
	/* a copy may have a pipe where a host has a file */
	_cleanup_close_ int fd = open_below(host, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while (len < size && (n = read(fd, (char *)ret_bytes + len, size - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	return (int)len;
}

int host_text(const struct host *host, const char *path, char *ret_text, size_t size)
{
	int len = host_bytes(host, path, ret_text, size - 1);

	ret_text[len < 0 ? 0 : len] = '\0';
	if (len < 0)
		return len;
	for (int i = 0; i < len; i++)
		if (!ret_text[i] || (unsigned char)ret_text[i] >= 0x7f)
			ret_text[i] = '?';
	while (len > 0 && ret_text[len - 1] == '\n')
		ret_text[--len] = '\0';
	return 0;
}

int host_link(const struct host *host, const char *path, char *ret_text, size_t size)
{
	_cleanup_close_ int fd = open_below(host, path, O_PATH | O_NOFOLLOW);
	ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", ret_text, size - 1);

	ret_text[len < 0 ? 0 : len] = '\0';
	return fd < 0 ? fd : len < 0 ? -errno : 0;
}

bool host_has(const struct host *host, const char *path)
{
	_cleanup_close_ int fd = open_below(host, path, O_PATH);

	return fd >= 0;
}

long host_number(const struct host *host, const char *path)
{
	char text[64], *end;
	long number;

	if (host_text(host, path, text, sizeof(text)) < 0)
		return -1;
	number = strtol(text, &end, 10);
	return end == text ? -1 : number;
}

bool host_has_word(const char *text, const char *word)
{
	static const char between[] = ", \t\n";
	size_t len = strlen(word);

	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t n = strcspn(text, between);

		if (n == len && !memcmp(text, word, n))
			return true;
		text += n;
	}
	return false;
}

/* "42 22 0:38 / /sys/fs/bpf rw,nosuid - bpf bpf rw", proc(5) */
static bool is_mount(const char *line, const char *kind, const char *path)
{
	const char *dash = strstr(line, " - ");
	char at[4096], is[64];

	return dash && sscanf(line, "%*s %*s %*s %*s %4095s", at) == 1 &&
	       sscanf(dash + 3, "%63s", is) == 1 && !strcmp(is, kind) &&
	       (!path || !strcmp(at, path));
}

bool host_mounted(const struct host *host, const char *kind, const char *path)
{
	_cleanup_free_ char *text = malloc(HOST_TEXT_MAX * 16);
	char *save = NULL;

	if (!text || host_text(host, "proc/self/mountinfo", text, HOST_TEXT_MAX * 16) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (is_mount(line, kind, path))
			return true;
	return false;
}
