/* SPDX-License-Identifier: Apache-2.0 */
/* confined.h - what `run` and `mcp` have in common: a command under a policy. */
#ifndef EC_CONFINED_H
#define EC_CONFINED_H

#include <argp.h>

#include "user/evidence/evidence.h"
#include "user/session/session.h"

#define CONFINED_CLOSED_MAX 8u /* two listeners */

/* The input of confined_argp. */
struct confined {
	struct session_options session;
	struct evidence_options evidence;
	char **argv;	     /* COMMAND and its words */
	const char *metrics; /* --metrics, NULL = none */
	const char *closed[CONFINED_CLOSED_MAX + 1];
};
/* -p, --observe, --trail and what makes it evidence, --record, --strict, --metrics and COMMAND: a child of a
 * command's own parser, parsed with ARGP_IN_ORDER. */
extern const struct argp confined_argp;

/* No process of the agent may connect there; the texts live as long as the session. */
struct http_listener;
void confined_close_to(struct confined *confined, const struct http_listener *listener);
/* Serves --metrics from now on, for as long as we live. -errno: told on stderr. */
int confined_serve_metrics(struct confined *confined);

/* Says on stderr that the command was not started, err as session_spawn has
 * it; the exit status for it. */
int confined_not_started(const char *command, int err);
/* As a shell has it: 128 + signal. */
int confined_exit_status(int wait_status);

#endif
