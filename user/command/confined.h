/* SPDX-License-Identifier: Apache-2.0 */
/* confined.h - what `run` and `mcp` have in common: a command under a policy. */
#ifndef EC_CONFINED_H
#define EC_CONFINED_H

#include <argp.h>

#include "user/session/session.h"

/* The input of confined_argp. */
struct confined {
	struct session_options session;
	char **argv; /* COMMAND and its words */
};
/* -p, --observe, --trail, --record, --strict and COMMAND: a child of a
 * command's own parser, parsed with ARGP_IN_ORDER. */
extern const struct argp confined_argp;

/* Says on stderr that the command was not started, err as session_spawn has
 * it; the exit status for it. */
int confined_not_started(const char *command, int err);
/* As a shell has it: 128 + signal. */
int confined_exit_status(int wait_status);

#endif
