/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - between the order of the rules and each of them. */
#ifndef EC_DECLARE_JUDGE_H
#define EC_DECLARE_JUDGE_H

#include "declare.h"
#include "rules.h"
#include "texts.h"

struct judge {
	const struct policy *policy;
	const struct declare_rules *rules;
	const struct declare_state *state; /* NULL: nothing has been done */
	const char *tool;
	char folded[FOLD_LEN];
	const struct cJSON *value; /* arguments, or a result */
	bool is_result;
	uint64_t now_ns;
	bool approved;
	const struct declare_guarded *guarded;
	size_t guarded_len;
	bool guards_waived;
	bool observes;
	struct declare_answer *answer;
};

/*
 * Each rule returns 0: the next one is asked; 1: the answer stands; or a
 * negative errno. These say which, of a rule that is broken; the first one that
 * is only recorded keeps its sentence, and a refusal beats that.
 */
__attribute__((format(printf, 4, 5))) int judge_refuse(struct judge *j, const char *violation,
						       uint32_t rule, const char *format, ...);
__attribute__((format(printf, 4, 5))) int judge_log(struct judge *j, const char *violation,
						    uint32_t rule, const char *format, ...);
/* Kept for the end: what another rule refuses nobody needs to approve. */
__attribute__((format(printf, 4, 5))) int judge_ask(struct judge *j, const char *violation,
						    uint32_t rule, const char *format, ...);
/* "argument path", "the result", "the arguments". to has JUDGE_WHAT bytes. */
#define JUDGE_WHAT 80u
const char *judge_what(const struct judge *j, const struct text *text, char *to);

/* Before anybody is asked to approve it: the guards have to be. */
__attribute__((format(printf, 3, 4))) int judge_guard(struct judge *j, uint32_t rule,
						      const char *format, ...);
int content_check(struct judge *j);
int domains_check(struct judge *j);
int rates_check(struct judge *j);
int labels_check(struct judge *j);
int cost_check(struct judge *j);
int guards_check(struct judge *j);

#endif
