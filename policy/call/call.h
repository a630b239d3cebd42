/* SPDX-License-Identifier: Apache-2.0 */
/* call.h - shared by the parts of the compilation of one call. */
#ifndef EC_CALL_H
#define EC_CALL_H

#include <cjson/cJSON.h>

#include "policy/compile/compile.h"
#include "policy/compile/resolve.h"
#include "template.h"

/* Paths and endpoints that the arguments of one call may name. */
#define CALL_TEXTS_MAX 1024u
/* Of one filled-in text, before it is looked at. */
#define CALL_TEXT_MAX (2 * RESOLVE_PATH_MAX)

struct caller {
	const struct policy *policy;
	const struct policy_env *env;
	const struct automaton *image;
	const struct tool *tool;
	const cJSON *args;
	struct policy_diag *diag;
	struct nfa *nfa;
	size_t texts;
	/* told of every grant, may be NULL */
	int (*granted)(void *ctx, const struct policy_grant *grant);
	void *granted_ctx;
	/* the template being filled */
	uint32_t rule;
	enum ec_op op;
	struct template template;
	char text[CALL_TEXT_MAX];	/* up to and with the last argument */
	bool is_static[CALL_TEXT_MAX];	/* which bytes of it the policy wrote */
	char rest[GLOB_TEXT_MAX];	/* pattern text behind it */
	char dir[RESOLVE_PATH_MAX + 1]; /* static directory, "" = none */
};

/* A refusal in words for the agent; returns -EACCES. */
__attribute__((format(printf, 2, 3))) int call_refuse(struct caller *c, const char *format, ...);

/* All of the call; c->policy, env, image, tool, args, diag and nfa are set. */
int call_compile(struct caller *c, uint32_t words_max, struct policy_call *ret_call);
/* Tells c->granted, if there is one. */
int call_granted(struct caller *c, const char *pattern);

/* Grants the path in c->text with c->rest behind it. */
int call_path(struct caller *c);
/* Grants the endpoint in c->text and c->rest. */
int call_endpoint(struct caller *c);

#endif
