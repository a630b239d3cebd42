/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guards.h - asks guards about calls, without waiting: whoever asked is told later,
 * from the loop. Bounded in questions, in requests to each guard, in time, and in what
 * it remembers.
 */
#ifndef EC_GUARDS_H
#define EC_GUARDS_H

#include "policy/declare/declare.h"

struct event_base;
struct guards;

/* Questions at once; as many calls may wait (APPROVALS_MAX). */
#define GUARDS_QUESTIONS_MAX 32u

/* What they said, in the order of the question; `said` is 0 of one that was not waited
 * for, since another had said no. The question is over. */
typedef void guards_answered(void *ctx, uint64_t number, const struct declare_guarded *verdicts,
			     size_t len);

int guards_new(struct event_base *base, guards_answered *answered, void *ctx,
	       struct guards **ret_guards);
/* Nobody is told any more. NULL is fine. */
void guards_free(struct guards *guards);

/* 0: all of it was known, ret_verdicts[len] has it. 1: *ret_number will be answered. Errors:
 * *ret_why says why nobody can be asked; -E2BIG, -EMFILE: by the agent's doing. args: JSON, NULL: none. Nothing of it is kept. */
struct guards_question {
	const struct policy_guard *const *guards;
	size_t len; /* 1 to POLICY_GUARDS_OF_CALL */
	const char *tool, *args;
};
int guards_ask(struct guards *guards, const struct guards_question *question,
	       struct declare_guarded *ret_verdicts, uint64_t *ret_number, const char **ret_why);
/* Nobody waits for it any more; nobody is told. */
void guards_cancel(struct guards *guards, uint64_t number);
size_t guards_waiting(const struct guards *guards); /* questions that are not over */

#endif
