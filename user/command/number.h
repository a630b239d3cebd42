/* SPDX-License-Identifier: Apache-2.0 */
/* number.h - a number on the command line. */
#ifndef EC_NUMBER_H
#define EC_NUMBER_H

#include <argp.h>

/* From 1 to max, in decimal; anything else ends the command, naming option. */
unsigned long number_parse(const char *option, const char *arg, unsigned long max,
			   const struct argp_state *state);

#endif
