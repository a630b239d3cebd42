/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - an answer in words: the verdict, the rule that decides, and what
 * would have to change. */
#ifndef EC_EXPLAIN_H
#define EC_EXPLAIN_H

#include <argp.h>

#include "policy_file.h"

enum explain_status {
	EXPLAIN_PERMITTED = 0, /* also in observe mode, which only records */
	EXPLAIN_REFUSED = 1,
	EXPLAIN_UNUSABLE = 2,
	EXPLAIN_ASKS = 3, /* somebody has to approve the call first, or guards call it safe */
};

/* The input of explain_argp. */
struct explain_words {
	const char *effect;
	const char *tripped[EC_MAX_FLOWS]; /* ask_flows */
	size_t tripped_len;
};
/* -e, --tripped: a child of a command's own parser. */
extern const struct argp explain_argp;

/* Answers on stdout; call and tool are NULL when none is open. */
enum explain_status explain_effect(struct policy_file *file, const struct policy_call *call,
				   const char *tool, const struct explain_words *words);

#endif
