/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - an answer in words: the verdict, the rule that decides, and what
 * would have to change. */
#ifndef EC_EXPLAIN_H
#define EC_EXPLAIN_H

#include "policy_file.h"

enum explain_status {
	EXPLAIN_PERMITTED = 0, /* also in observe mode, which only records */
	EXPLAIN_REFUSED = 1,
	EXPLAIN_UNUSABLE = 2
};

/* Answers on stdout; call and tool are NULL when none is open. */
enum explain_status explain_effect(struct policy_file *file, const struct policy_call *call,
				   const char *tool, const char *effect);

#endif
