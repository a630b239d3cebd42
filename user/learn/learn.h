/* SPDX-License-Identifier: Apache-2.0 */
/* learn.h - from trails to a policy, and what that policy would have refused
 * in them. */
#ifndef EC_LEARN_H
#define EC_LEARN_H

#include <stdio.h>

#include "proposal.h"
#include "replay.h"

struct learn_result {
	char *text; /* the policy */
	size_t text_len;
	uint64_t effects;
	uint64_t calls;
	uint64_t refused; /* of both */
	uint64_t by_ceiling;
};
/* Refusals are told to `tell` (may be NULL) one by one. -EINVAL: one of the
 * trails is none; -E2BIG: a limit; ret_diag has the place. */
int learn(char *const trails[], size_t trails_len, const struct proposal_options *options,
	  const struct policy_env *env, FILE *tell, struct learn_result *ret_result,
	  struct policy_diag *ret_diag);
void learn_result_done(struct learn_result *result);

#endif
