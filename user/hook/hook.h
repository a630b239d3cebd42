/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook.h - one event of a coding agent: what is about to run is declared to
 * the controller (user/PROTOCOL.md), what has run is ended, and the agent is
 * answered in its own dialect.
 */
#ifndef EC_HOOK_H
#define EC_HOOK_H

#include <stdbool.h>
#include <stdio.h>

#include "user/dialect/dialect.h"

/* Shorter than any agent waits for its hooks (Copilot 30 s), of which some let
 * a call through that they waited for in vain. */
#define HOOK_TIMEOUT_MS 25000

struct hook_options {
	const struct dialect *dialect;
	const char *socket; /* NULL: as control_connect */
	const char *exe;    /* this program, absolute */
	bool exact;	    /* an agent of which only some versions rewrite does */
	int timeout_ms;	    /* for each question to the controller */
};

/* Reads one event and writes one answer. 0: the agent is to read the answer,
 * be it a refusal or not; else stderr says what failed, and the call must not
 * run. */
int hook_answer(const struct hook_options *options, FILE *in, FILE *out);

#endif
