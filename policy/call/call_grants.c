// SPDX-License-Identifier: Apache-2.0
/* call_grants.c - what a declared call would be granted, for people. */
#include <stdio.h>

#include "call.h"

int call_granted(struct caller *c, const char *pattern)
{
	struct policy_grant grant = {
		.op = c->op, .rule = c->rule, .text = (uint32_t)c->texts, .pattern = pattern
	};
	char socket[GLOB_TEXT_MAX + RESOLVE_PATH_MAX];

	if (!c->granted)
		return 0;
	if (c->op > EC_OP_EXEC && pattern[0] == '/') {
		snprintf(socket, sizeof(socket), "unix:%s", pattern);
		grant.pattern = socket;
	}
	return c->granted(c->granted_ctx, &grant);
}

/* A template has been filled; the other patterns are grants as written. */
static int tell_static(struct caller *c)
{
	int r = 0;

	c->texts = 0;
	for (size_t i = 0; i < MODEL_OPS; i++) {
		const struct patterns *p = &c->tool->grants.op[i];

		c->op = MODEL_OP(i);
		for (uint32_t j = 0; r == 0 && j < p->len; j++) {
			c->rule = p->first + j;
			if (!template_is_one(c->policy->rules[c->rule].pattern))
				r = call_granted(c, c->policy->rules[c->rule].pattern);
		}
	}
	return r;
}

static int tell_ceiling(struct caller *c)
{
	const struct patterns *within = &c->tool->within;
	struct policy_grant none = { .pattern = "" }, ceiling = { 0 };
	int r = 0;

	if (!c->tool->has_within)
		return 0;
	if (!within->len)
		return c->granted(c->granted_ctx, &none);
	for (uint32_t j = 0; r == 0 && j < within->len; j++) {
		ceiling.rule = within->first + j;
		ceiling.pattern = c->policy->rules[ceiling.rule].pattern;
		r = c->granted(c->granted_ctx, &ceiling);
	}
	return r;
}

int policy_call_grants(const struct policy *policy, const struct policy_env *env,
		       const struct automaton *policy_image, const char *tool,
		       const struct cJSON *args,
		       int (*each)(void *ctx, const struct policy_grant *grant), void *ctx,
		       struct policy_diag *ret_diag)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	struct policy_diag unused = { 0 };
	struct policy_call call = { 0 };
	struct caller c = {
		.policy = policy,
		.env = env,
		.image = policy_image,
		.tool = model_tool(policy, tool),
		.args = args,
		.diag = ret_diag ? ret_diag : &unused,
		.nfa = &nfa,
		.granted = each,
		.granted_ctx = ctx,
	};
	int r = call_compile(&c, POLICY_CALL_WORDS_MAX, &call);

	policy_call_done(&call);
	if (r < 0 || !c.tool)
		return r;
	r = tell_static(&c);
	return r < 0 ? r : tell_ceiling(&c);
}
