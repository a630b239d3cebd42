/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what a session leaves in SENSOR_RUN for `status`, and for who takes
 * over its agent when its controller is dead: how it was started. A file that only
 * root may read; what is in force is in the kernel, never here.
 */
#ifndef EC_SESSION_STATE_H
#define EC_SESSION_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/evidence/evidence.h"

struct session_state {
	uint64_t agent; /* uid: a file of another one is no state of this */
	char kind[16];	/* the command: "run", "mcp" */
	char name[257]; /* of the policy that it began with */
	char policy[PATH_MAX];
	char trail[PATH_MAX]; /* "" = none */
	char home[PATH_MAX];
	char cwd[PATH_MAX];
	char entry[65];	       /* of the node agent's configuration, "" = none */
	char cgroup[PATH_MAX]; /* "" = not of one alone */
	bool observe, record_all, strict;
	struct evidence_options evidence;
};

/* The file of this slot, whole or not at all. */
int state_write(unsigned int slot, const struct session_state *state);
/* -ENOENT: there is none, or it is of another agent; -EBADMSG: it makes no sense. */
int state_read(unsigned int slot, uint64_t agent, struct session_state *ret_state);
void state_remove(unsigned int slot);
/* The bytes of such a file. */
int state_parse(const char *text, uint64_t text_len, struct session_state *ret_state);

#endif
