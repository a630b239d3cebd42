// SPDX-License-Identifier: Apache-2.0
#include "notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "user/util.h"

int notify(const char *lines)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	_cleanup_close_ int fd = -1;

	if (!len)
		return 0;
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(to.sun_path))
		return -EINVAL;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* the manager may be busy, and we have agents to keep */
	return sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0 ?
		       -errno :
		       0;
}

int notify_format(const char *format, ...)
{
	char lines[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(lines, sizeof(lines), format, args);
	va_end(args);
	return notify(lines);
}

int notify_reloading(const char *status)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return notify_format("RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=%s",
			     (unsigned long long)now.tv_sec * 1000000ull +
				     (unsigned long long)now.tv_nsec / 1000ull,
			     status);
}

uint64_t notify_watchdog_us(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long allowed;
	char *end;

	if (!us || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	errno = 0;
	allowed = strtoull(us, &end, 10);
	return errno || *end || end == us ? 0 : allowed / 2;
}
