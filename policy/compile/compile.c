// SPDX-License-Identifier: Apache-2.0
/*
 * compile.c - the whole policy as one automaton.
 *
 * A pattern is added as written, and once more with the symbolic links in its
 * literal part followed, because the kernel sees objects, not the names that
 * led to them. Where the agent itself could replace such a link, following it
 * would let it choose what the rule means: then an allow rule is left as
 * written; a never rule is always followed too.
 */
#include "compile_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/diag.h"
#include "policy/automaton/match.h"
#include "resolve.h"
#include "policy/call/template.h"

static int add_writable(struct compiler *c);

void compile_warn(struct compiler *c, const char *format, ...)
{
	struct policy_diag warning;
	char text[sizeof(warning.text)];
	va_list args;

	if (!c->options || !c->options->warn)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diag_set(&warning, compile_rule(c)->file, compile_rule(c)->line, compile_rule(c)->column, 0,
		 "%s", text);
	c->options->warn(c->options->ctx, &warning);
}

int compile_refuse(struct compiler *c, int error, const char *problem)
{
	return diag_set(c->diag, compile_rule(c)->file, compile_rule(c)->line,
			compile_rule(c)->column, error, "pattern \"%.200s\" %s",
			compile_rule(c)->pattern, problem);
}

/* Could the agent put another link here, or rename a directory above it? */
int compile_check_link(void *ctx, const char *path)
{
	struct compiler *c = ctx;
	uint32_t state;
	int r;

	if (!c->writable_ready && (r = add_writable(c)) < 0)
		return r;
	state = c->writable.start;
	for (size_t i = 0; path[i]; i++) {
		state = match_run(&c->writable, state, path + i, 1);
		if ((!path[i + 1] || path[i + 1] == '/') &&
		    match_at(&c->writable, state, EC_OP_BIT(EC_OP_WRITE), 0, 0).writable)
			c->planted = true;
	}
	return 0;
}

static bool in_proc(const char *path)
{
	return resolve_is_below(path, "/proc");
}

/* The pattern with its links followed, when that is another one. */
static int add_alias(struct compiler *c, const char *canonical)
{
	bool always = c->class == EC_CLASS_NEVER || c->class == EC_CLASS_WRITABLE ||
		      c->class == EC_CLASS_TRIP;
	struct resolve_watch watch = { .link = compile_check_link, .ctx = c };
	char literal[GLOB_TEXT_MAX], alias[2 * GLOB_TEXT_MAX];
	const char *rest = glob_literal(canonical, literal);
	struct resolved to;
	int r;

	if (!literal[0] || in_proc(literal))
		return 0;
	c->planted = false;
	r = resolve_path(c->env, literal, always ? NULL : &watch, &to);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || to.own || in_proc(to.path) || !strcmp(to.path, literal))
		return 0;
	if (c->planted) {
		compile_warn(
			c,
			"%s leads to %s over a link that the policy lets the agent replace; only "
			"the path as written is permitted",
			literal, to.path);
		return 0;
	}
	if (!glob_escape(to.path, alias, GLOB_TEXT_MAX))
		return compile_refuse(c, -E2BIG, "is too long once its links are followed");
	if (!strcmp(alias, "/") && *rest)
		alias[0] = '\0';
	strcat(alias, rest);
	glob_add(c->nfa, alias, &c->accept);
	return 0;
}

static int add_path_one(void *ctx, const char *text)
{
	struct compiler *c = ctx;
	char canonical[GLOB_TEXT_MAX], cwd[RESOLVE_PATH_MAX + 1];
	struct glob_places places = resolve_places(c->env, text, cwd);
	const char *problem;
	int r = glob_canonical(text, &places, canonical, &problem);

	if (r < 0)
		return compile_refuse(c, r, problem);
	glob_add(c->nfa, canonical, &c->accept);
	return c->nfa->error ? c->nfa->error : add_alias(c, canonical);
}

int compile_path(struct compiler *c, const char *pattern)
{
	const char *problem;
	int r = glob_braces(pattern, add_path_one, c, &problem);

	return r < 0 && problem ? compile_refuse(c, r, problem) : r;
}

static int add_rule(struct compiler *c, enum ec_class class, enum ec_op op, uint16_t id,
		    uint32_t rule)
{
	c->rule = rule;
	c->op = op;
	c->class = class;
	c->accept = compile_accept(class, op, id, rule);
	if (op == EC_OP_CONNECT || op == EC_OP_LISTEN)
		return compile_endpoint(c, compile_rule(c)->pattern);
	return compile_path(c, compile_rule(c)->pattern);
}

/* Patterns without arguments; those with some are added call by call. */
static int add_patterns(struct compiler *c, enum ec_class class, enum ec_op op, uint16_t id,
			const struct patterns *patterns)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < patterns->len; i++)
		if (!template_is_one(c->policy->rules[patterns->first + i].pattern))
			r = add_rule(c, class, op, id, patterns->first + i);
	return r;
}

static int add_grants(struct compiler *c, enum ec_class class, uint16_t id,
		      const struct grants *grants)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < MODEL_OPS; i++)
		r = add_patterns(c, class, MODEL_OP(i), id, &grants->op[i]);
	return r;
}

/* --- what the policy lets the agent write --- */

/* A template without a ceiling may come to anything below its directory. */
static int add_writable_template(struct compiler *c, uint32_t rule)
{
	char dir[GLOB_TEXT_MAX / 4], escaped[GLOB_TEXT_MAX];
	const char *problem = NULL;
	struct template t;

	c->rule = rule;
	c->op = EC_OP_WRITE;
	c->class = EC_CLASS_WRITABLE;
	c->accept = compile_accept(EC_CLASS_WRITABLE, EC_OP_WRITE, 0, rule);
	if (template_parse(compile_rule(c)->pattern, &t, &problem) < 0)
		return compile_refuse(c, -EINVAL, problem);
	template_directory(&t, dir, sizeof(dir));
	if (!glob_escape(dir, escaped, sizeof(escaped) - 4))
		return compile_refuse(c, -E2BIG, "is too long");
	return compile_path(c, strcat(escaped, "/**"));
}

static int add_writable_tool(struct compiler *c, const struct tool *tool)
{
	const struct patterns *writes = &tool->grants.op[MODEL_INDEX(EC_OP_WRITE)];
	bool has_templates = false;
	int r = add_patterns(c, EC_CLASS_WRITABLE, EC_OP_WRITE, 0, writes);

	for (uint32_t i = 0; r == 0 && i < writes->len; i++) {
		if (!template_is_one(c->policy->rules[writes->first + i].pattern))
			continue;
		has_templates = true;
		if (!tool->has_within)
			r = add_writable_template(c, writes->first + i);
	}
	if (r == 0 && has_templates && tool->has_within)
		r = add_patterns(c, EC_CLASS_WRITABLE, EC_OP_WRITE, 0, &tool->within);
	return r;
}

static int add_all_writable(struct compiler *c)
{
	const struct policy *policy = c->policy;
	int r = add_patterns(c, EC_CLASS_WRITABLE, EC_OP_WRITE, 0,
			     &policy->baseline.op[MODEL_INDEX(EC_OP_WRITE)]);

	for (size_t i = 0; r == 0 && i < policy->tools_len; i++)
		r = add_writable_tool(c, &policy->tools[i]);
	return r;
}

/* An automaton of its own, made when the first link is met. */
static int add_writable(struct compiler *c)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	struct compiler sub = *c;
	int r;

	sub.nfa = &nfa;
	r = add_all_writable(&sub);
	if (r == 0)
		r = compile_image(c->policy, &nfa, EC_ARENA_WORDS, &c->writable, c->diag);
	c->writable_ready = r == 0;
	return r;
}

static int add_tool(struct compiler *c, const struct tool *tool)
{
	int r = add_grants(c, EC_CLASS_TOOL, tool->id, &tool->grants);

	if (r < 0 || tool->within_id <= c->withins)
		return r;
	c->withins = tool->within_id;
	return add_patterns(c, EC_CLASS_WITHIN, EC_OP_READ, tool->within_id, &tool->within);
}

/* Of paths and endpoints, those that this operation is about. */
static int add_either(struct compiler *c, enum ec_class class, enum ec_op op, uint16_t id,
		      const struct patterns *patterns)
{
	bool path = op != EC_OP_CONNECT && op != EC_OP_LISTEN;
	int r = 0;

	for (uint32_t rule = patterns->first; r == 0 && rule < patterns->first + patterns->len;
	     rule++)
		if (model_is_path(c->policy->rules[rule].pattern) == path)
			r = add_rule(c, class, op, id, rule);
	return r;
}

static int add_flow(struct compiler *c, uint16_t id, const struct flow *flow)
{
	int r = add_either(c, EC_CLASS_TRIP, flow->after, id, &flow->label->patterns);

	for (size_t i = 0; r == 0 && i < MODEL_OPS; i++)
		if (flow->deny & EC_OP_BIT(MODEL_OP(i)))
			r = add_either(c, EC_CLASS_EXCEPT, MODEL_OP(i), id, &flow->except);
	return r;
}

/* The agent runs our own program to declare its calls, so every policy permits
 * that, unless it also lets the agent write it. */
static int add_own(struct compiler *c)
{
	char escaped[GLOB_TEXT_MAX];

	c->rule = c->policy->own_rule;
	if (!c->env->own || !c->rule || !glob_escape(c->env->own, escaped, sizeof(escaped)))
		return 0;
	c->planted = false;
	int r = compile_check_link(c, c->env->own);

	if (r < 0)
		return r;
	if (c->planted) {
		compile_warn(c, "the policy lets the agent write %s, so it may not run it",
			     c->env->own);
		return 0;
	}
	c->op = EC_OP_EXEC;
	c->class = EC_CLASS_BASELINE;
	c->accept = compile_accept(EC_CLASS_BASELINE, EC_OP_EXEC, 0, c->rule);
	glob_add(c->nfa, escaped, &c->accept);
	return c->nfa->error;
}

static int add_policy(struct compiler *c)
{
	const struct policy *policy = c->policy;
	int r;

	if ((r = add_grants(c, EC_CLASS_NEVER, 0, &policy->never)) < 0 ||
	    (r = add_grants(c, EC_CLASS_BASELINE, 0, &policy->baseline)) < 0)
		return r;
	for (size_t i = 0; i < policy->tools_len; i++)
		if ((r = add_tool(c, &policy->tools[i])) < 0)
			return r;
	for (size_t i = 0; i < policy->flows_len; i++)
		if ((r = add_flow(c, (uint16_t)i, &policy->flows[i])) < 0)
			return r;
	r = add_own(c);
	return r < 0 ? r : add_all_writable(c);
}

int policy_compile(const struct policy *policy, const struct policy_env *env, uint32_t words_max,
		   const struct policy_load_options *options, struct automaton *ret_automaton,
		   struct policy_diag *ret_diag)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	struct compiler c = {
		.policy = policy,
		.env = env,
		.options = options,
		.diag = ret_diag,
		.words_max = words_max,
		.nfa = &nfa,
	};
	int r = add_policy(&c);

	automaton_done(&c.writable);
	if (r == -ENOMEM)
		diag_set(ret_diag, policy->file, 0, 0, r, "out of memory");
	return r < 0 ? r : compile_image(policy, &nfa, words_max, ret_automaton, ret_diag);
}
