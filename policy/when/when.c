// SPDX-License-Identifier: Apache-2.0
#include "when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONE_MAX 128

static bool minutes(const char *text, const char **ret_end, unsigned int *ret_minutes)
{
	unsigned int hour, minute;
	int len = 0;

	if (sscanf(text, "%2u:%2u%n", &hour, &minute, &len) != 2 || len != 5 || minute > 59 ||
	    hour > 24 || (hour == 24 && minute) || text[0] == ' ' || text[0] == '+' ||
	    text[3] == ' ' || text[3] == '+')
		return false;
	*ret_minutes = hour * 60 + minute;
	*ret_end = text + len;
	return true;
}

bool when_hours(const char *text, struct when *to)
{
	unsigned int begin, end;

	if (!minutes(text, &text, &begin) || *text++ != '-' || !minutes(text, &text, &end) ||
	    *text || begin == WHEN_MINUTES || begin == end || !end)
		return false;
	to->begin = (uint16_t)begin;
	to->end = (uint16_t)end;
	return true;
}

bool when_zone_exists(const char *zone)
{
	char path[ZONE_MAX + 32];

	if (!strcmp(zone, "UTC"))
		return true;
	if (!*zone || strlen(zone) > ZONE_MAX || zone[0] == '/' || strstr(zone, ".."))
		return false;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	return access(path, R_OK) == 0;
}

/* TZ is the only way that libc has; it is set back before anyone else looks. */
struct zone {
	char *old;
};

static void enter(const char *zone, struct zone *ret_zone)
{
	const char *old = getenv("TZ");

	ret_zone->old = old ? strdup(old) : NULL;
	if (zone)
		setenv("TZ", zone, 1);
	tzset();
}

static void leave(struct zone *zone)
{
	if (zone->old)
		setenv("TZ", zone->old, 1);
	else
		unsetenv("TZ");
	free(zone->old);
	tzset();
}

/* The moment at `minute` of the local day that is `days` from now's. */
static time_t moment(const struct tm *now, int days, int minute)
{
	struct tm tm = { .tm_year = now->tm_year,
			 .tm_mon = now->tm_mon,
			 .tm_mday = now->tm_mday + days,
			 .tm_min = minute,
			 .tm_isdst = -1 };

	return mktime(&tm);
}

static bool on(const struct when *when, int wday)
{
	return when->days >> ((wday + 7) % 7) & 1;
}

/* A day that ends at midnight goes on into one that starts there. */
static time_t end_of_days(const struct when *when, const struct tm *now)
{
	int days = 1;

	while (days < 8 && !when->begin && on(when, now->tm_wday + days))
		days++;
	return days == 8 ? 0 : moment(now, days, 0);
}

static bool inside(const struct when *when, const struct tm *now, time_t *ret_end)
{
	int minute = now->tm_hour * 60 + now->tm_min;
	bool over_midnight = when->end <= when->begin;

	if (on(when, now->tm_wday) && minute >= when->begin &&
	    (over_midnight || minute < when->end)) {
		*ret_end = when->end == WHEN_MINUTES ?
				   end_of_days(when, now) :
				   moment(now, over_midnight ? 1 : 0, when->end);
		return true;
	}
	if (over_midnight && on(when, now->tm_wday - 1) && minute < when->end) {
		*ret_end = moment(now, 0, when->end);
		return true;
	}
	return false;
}

bool when_contains(const struct when *when, time_t now, time_t *ret_end)
{
	struct zone zone;
	struct tm tm;
	bool yes;

	*ret_end = 0;
	enter(when->zone, &zone);
	yes = localtime_r(&now, &tm) && inside(when, &tm, ret_end);
	leave(&zone);
	return yes;
}
