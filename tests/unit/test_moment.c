// SPDX-License-Identifier: Apache-2.0
/* Moments as people write them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "user/moment.h"

static int64_t at(const char *text)
{
	int64_t seconds = -1;

	cr_assert_eq(moment_parse(text, &seconds), 0, "%s", text);
	return seconds;
}

Test(moment, reads_date_and_time_with_offset)
{
	cr_assert_eq(at("1970-01-01T00:00:01Z"), 1);
	cr_assert_eq(at("2026-03-02T09:30:00Z"), 1772443800);
	cr_assert_eq(at("2026-03-02T09:30:00+01:00"), 1772443800 - 3600);
	cr_assert_eq(at("2026-03-02T09:30:00-05:30"), 1772443800 + 5 * 3600 + 1800);
	cr_assert_eq(at("2026-03-02t09:30:00.999z"), 1772443800);
	cr_assert_eq(at("2026-03-02 09:30:00-00:00"), 1772443800);
	cr_assert_eq(at("2024-02-29T00:00:00Z") + 86400, at("2024-03-01T00:00:00Z"));
	cr_assert_eq(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
}

/* The zone of the machine has no part in it. */
Test(moment, does_not_depend_on_the_zone_of_the_machine)
{
	setenv("TZ", "America/New_York", 1);
	tzset();
	cr_assert_eq(at("2026-07-02T09:30:00Z"), 1782984600);
}

Test(moment, what_is_none)
{
	static const char *const bad[] = {
		"",
		"now",
		"2026-03-02",
		"2026-03-02T09:30:00",
		"2026-03-02T09:30Z",
		"2026-3-2T09:30:00Z",
		"2026-03-02T09:30:00Z ",
		" 2026-03-02T09:30:00Z",
		"2026-03-02T09:30:00.Z",
		"2026-03-02T09:30:00+0100",
		"2026-03-02T09:30:00+01:00x",
		"2026-03-02T09:30:00+24:00",
		"2026-03-02T09:30:00+01:60",
		"2026-02-30T09:30:00Z",
		"2025-02-29T09:30:00Z",
		"2026-13-02T09:30:00Z",
		"2026-00-02T09:30:00Z",
		"2026-03-00T09:30:00Z",
		"2026-03-02T24:00:00Z",
		"2026-03-02T09:60:00Z",
		"2026-03-02T09:30:61Z",
		"1970-01-01T00:00:00Z",
		"1969-12-31T23:59:59Z",
		"+026-03-02T09:30:00Z",
		"2026-03-02T09:30:00 +1:00",
	};
	int64_t seconds;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		cr_assert_eq(moment_parse(bad[i], &seconds), -EINVAL, "\"%s\"", bad[i]);
}
