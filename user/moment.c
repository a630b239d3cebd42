// SPDX-License-Identifier: Apache-2.0
#include "moment.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

/* As many digits as the shape has '0', and its other characters as they are;
 * the numbers go to `to`. What follows, or NULL. */
static const char *take(const char *text, const char *shape, int *to)
{
	bool in_number = false;

	for (; *shape; shape++, text++) {
		bool is_digit = *shape == '0';

		if (is_digit ? !isdigit((unsigned char)*text) : *text != *shape)
			return NULL;
		if (is_digit)
			*to = *to * 10 + (*text - '0');
		else if (in_number)
			to++;
		in_number = is_digit;
	}
	return text;
}

/* Whole seconds count. NULL: a dot without digits. */
static const char *skip_fraction(const char *text)
{
	size_t digits;

	if (*text != '.')
		return text;
	digits = strspn(text + 1, "0123456789");
	return digits ? text + 1 + digits : NULL;
}

static const char *take_offset(const char *text, int *ret_seconds)
{
	int hour_minute[2] = { 0 };
	bool west = *text == '-';

	*ret_seconds = 0;
	if (*text == 'Z' || *text == 'z')
		return text + 1;
	text = take(text, west ? "-00:00" : "+00:00", hour_minute);
	if (!text || hour_minute[0] > 23 || hour_minute[1] > 59)
		return NULL;
	*ret_seconds = (hour_minute[0] * 60 + hour_minute[1]) * (west ? -60 : 60);
	return text;
}

int moment_parse(const char *text, int64_t *ret_seconds)
{
	int date[3] = { 0 }, hours[3] = { 0 }, offset;
	struct tm tm = { 0 };
	time_t seconds;

	text = take(text, "0000-00-00", date);
	if (!text || !strchr("Tt ", *text) || !*text || !(text = take(text + 1, "00:00:00", hours)))
		return -EINVAL;
	if (!(text = skip_fraction(text)) || !(text = take_offset(text, &offset)) || *text)
		return -EINVAL;
	tm.tm_year = date[0] - 1900;
	tm.tm_mon = date[1] - 1;
	tm.tm_mday = date[2];
	seconds = timegm(&tm);
	/* a day that is in no calendar has become another */
	if (tm.tm_mday != date[2] || tm.tm_mon != date[1] - 1)
		return -EINVAL;
	if (hours[0] > 23 || hours[1] > 59 || hours[2] > 60)
		return -EINVAL;
	seconds += (hours[0] * 60 + hours[1]) * 60 + hours[2] - offset;
	if (seconds <= 0)
		return -EINVAL;
	*ret_seconds = seconds;
	return 0;
}
