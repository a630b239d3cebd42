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
	/* of the object's label: a never rule that names it by another path, 0 = none */
	uint32_t node_rule, node_ops;
	size_t len;
	char string[ASK_STRING_MAX];
};

/* "read /etc/shadow", "connect 10.0.0.1:443", "connect unix:/run/x.sock",
 * "listen unix:@name", "load /usr/lib/x.so", "privilege mount". A path may
 * start with ~/ or ./, as in a pattern; it is followed through the symbolic links of env, as an open would. -EINVAL,
 * -ENAMETOOLONG, -ELOOP fill *ret_diag. */
int effect_parse(const char *text, const struct policy_env *env, struct effect_asked *ret_effect,
		 struct policy_diag *ret_diag);
/* The effect on one address (ENDPOINT_INET) of its operation. */
struct endpoint;
void effect_at(struct effect_asked *effect, const struct endpoint *inet);

struct answer {
	enum ec_verdict verdict;
	enum ec_reason reason;
	uint32_t rule; /* 0: none decided */
};
/* call: NULL when none is open. tripped: bit f: flow f is. */
struct answer ask(const struct policy *policy, const struct automaton *image,
		  const struct policy_call *call, uint32_t tripped,
		  const struct effect_asked *effect);

/* A person's question, and what it is asked about. */
struct asker {
	const struct policy *policy;
	const struct policy_env *env;
	const struct automaton *image;	 /* policy_compile */
	const struct policy_node *nodes; /* policy_never_nodes */
	size_t nodes_len;
	uint32_t tripped; /* bit f: flow f is */
};
/* effect_parse and ask for an effect as it would happen here: an object that
 * exists has its label, and the name of a host is what the agent looked up, or
 * every address that /etc/hosts gives it. Of several answers the first refusal
 * counts; *ret_effect is what it is about. */
int ask_text(const struct asker *asker, const struct policy_call *call, const char *text,
	     struct effect_asked *ret_effect, struct answer *ret_answer,
	     struct policy_diag *ret_diag);
/* The flows that are tripped once "read secret" has happened: an operation and a
 * label, or a label alone. 0: there is none. */
uint32_t ask_flows(const struct policy *policy, const char *after);
/* What comes behind the operation, as effect_parse reads it. to has at least
 * ASK_TEXT_MAX bytes. */
#define ASK_TEXT_MAX (ASK_STRING_MAX + 32u)
void effect_print_target(const struct effect_asked *effect, char *to);

/* "read", "write", … */
const char *ask_op(enum ec_op op);
/* "never", "undeclared", …, as in a trail. */
const char *ask_reason(enum ec_reason reason);
const char *ask_verdict(enum ec_verdict verdict);

#endif
