// SPDX-License-Identifier: Apache-2.0
#include "trace_time.h"

#include <stdio.h>
#include <string.h>

#define S 1000000000ll

static int64_t ns_of(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * S + now.tv_nsec;
}

uint64_t trace_clock_now(void)
{
	return (uint64_t)ns_of(CLOCK_BOOTTIME);
}

void trace_clock_set(struct trace_clock *clock)
{
	clock->offset_ns = ns_of(CLOCK_REALTIME) - ns_of(CLOCK_BOOTTIME);
}

/* Six digits and "Z": a printf for each event would be seen. */
static void put_micros(char *to, unsigned int micros)
{
	for (int i = 6; i > 0; i--, micros /= 10)
		to[i] = (char)('0' + micros % 10);
	to[0] = '.';
	memcpy(to + 7, "Z", 2);
}

void trace_clock_text(struct trace_clock *clock, uint64_t boot_ns, char text[32])
{
	int64_t ns = (int64_t)boot_ns + clock->offset_ns;
	time_t second = ns / S;
	struct tm utc;
	size_t len;

	if (second != clock->second || !clock->text[0]) {
		gmtime_r(&second, &utc);
		strftime(clock->text, sizeof(clock->text), "%Y-%m-%dT%H:%M:%S", &utc);
		clock->second = second;
	}
	len = strlen(clock->text);
	memcpy(text, clock->text, len);
	put_micros(text + len, (unsigned int)(ns % S / 1000));
}
