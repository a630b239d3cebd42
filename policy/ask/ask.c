// SPDX-License-Identifier: Apache-2.0
#include "ask.h"

#include <string.h>

#include "policy/automaton/match.h"
#include "policy/text/model.h"

#define BIT(op) EC_OP_BIT(op)
#define PATH_OPS (BIT(EC_OP_READ) | BIT(EC_OP_WRITE) | BIT(EC_OP_EXEC))

/* One question: bpf/decide.bpf.c has the same functions over the maps. */
struct question {
	const struct automaton *image;
	const struct policy_call *call;
	const struct effect_asked *effect;
	uint32_t state;
};

static struct ec_match policy_match(const struct question *q, uint32_t ops, uint32_t tool,
				    uint32_t within)
{
	return match_at(q->image, q->state, ops, tool, within);
}

static uint32_t call_grants(const struct question *q, uint32_t ops)
{
	uint32_t within = ops & PATH_OPS ? q->call->within : 0;
	struct ec_match whole = policy_match(q, ops, q->call->tool, within), own = { 0 };
	const struct automaton *automaton = &q->call->automaton;

	if (automaton->start)
		own = match_at(
			automaton,
			match_run(automaton, automaton->start, q->effect->string, q->effect->len),
			ops, 0, 0);
	return ec_call_grants(&whole, &own, within);
}

static bool permits(const struct question *q, uint32_t ops, struct answer *a)
{
	a->rule = policy_match(q, ops, 0, 0).baseline;
	a->reason = EC_REASON_BASELINE;
	if (!a->rule && q->call) {
		a->rule = call_grants(q, ops);
		a->reason = EC_REASON_CALL;
	}
	return a->rule != 0;
}

static bool load_permits(const struct question *q, struct answer *a)
{
	if (permits(q, BIT(EC_OP_EXEC), a))
		return true;
	a->rule = policy_match(q, BIT(EC_OP_WRITE), 0, 0).writable;
	a->reason = EC_REASON_WRITABLE;
	if (a->rule)
		return false;
	if (permits(q, BIT(EC_OP_READ), a))
		return true;
	a->reason = EC_REASON_UNDECLARED;
	return false;
}

static bool allowed(const struct policy *policy, const struct question *q, uint32_t tripped,
		    struct answer *a)
{
	uint32_t ops = BIT(q->effect->op);
	struct ec_match match = policy_match(q, ops, 0, 0);
	struct ec_flow flows[EC_MAX_FLOWS] = { 0 };

	for (size_t i = 0; i < EC_MAX_FLOWS; i++) {
		flows[i].rule = policy_flow(policy, i).rule;
		flows[i].ops = policy_flow(policy, i).ops;
	}
	a->rule = match.never;
	if (!a->rule && q->effect->node_ops & ops)
		a->rule = q->effect->node_rule;
	a->reason = EC_REASON_NEVER;
	if (a->rule)
		return false;
	a->rule = ec_flow_refuses(flows, tripped, match.excepts, ops);
	a->reason = EC_REASON_FLOW;
	if (a->rule)
		return false;
	if (q->effect->op == EC_OP_LOAD)
		return load_permits(q, a);
	if (permits(q, ops, a))
		return true;
	a->reason = EC_REASON_UNDECLARED;
	return false;
}

/* bpf/resolve.bpf.h: whoever is asked, the agent's resolver answers. */
static bool is_lookup(const struct policy *policy, const struct effect_asked *effect)
{
	return effect->op == EC_OP_CONNECT && effect->len == 19 &&
	       effect->string[0] == EC_STRING_INET && !effect->string[17] &&
	       effect->string[18] == 53 && policy_names_hosts(policy);
}

struct answer ask(const struct policy *policy, const struct automaton *image,
		  const struct policy_call *call, uint32_t tripped,
		  const struct effect_asked *effect)
{
	struct question q = { .image = image, .call = call, .effect = effect };
	struct answer a = { .verdict = EC_VERDICT_DENY };

	if (effect->op == EC_OP_PRIV) {
		bool has = policy_allow(policy) >> effect->priv & 1;

		a.reason = has ? EC_REASON_BASELINE : EC_REASON_PRIVILEGE;
		a.verdict = has ? EC_VERDICT_ALLOW : EC_VERDICT_DENY;
	} else if (is_lookup(policy, effect)) {
		a.reason = EC_REASON_RESOLVER;
		a.verdict = EC_VERDICT_ALLOW;
	} else {
		q.state = match_run(image, image->start, effect->string, effect->len);
		if (allowed(policy, &q, tripped, &a))
			a.verdict = EC_VERDICT_ALLOW;
	}
	if (a.verdict == EC_VERDICT_DENY &&
	    (policy_observes(policy) ||
	     (policy_logs_undeclared(policy) && a.reason == EC_REASON_UNDECLARED)))
		a.verdict = EC_VERDICT_WOULD_DENY;
	return a;
}

static bool trips(const struct flow *flow, const char *after)
{
	const char *op = ask_op(flow->after), *label = flow->label->name;
	size_t op_len = strlen(op);

	if (!strcmp(after, label))
		return true;
	if (strncmp(after, op, op_len) || after[op_len] != ' ')
		return false;
	after += op_len;
	return !strcmp(after + strspn(after, " "), label);
}

uint32_t ask_flows(const struct policy *policy, const char *after)
{
	uint32_t flows = 0;

	for (size_t i = 0; i < policy->flows_len; i++)
		if (trips(&policy->flows[i], after))
			flows |= 1u << i;
	return flows;
}

const char *ask_reason(enum ec_reason reason)
{
	static const char *const names[] = {
		[EC_REASON_NEVER] = "never",
		[EC_REASON_QUARANTINE] = "quarantine",
		[EC_REASON_BASELINE] = "baseline",
		[EC_REASON_CALL] = "call",
		[EC_REASON_UNDECLARED] = "undeclared",
		[EC_REASON_DOUBT] = "doubt",
		[EC_REASON_PRIVILEGE] = "privilege",
		[EC_REASON_INTERNAL] = "internal",
		[EC_REASON_WRITABLE] = "writable",
		[EC_REASON_ORPHAN] = "orphan",
		[EC_REASON_FLOW] = "flow",
		[EC_REASON_BUDGET] = "budget",
		[EC_REASON_RESOLVER] = "resolver",
	};

	return reason < sizeof(names) / sizeof(*names) && names[reason] ? names[reason] : "unknown";
}

const char *ask_verdict(enum ec_verdict verdict)
{
	static const char *const names[] = {
		[EC_VERDICT_ALLOW] = "allow",
		[EC_VERDICT_DENY] = "deny",
		[EC_VERDICT_WOULD_DENY] = "would-deny",
	};

	return verdict < sizeof(names) / sizeof(*names) && names[verdict] ? names[verdict] :
									    "unknown";
}
