// SPDX-License-Identifier: Apache-2.0
/* Windows of time. Moments are written as UTC and zones by name. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy.h"
#include "policy/when/when.h"

#define WEEKDAYS 0x3e
#define ALL 0x7f

static time_t utc(const char *text)
{
	struct tm tm = { 0 };

	cr_assert_not_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return timegm(&tm);
}

static struct when window(const char *hours, uint8_t days, const char *zone)
{
	struct when w = { .days = days, .zone = zone };

	cr_assert(when_hours(hours, &w), "%s", hours);
	return w;
}

static bool in(struct when w, const char *now, const char *end)
{
	time_t until;
	bool yes = when_contains(&w, utc(now), &until);

	if (yes && end)
		cr_assert_eq(until, utc(end), "%s ends %ld s off", now, (long)(until - utc(end)));
	if (yes && !end)
		cr_assert_eq(until, 0);
	return yes;
}

Test(when, market_hours_follow_daylight_saving)
{
	struct when w = window("09:30-16:00", WEEKDAYS, "America/New_York");

	cr_assert(in(w, "2026-01-05 14:30", "2026-01-05 21:00"));
	cr_assert_not(in(w, "2026-01-05 14:29", NULL));
	cr_assert(in(w, "2026-07-06 13:30", "2026-07-06 20:00"));
	cr_assert_not(in(w, "2026-07-06 20:00", NULL));
	cr_assert_not(in(w, "2026-01-04 15:00", NULL), "a Sunday");
}

Test(when, a_night_belongs_to_the_day_it_starts)
{
	struct when w = window("22:00-06:00", 1 << 5, "UTC"); /* Fridays */

	cr_assert(in(w, "2026-01-09 22:00", "2026-01-10 06:00"));
	cr_assert(in(w, "2026-01-10 05:59", "2026-01-10 06:00"));
	cr_assert_not(in(w, "2026-01-10 06:00", NULL));
	cr_assert_not(in(w, "2026-01-10 22:00", NULL), "Saturday's night");
	cr_assert_not(in(w, "2026-01-09 05:00", NULL), "Thursday's night");
}

Test(when, whole_days_run_on)
{
	cr_assert(
		in(window("00:00-24:00", WEEKDAYS, "UTC"), "2026-01-07 12:00", "2026-01-10 00:00"));
	cr_assert(in(window("00:00-24:00", ALL, "UTC"), "2026-01-07 12:00", NULL), "for ever");
	cr_assert(in(window("12:00-24:00", ALL, "UTC"), "2026-01-07 12:00", "2026-01-08 00:00"));
}

Test(when, the_machine_keeps_its_own_zone)
{
	struct when w = window("00:00-24:00", ALL, "Asia/Tokyo");
	time_t end;

	setenv("TZ", "Europe/Berlin", 1);
	when_contains(&w, utc("2026-01-07 12:00"), &end);
	cr_assert_str_eq(getenv("TZ"), "Europe/Berlin");
	unsetenv("TZ");
	when_contains(&w, utc("2026-01-07 12:00"), &end);
	cr_assert_null(getenv("TZ"));
}

Test(when, what_are_no_hours)
{
	static const char *const bad[] = { "",
					   "9:30-16:00",
					   "09:30",
					   "09:30-16:00 ",
					   "09:60-10:00",
					   "25:00-26:00",
					   "24:00-01:00",
					   "10:00-10:00",
					   "-1:00-02:00",
					   "10:00-00:00",
					   "09:30/16:00",
					   "+9:30-10:00" };
	struct when w;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		cr_assert_not(when_hours(bad[i], &w), "\"%s\"", bad[i]);
}

Test(when, zones)
{
	cr_assert(when_zone_exists("UTC"));
	cr_assert(when_zone_exists("America/New_York"));
	cr_assert_not(when_zone_exists("America/Nowhere"));
	cr_assert_not(when_zone_exists("../../../etc/passwd"));
	cr_assert_not(when_zone_exists("/etc/passwd"));
	cr_assert_not(when_zone_exists(""));
}

/* A policy whose tool t has this `when`, asked at a moment. */
static int declare(const char *when, const char *now, struct policy_call *call,
		   struct policy_diag *diag)
{
	struct policy_env env = { .root_fd = open("/", O_PATH | O_DIRECTORY),
				  .cwd_fd = -1,
				  .now = utc(now) };
	struct automaton image = { 0 };
	struct policy *policy = NULL;
	char text[1000];
	int r;

	snprintf(text, sizeof(text),
		 "name: p\nkernel:\n  when: { noon: { hours: \"12:00-13:00\", zone: UTC } }\n"
		 "  tools:\n    t: { timeout: 600, when: %s }\n",
		 when);
	r = policy_load_buffer("p.yaml", text, strlen(text), NULL, &policy, diag);
	if (r == 0 && (r = policy_compile(policy, &env, 1u << 16, NULL, &image, diag)) == 0)
		r = policy_call_compile(policy, &env, &image, "t", NULL, 1u << 16, call, diag);
	automaton_done(&image);
	policy_free(policy);
	close(env.root_fd);
	return r;
}

Test(when, a_tool_is_refused_outside_its_windows)
{
	struct policy_call call;
	struct policy_diag diag;

	cr_assert_eq(declare("noon", "2026-01-07 12:30", &call, &diag), 0, "%s", diag.text);
	cr_assert_eq(call.timeout_ms, 600 * 1000);
	cr_assert_eq(call.window_ms, 30 * 60 * 1000, "it ends with the window");
	cr_assert_eq(declare("noon", "2026-01-07 13:00", &call, &diag), -EACCES);
	cr_assert(strstr(diag.text, "p.yaml:5:30"), "%s", diag.text);
	cr_assert_eq(declare("[noon, {hours: \"12:45-14:00\", zone: UTC}]", "2026-01-07 12:50",
			     &call, &diag),
		     0);
	cr_assert_eq(call.window_ms, 70 * 60 * 1000, "the later end counts");
	cr_assert_eq(declare("[noon, {days: [wed]}]", "2026-01-07 12:50", &call, &diag), 0);
	cr_assert_eq(declare("[]", "2026-01-07 12:50", &call, &diag), -EACCES, "never");
	cr_assert_eq(declare("{}", "2026-01-07 12:50", &call, &diag), 0);
	cr_assert_eq(call.window_ms, 0, "always");
}

Test(when, mistakes_have_a_place)
{
	static const char *const bad[][2] = {
		{ "tea", "no window \"tea\"" },	     { "{hours: \"9-5\"}", "HH:MM-HH:MM" },
		{ "{days: [someday]}", "a day" },    { "{days: []}", "no day" },
		{ "{zone: Mars/Base}", "knows no" },
	};
	struct policy_call call;
	struct policy_diag diag;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cr_assert_eq(declare(bad[i][0], "2026-01-07 12:50", &call, &diag), -EINVAL);
		cr_assert(strstr(diag.text, bad[i][1]), "%s", diag.text);
		cr_assert_eq(diag.line, 5);
	}
}
