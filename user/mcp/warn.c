// SPDX-License-Identifier: Apache-2.0
#include "warn.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BURST 10
#define PAUSE_NS 5000000000ull

bool warn_allowed(struct warn_limit *limit, uint64_t *ret_unsaid)
{
	struct timespec now;
	uint64_t now_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
	if (limit->burst >= BURST && now_ns < limit->next_ns) {
		limit->unsaid++;
		return false;
	}
	limit->burst++;
	limit->next_ns = now_ns + PAUSE_NS;
	*ret_unsaid = limit->unsaid;
	limit->unsaid = 0;
	return true;
}

void warn_say(const char *format, ...)
{
	static const char prefix[] = "enforcecore: ";
	struct pollfd err = { .fd = STDERR_FILENO, .events = POLLOUT };
	char text[768];
	va_list args;
	size_t len;

	memcpy(text, prefix, sizeof(prefix));
	va_start(args, format);
	vsnprintf(text + sizeof(prefix) - 1, sizeof(text) - sizeof(prefix), format, args);
	va_end(args);
	len = strlen(text);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
			text[i] = '?';
	text[len++] = '\n';
	if (poll(&err, 1, 0) == 1 && write(STDERR_FILENO, text, len) < 0)
		return; /* there is nobody left to tell */
}
