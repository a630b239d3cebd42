/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * verdict.h - the decision, free of maps, so that the very same lines run in
 * the kernel, in unit tests and under the fuzzer. The caller gives the arena
 * as an array of EC_ARENA_WORDS words (userspace: an image, see mask).
 */
#ifndef EC_VERDICT_H
#define EC_VERDICT_H

#include "rule.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* One byte through the automaton. mask + 1 is a power of two no larger than
 * the array, so that no table content can lead outside it. */
static __always_inline __u32 ec_step(const __u64 *arena, __u32 mask, __u32 state, __u8 byte)
{
	__u64 row = arena[state & mask];
	__u64 next = arena[(EC_STATE_BASE(row) + byte) & mask];

	return EC_NEXT_OWNER(next) == state ? EC_NEXT_STATE(next) : EC_STATE_DEFAULT(row);
}

/* The same without a branch, of which the verifier would follow both ways for each byte
 * of a loop: default and next state are both the high half of their words. */
static __always_inline __u32 ec_step_even(const __u64 *arena, __u32 mask, __u32 state, __u8 byte)
{
	__u64 row = arena[state & mask];
	__u64 next = arena[(EC_STATE_BASE(row) + byte) & mask];
	__s64 owned = (__s64)((__u64)(EC_NEXT_OWNER(next) ^ state) - 1) >> 63; /* all bits */

	__asm__("" : "+r"(owned)); /* or the compiler makes a branch of it */
	return EC_NEXT_STATE(row ^ ((row ^ next) & (__u64)owned));
}

enum ec_verdict {
	EC_VERDICT_ALLOW = 1,
	EC_VERDICT_DENY = 2,
	EC_VERDICT_WOULD_DENY = 3,
};

/* Why, in the order of the decision (DESIGN: deny never, quarantine; allow
 * baseline, call; else undeclared). */
enum ec_reason {
	EC_REASON_NEVER = 1,
	EC_REASON_QUARANTINE = 2,
	EC_REASON_BASELINE = 3,
	EC_REASON_CALL = 4,
	EC_REASON_UNDECLARED = 5,
	EC_REASON_DOUBT = 6,	 /* it could not be told what this is */
	EC_REASON_PRIVILEGE = 7, /* a privilege that `allow` does not list */
	EC_REASON_INTERNAL = 8,	 /* the kernel's own layered access, allowed */
	EC_REASON_WRITABLE = 9,	 /* loading what the policy lets the agent write */
	EC_REASON_ORPHAN = 10,	 /* the task's agent is gone */
	EC_REASON_FLOW = 11,	 /* a flow rule is tripped */
	EC_REASON_BUDGET = 12,	 /* a budget of the session is spent */
	EC_REASON_RESOLVER = 13, /* a look-up, led to the agent's resolver */
};

/* What one accept list says about one operation, rules 0 when it says nothing. */
struct ec_match {
	__u32 never;
	__u32 baseline;
	__u32 writable;
	__u32 tool;
	__u32 within;
	__u32 call;
	__u32 trips;   /* bit f: flow f */
	__u32 excepts; /* bit f: flow f */
};

/* Adds one entry of an accept list. Of several rules the first counts. */
static __always_inline void ec_match_entry(struct ec_match *m, __u64 entry, __u32 ops, __u32 tool,
					   __u32 within)
{
	__u32 rule = EC_ACCEPT_RULE(entry);
	__u32 id = EC_ACCEPT_ID(entry);

	if (!(EC_ACCEPT_OPS(entry) & ops))
		return;
	switch (EC_ACCEPT_CLASS(entry)) {
	case EC_CLASS_NEVER:
		if (!m->never)
			m->never = rule;
		break;
	case EC_CLASS_BASELINE:
		if (!m->baseline)
			m->baseline = rule;
		break;
	case EC_CLASS_WRITABLE:
		if (!m->writable)
			m->writable = rule;
		break;
	case EC_CLASS_TOOL:
		if (id == tool && !m->tool)
			m->tool = rule;
		break;
	case EC_CLASS_WITHIN:
		if (id == within && !m->within)
			m->within = rule;
		break;
	case EC_CLASS_CALL:
		if (!m->call)
			m->call = rule;
		break;
	case EC_CLASS_TRIP:
		m->trips |= 1u << (id & 31);
		break;
	case EC_CLASS_EXCEPT:
		m->excepts |= 1u << (id & 31);
		break;
	}
}

/* A call's grant counts only below its tool's ceiling. `policy` is the match
 * of the policy's automaton for this call's tool and ceiling, `own` that of
 * the call's automaton. Returns the granting rule or 0. */
static __always_inline __u32 ec_call_grants(const struct ec_match *policy,
					    const struct ec_match *own, __u32 within)
{
	if (within && !policy->within)
		return 0;
	return policy->tool ? policy->tool : own->call;
}

/* What flows say together: those of `which`. */
struct ec_flow_sum {
	__u32 which; /* bit f: flow f */
	__u32 asked; /* operations */
	__u32 rule;  /* of the first that refuses any of them, or 0 */
	__u32 ops;   /* that they refuse */
	__u32 carry; /* flows of the other generation that they carry on to */
};

/* carry is read by force: the controller may be writing it. */
static __always_inline void ec_flow_add(struct ec_flow_sum *sum, const struct ec_flow *flow,
					__u32 i)
{
	if (!(sum->which >> i & 1))
		return;
	if (!sum->rule && flow->ops & sum->asked)
		sum->rule = flow->rule;
	sum->ops |= flow->ops;
	sum->carry |= *(const volatile __u32 *)&flow->carry;
}

#ifndef __bpf__ /* where bpf/decide.bpf.c has a callback, which the verifier looks at once */
/* The rule of the first tripped flow that refuses ops and does not except
 * them, or 0. */
static inline __u32 ec_flow_refuses(const struct ec_flow *flows, __u32 tripped, __u32 excepts,
				    __u32 ops)
{
	struct ec_flow_sum sum = { .which = tripped & ~excepts, .asked = ops };
	__u32 i;

	for (i = 0; i < EC_MAX_FLOWS; i++)
		ec_flow_add(&sum, &flows[i], i);
	return sum.rule;
}
#endif

#endif
