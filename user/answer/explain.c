// SPDX-License-Identifier: Apache-2.0
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "declared.h"
#include "policy/automaton/glob.h"
#include "policy/automaton/match.h"
#include "policy/text/model.h"
#include "user/learn/quote.h"

/* Tools named as ways to declare an effect. */
#define TOOLS_NAMED 3

struct refusal {
	const struct asker *asker;
	const struct policy_call *call;
	const char *tool;
	const struct effect_asked *effect;
	const char *op;	    /* the operation whose rule would permit it */
	const char *target; /* as a pattern */
};

static bool is_path(const struct refusal *r)
{
	return r->effect->string[0] == '/' && r->effect->op != EC_OP_CONNECT &&
	       r->effect->op != EC_OP_LISTEN;
}

static void put_target(const struct refusal *r, const char *after)
{
	quote_put(r->target, stdout);
	printf("%s\n", after);
}

/* Would it be granted to a call of these ids, if it had no arguments? */
static bool grants(const struct refusal *r, const struct policy_call *call)
{
	return ask(r->asker->policy, r->asker->image, call, 0, r->effect).reason == EC_REASON_CALL;
}

static bool lies_within(const struct refusal *r, const struct tool *tool)
{
	const struct asker *asker = r->asker;
	uint32_t state = match_run(asker->image, asker->image->start, r->effect->string,
				   r->effect->len);
	struct ec_match match;

	if (!tool->has_within || !is_path(r))
		return true;
	/* loading is reading */
	match = match_at(asker->image, state,
			 EC_OP_BIT(r->effect->op == EC_OP_LOAD ? EC_OP_READ : r->effect->op), 0,
			 tool->within_id);
	return match.within;
}

static bool takes_argument(const struct refusal *r, const struct tool *tool)
{
	enum ec_op op = r->effect->op == EC_OP_LOAD ? EC_OP_READ : r->effect->op;
	const struct patterns *p = &tool->grants.op[MODEL_INDEX(op)];

	for (uint32_t i = 0; i < p->len; i++)
		if (strstr(r->asker->policy->rules[p->first + i].pattern, "${args."))
			return true;
	return false;
}

/* The tools that may be called, and whose entry lets an argument name this, or
 * permits it whatever the arguments are. */
static void advise_tools(const struct refusal *r)
{
	const struct policy *policy = r->asker->policy;
	unsigned int named = 0;

	for (size_t i = 0; i < policy->tools_len && named < TOOLS_NAMED; i++) {
		const struct tool *tool = &policy->tools[i];
		struct policy_call call = { .tool = tool->id, .within = tool->within_id };
		bool always = grants(r, &call);
		const char *reason;
		uint32_t rule;

		if (!policy_tool_allowed(policy, tool->name, &reason, &rule) ||
		    (!always && (!lies_within(r, tool) || !takes_argument(r, tool))))
			continue;
		printf("  %s a call of %s %s\n",
		       named ? "or" : "to permit it now and then, declare it:", tool->name,
		       always ? "is granted it" : "may name it in its arguments");
		named++;
	}
	if (named)
		return;
	printf("  to permit it now and then, declare it through a tool whose entry has %s: ",
	       r->op);
	printf(r->effect->string[0] == EC_STRING_INET ? "[\"${args.host}:PORT\"]" :
							"[\"${args.path}\"]");
	if (is_path(r))
		printf(" and a `within` that it lies below");
	printf("\n");
}

static void advise_call(const struct refusal *r)
{
	const struct tool *tool = model_tool(r->asker->policy, r->tool);
	struct policy_call above = *r->call;

	above.within = 0;
	if (tool && grants(r, &above)) {
		printf("  the call grants it, but not below its ceiling: add to "
		       "kernel.tools.%s.within ",
		       tool->name);
		put_target(r, "");
		return;
	}
	printf("  to permit it to calls of %s, add to kernel.tools.%s.%s ", r->tool,
	       tool ? tool->name : r->tool, r->op);
	put_target(r, tool && !lies_within(r, tool) ? " and to its `within`" : "");
}

static void advise_undeclared(const struct refusal *r)
{
	printf("  to permit it always, add to kernel.baseline.%s ", r->op);
	put_target(r, "");
	if (r->call)
		advise_call(r);
	else
		advise_tools(r);
}

/* The target as a pattern that means it and nothing else. */
static void make_pattern(const struct effect_asked *effect, const char *target, char *to)
{
	size_t prefix = effect->string[0] == EC_STRING_ABSTRACT	     ? strlen("unix:@") :
			effect->string[0] == '/' && target[0] != '/' ? strlen("unix:") :
								       0;

	strcpy(to, target);
	if (effect->op != EC_OP_PRIV && effect->string[0] != EC_STRING_INET)
		glob_escape(target + prefix, to + prefix, GLOB_TEXT_MAX);
}

static void advise(struct refusal *r, const struct answer *answer)
{
	switch (answer->reason) {
	case EC_REASON_NEVER:
		printf("  nothing overrides `never`: to permit it, that rule would have to go\n");
		break;
	case EC_REASON_FLOW:
		printf("  that holds until the session ends: to permit it even then, add to "
		       "`except` of that flow ");
		put_target(r, "");
		break;
	case EC_REASON_WRITABLE:
		printf("  what the agent may write it may not load: to permit it, take the path "
		       "out of that rule, or add to an `exec` ");
		put_target(r, "");
		break;
	case EC_REASON_PRIVILEGE:
		printf("  to permit it, add to kernel.allow ");
		put_target(r, "");
		break;
	default:
		advise_undeclared(r);
	}
}

/* Where it leads, when that is not what was written. */
static void print_target(const char *written, const struct effect_asked *effect, const char *target)
{
	written += strcspn(written, " ");
	written += strspn(written, " ");
	if (!strcmp(written, target) || effect->op == EC_OP_PRIV)
		return;
	printf("  that is ");
	quote_put(target, stdout);
	printf("\n");
}

static bool trip(struct asker *asker, const struct explain_words *words)
{
	for (size_t i = 0; i < words->tripped_len; i++) {
		uint32_t flows = ask_flows(asker->policy, words->tripped[i]);

		if (!flows) {
			fprintf(stderr,
				"enforcecore: no flow of the policy is `after` \"%s\" (an "
				"operation and a label, or a label)\n",
				words->tripped[i]);
			return false;
		}
		asker->tripped |= flows;
	}
	return true;
}

enum explain_status explain_effect(struct policy_file *file, const struct policy_call *call,
				   const char *tool, const struct explain_words *words)
{
	struct asker asker = policy_file_asker(file);
	char target[ASK_TEXT_MAX], pattern[GLOB_TEXT_MAX + 8];
	struct effect_asked asked;
	struct answer answer;
	struct refusal refusal = {
		.asker = &asker, .call = call, .tool = tool, .effect = &asked, .target = pattern
	};

	if (!trip(&asker, words))
		return EXPLAIN_UNUSABLE;
	if (ask_text(&asker, call, words->effect, &asked, &answer, &file->diag) < 0) {
		policy_diag_print(&file->diag, stderr);
		return EXPLAIN_UNUSABLE;
	}
	effect_print_target(&asked, target);
	make_pattern(&asked, target, pattern);
	refusal.op = asked.op == EC_OP_LOAD ? ask_op(EC_OP_READ) : ask_op(asked.op);
	printf("%s: %s (%s)\n", ask_verdict(answer.verdict), words->effect,
	       ask_reason(answer.reason));
	print_target(words->effect, &asked, target);
	declared_print_rule(file->policy, answer.rule);
	if (answer.verdict == EC_VERDICT_ALLOW)
		return EXPLAIN_PERMITTED;
	advise(&refusal, &answer);
	return answer.verdict == EC_VERDICT_WOULD_DENY ? EXPLAIN_PERMITTED : EXPLAIN_REFUSED;
}
