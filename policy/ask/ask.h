/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.h - what the kernel would say to an effect, without a kernel: the same
 * automaton, the same functions (bpf/verdict.h), the order of
 * bpf/decide.bpf.c.
 */
#ifndef EC_ASK_H
#define EC_ASK_H

#include "bpf/verdict.h"
#include "policy/policy.h"

/* The bytes that the sensor would present. */
#define ASK_STRING_MAX 4200u
struct effect_asked {
	enum ec_op op;
	uint32_t priv; /* EC_OP_PRIV */
	size_t len;
	char string[ASK_STRING_MAX];
};

/* "read /etc/shadow", "connect 10.0.0.1:443", "connect unix:/run/x.sock",
 * "listen unix:@name", "load /usr/lib/x.so", "privilege mount". A path may
 * start with ~/ or ./, as in a pattern; it is followed through the symbolic links of env, as an open would. -EINVAL,
 * -ENAMETOOLONG, -ELOOP fill *ret_diag. */
int effect_parse(const char *text, const struct policy_env *env, struct effect_asked *ret_effect,
		 struct policy_diag *ret_diag);

struct answer {
	enum ec_verdict verdict;
	enum ec_reason reason;
	uint32_t rule; /* 0: none decided */
};
/* call: NULL when none is open. tripped: bit f: flow f is. */
struct answer ask(const struct policy *policy, const struct automaton *image,
		  const struct policy_call *call, uint32_t tripped,
		  const struct effect_asked *effect);
/* "never", "undeclared", …, as in a trail. */
const char *ask_reason(enum ec_reason reason);
const char *ask_verdict(enum ec_verdict verdict);

#endif
