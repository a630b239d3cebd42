/* SPDX-License-Identifier: Apache-2.0 */
/*
 * when.h - windows of time: days of the week, hours, a time zone. Zones are
 * those of the system's tz database (tzset(3)), so that daylight saving is
 * what the machine knows of it.
 */
#ifndef EC_WHEN_H
#define EC_WHEN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WHEN_MINUTES (24 * 60)

struct when {
	uint8_t days;	  /* bit d: tm_wday d, Sunday 0; a window belongs to the day it starts */
	uint16_t begin;	  /* minutes after midnight */
	uint16_t end;	  /* begin or less: on the next day; WHEN_MINUTES: midnight */
	const char *zone; /* NULL: the machine's */
};

/* "09:30-16:00"; false: not hours. */
bool when_hours(const char *text, struct when *to);
/* Does the machine know this zone? */
bool when_zone_exists(const char *zone);
/* Is now inside? *ret_end: when it ends (0: never). */
bool when_contains(const struct when *when, time_t now, time_t *ret_end);

#endif
