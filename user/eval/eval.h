/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eval.h - does a policy contain what agents are made to do? Each scenario is
 * played twice, for real, on a stage of its own: with nobody watching, where it
 * has to work, and under the policy, where it must not.
 */
#ifndef EC_EVAL_H
#define EC_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

enum eval_outcome {
	EVAL_CONTAINED = 1,
	EVAL_ESCAPED, /* it worked under the policy */
	EVAL_BROKEN,  /* it does not work without one either: it says nothing */
	EVAL_UNSEEN,  /* it cannot be seen in the time that there is */
};

struct eval_scenario {
	const char *id;	    /* "ransomware.campaign"; COMPAT.md has 26 of them */
	const char *what;   /* is attempted */
	const char *remedy; /* what in a policy contains it */
};
/* NULL: there are no more. */
const struct eval_scenario *eval_scenario(size_t index);

struct eval_options {
	const char *policy_path;
	const char *dir; /* the stage is made below it */
	/* An honest call; tool NULL: the first one of the policy that takes these. args
	 * empty: a path on the stage. */
	const char *tool;
	const struct cJSON *args;
	uint32_t patience_ms; /* for what takes its time; longer: EVAL_UNSEEN */
};

struct eval;

/* Errors went to stderr. Needs a kernel that can enforce, and root. */
int eval_open(const struct eval_options *options, struct eval **ret_eval);
void eval_close(struct eval *eval); /* NULL is fine */
bool eval_observes(const struct eval *eval);
const char *eval_tool(const struct eval *eval); /* the honest one; NULL: none can be called */
/* Whether an honest call has what it is granted: a policy that lets nothing happen
 * contains everything. Below 0: EnforceCore failed. */
int eval_honest(struct eval *eval, bool *ret_works);
/* Below 0: EnforceCore failed, which stderr says. */
int eval_play(struct eval *eval, size_t index, enum eval_outcome *ret_outcome);

#endif
