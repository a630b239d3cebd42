// SPDX-License-Identifier: Apache-2.0
#include "number.h"

#include <errno.h>
#include <stdlib.h>

unsigned long number_parse(const char *option, const char *arg, unsigned long max,
			   const struct argp_state *state)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(arg, &end, 10);
	/* strtoul would take a sign and white space */
	if (*arg < '0' || *arg > '9' || *end || errno || !number || number > max)
		argp_error(state, "%s takes a number from 1 to %lu", option, max);
	return number;
}
