/* SPDX-License-Identifier: Apache-2.0 */
/* compile_impl.h - what the files that compile a policy share; nobody else's. */
#ifndef EC_COMPILE_IMPL_H
#define EC_COMPILE_IMPL_H

#include "compile.h"

struct compiler {
	const struct policy *policy;
	const struct policy_env *env;
	const struct policy_load_options *options;
	struct policy_diag *diag;
	uint32_t words_max;
	struct nfa *nfa;
	bool writable_ready;
	struct automaton writable; /* what the policy lets the agent write */
	uint16_t withins;	   /* ceilings added: ids rise with the tools */
	/* the pattern being added */
	uint32_t rule;
	enum ec_op op;
	enum ec_class class;
	struct glob_accept accept;
	bool planted;
};

static inline const struct policy_rule *compile_rule(const struct compiler *c)
{
	return &c->policy->rules[c->rule];
}

__attribute__((format(printf, 2, 3))) void compile_warn(struct compiler *c, const char *format,
							...);
/* Returns error. */
int compile_refuse(struct compiler *c, int error, const char *problem);
/* Sets c->planted when the agent could put another link at path, or rename a directory above
 * it; ctx is the compiler. */
int compile_check_link(void *ctx, const char *path);
/* The pattern being added, as paths or as endpoints. */
int compile_path(struct compiler *c, const char *pattern);
int compile_endpoint(struct compiler *c, const char *pattern);

#endif
