/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declare.h - a declared call against the rules of its policy, and what comes
 * of it: its result, its cost. The order is that of COMPAT: name, size, tool
 * lists, rules of arguments, content, domains, rates, sensitivity, cost.
 */
#ifndef EC_DECLARE_H
#define EC_DECLARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

enum declare_verdict {
	DECLARE_ALLOW = 1,
	DECLARE_DENY,
	DECLARE_ASK,   /* somebody has to approve it first */
	DECLARE_GUARD, /* its guards have to say first whether it is safe */
};

struct declare_answer {
	enum declare_verdict verdict;
	/* One of the violation types of COMPAT ("rate_limit"), NULL: there is none. */
	const char *violation;
	char reason[512]; /* a sentence; never text of an argument or result */
	char place[320];  /* of the rule, "file:line:column", or "" */
	uint32_t rule;	  /* policy_rule(), 0 = it has none */
	uint32_t ask_timeout_ms;
	/* DECLARE_ALLOW, and the rest says what would have refused it: the policy
	 * or the session observes, or the rule only logs. */
	bool would_deny;
};

/* What a session has done so far: calls in their windows, money. At most
 * 16 MiB, whatever the agent does. */
struct declare_state;
int declare_state_new(const struct policy *policy, struct declare_state **ret_state);
void declare_state_free(struct declare_state *state); /* NULL is fine */
/* Another policy takes over; what was counted stays counted. -ENOMEM: nothing has changed. */
int declare_state_replace(struct declare_state *state, const struct policy *policy);
/* The same as a state of its own, for whoever may yet stay with the old one. */
int declare_state_next(const struct declare_state *state, const struct policy *policy,
		       struct declare_state **ret_state);

/* What a guard said of a call. */
enum declare_said {
	DECLARE_SAFE = 1,
	DECLARE_UNSAFE,
	DECLARE_FAILED, /* nothing that is a verdict */
};
struct declare_guarded {
	enum declare_said said;
	bool opens;	     /* its policy lets a call open that it gives no verdict of */
	bool refuses;	     /* of DECLARE_FAILED: the agent's doing, which opens nothing */
	bool cached;	     /* of an earlier call with the same arguments */
	uint32_t ms;	     /* from the question to this */
	char guard[65];	     /* its name */
	char categories[96]; /* of DECLARE_UNSAFE: what it calls them, "" = it does not say */
	char why[96];	     /* of DECLARE_FAILED */
};

struct declare_call {
	const char *tool;
	const struct cJSON *args; /* an object, or NULL */
	uint64_t now_ns;	  /* CLOCK_BOOTTIME */
	bool approved;		  /* DECLARE_ASK has been answered */
	/* DECLARE_GUARD has: one for each of policy_guards_of(), in that order */
	const struct declare_guarded *guarded;
	size_t guarded_len; /* 0: not yet */
	bool guards_waived; /* they are not asked */
	bool observes;	    /* refuse nothing, as under a policy that observes */
};
/* Judges and counts nothing. state: of this policy; NULL: nothing has been done
 * so far. Returns 0 and fills *ret_answer, or a negative errno: no answer, and
 * so no call. The tool's windows of time and what its arguments grant are
 * policy_call_compile's. */
int declare_check(const struct policy *policy, const struct declare_state *state,
		  const struct declare_call *call, struct declare_answer *ret_answer);
/* Counts a call that happens, towards rates and cost. */
void declare_count(struct declare_state *state, const struct declare_call *call);

/* declare_check and policy_call_compile, which is all that a declaration goes
 * through. 0: allowed, *ret_call is to be opened; *ret_answer may have
 * would_deny. -EACCES: refused, -EINPROGRESS: somebody has to approve it first, or
 * guards have to look at it (the verdict says which), others: no answer; *ret_answer says why each time. */
struct declare_context {
	const struct policy *policy;
	const struct policy_env *env;
	const struct automaton *image;
	const struct declare_state *state;
	/* told of every grant as by policy_call_compile_told; may be NULL */
	int (*each)(void *ctx, const struct policy_grant *grant);
	void *each_ctx;
};
int declare_compile(const struct declare_context *context, const struct declare_call *call,
		    uint32_t words_max, struct policy_call *ret_call,
		    struct declare_answer *ret_answer);

/* What the agent says it has spent. -EINVAL: not a number from 0. */
int declare_add_cost(struct declare_state *state, double usd);
double declare_cost(const struct declare_state *state); /* USD, so far */

/* What a call gave. Its usage counts towards cost, whatever the answer is. */
struct declare_output {
	const char *tool;
	const struct cJSON *result;
	size_t len; /* of its JSON as it came; 0: it is measured here */
	bool observes;
};
int declare_result(const struct policy *policy, struct declare_state *state,
		   const struct declare_output *output, struct declare_answer *ret_answer);
/* Has it rules of results at all? */
bool policy_judges_results(const struct policy *policy);
/* The budget is spent: no call that costs anything is allowed any more, and the
 * agent's connections are to be closed. note says so. */
bool declare_spent(const struct policy *policy, const struct declare_state *state, char *note,
		   size_t note_len);

/* Limits that others hold: of the agent's memory in bytes, 0 = none; of the
 * time of one call, 0 = none (policy_call_compile holds it). */
uint64_t policy_memory_max(const struct policy *policy);
uint32_t policy_call_max_ms(const struct policy *policy);

#endif
