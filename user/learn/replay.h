/* SPDX-License-Identifier: Apache-2.0 */
/* replay.h - what a policy would have refused in a trail, by the kernel's own
 * decision (policy/ask). */
#ifndef EC_REPLAY_H
#define EC_REPLAY_H

#include <stdio.h>

#include "story.h"

/* Refusals that are told one by one; of more only the number. */
#define REPLAY_TOLD_MAX 200u

struct replay {
	const struct policy *policy;
	const struct policy_env *env;
	const struct automaton *image;
	FILE *to; /* each refusal once, NULL: nobody asks */
	/* ---- */
	uint64_t effects;
	uint64_t calls;
	uint64_t refused;    /* of both */
	uint64_t by_ceiling; /* permitted as far as `within` tells: their arguments are cut */
	uint64_t told_len;
	uint64_t told[REPLAY_TOLD_MAX]; /* hashes */
};
/* The counts add up over several trails. Errors as story_tell. */
int replay_trail(struct replay *replay, const char *path, struct policy_diag *ret_diag);

#endif
