// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * decide.bpf.c - the decision over the maps: never, quarantine, baseline, an
 * open call's grants, else undeclared. No hooks.
 */
#include "judge.bpf.h"
#include "emit.bpf.h"

#define ALL_PATH_OPS (EC_OP_BIT(EC_OP_READ) | EC_OP_BIT(EC_OP_WRITE) | EC_OP_BIT(EC_OP_EXEC))

enum which {
	POLICY = 0,
	OWN = 1
};
#define IDS(tool, within) ((__u32)(tool) | (__u32)(within) << 16)

/* A callback, so that the verifier looks at it once and not for every entry
 * that a list may have. */
struct scan {
	struct ec_scratch *scratch;
};

static long scan_one(__u32 i, struct scan *scan)
{
	struct ec_scratch *scratch = scan->scratch;
	const __u64 *words = ec_words();

	if (!words)
		return 1;
	ec_match_entry(&scratch->match[scratch->scan.which & 1],
		       words[(scratch->scan.list + 1 + i) & EC_ARENA_MASK], scratch->scan.ops,
		       scratch->scan.ids & 0xffff, scratch->scan.ids >> 16);
	return 0;
}

/* What the accept list of an automaton's state says about ops, into
 * scratch->match[which]. */
__noinline int ec_scan(struct ec_scratch *scratch, __u32 state, __u32 ops, __u32 ids, __u32 which)
{
	struct scan scan = { .scratch = scratch };
	const __u64 *words = ec_words();
	__u32 list, len;

	if (!words || !scratch)
		return -1;
	/* one effect is asked about the same several times over */
	if (which == POLICY) {
		if (scratch->scanned.ops == ops && scratch->scanned.state == state &&
		    scratch->scanned.ids == ids)
			return 0;
		scratch->scanned.state = state;
		scratch->scanned.ops = ops;
		scratch->scanned.ids = ids;
	}
	__builtin_memset(&scratch->match[which & 1], 0, sizeof(scratch->match[0]));
	list = EC_STATE_ACCEPT(words[(state + 1) & EC_ARENA_MASK]);
	if (!list)
		return 0;
	scratch->scan.list = list;
	scratch->scan.ops = ops;
	scratch->scan.ids = ids;
	scratch->scan.which = which;
	len = words[list & EC_ARENA_MASK];
	bpf_loop(len < EC_MAX_ACCEPT ? len : EC_MAX_ACCEPT, scan_one, &scan, 0);
	return 0;
}

/* Does this open call permit scratch->asked on the scratch's string? Sets rule
 * and call. */
static __always_inline int call_permits(struct ec_scratch *scratch, __u32 number)
{
	struct ec_call *call = bpf_map_lookup_elem(&ec_calls, &number);
	struct ec_grant *grant;
	__u32 within, rule;

	if (!call || !scratch)
		return 0;
	scratch->asked.seq = *(volatile __u64 *)&call->seq;
	if (scratch->asked.seq & 1)
		return 0;
	if (call->deadline_ns && call->deadline_ns <= bpf_ktime_get_boot_ns())
		return 0;
	if (scratch->own_call != (call->task ? call->id : 0))
		return 0;
	grant = &call->grant[scratch->asked.who >> 16 & 1];
	if (scratch->since_ns && scratch->since_ns < grant->since_ns)
		return 0;
	scratch->state = 0;
	if (grant->start)
		ec_run(scratch, grant->start);
	ec_scan(scratch, scratch->state, scratch->asked.ops, 0, OWN);
	within = scratch->asked.ops & ALL_PATH_OPS ? grant->within : 0;
	ec_scan(scratch, scratch->asked.state, scratch->asked.ops, IDS(grant->tool, within),
		POLICY);
	rule = ec_call_grants(&scratch->match[POLICY], &scratch->match[OWN], within);
	if (!rule)
		return 0;
	scratch->rule = rule;
	scratch->call = call->id;
	return *(volatile __u64 *)&call->seq == scratch->asked.seq;
}

struct calls {
	struct ec_scratch *scratch;
	__u64 open; /* from the one that is looked at */
	__u32 permitted;
};

static long ask_one(__u32 i, struct calls *calls)
{
	struct ec_scratch *scratch = calls->scratch;
	__u64 open = calls->open;
	struct ec_agent *agent;

	if (!open)
		return 1;
	calls->open = open >> 1;
	if (!(open & 1) || !call_permits(scratch, EC_SLOT(scratch->asked.who) * EC_MAX_CALLS + i))
		return 0;
	/* closed while we looked is closed */
	agent = ec_agent_at(scratch->asked.who);
	calls->permitted = agent && *(volatile __u64 *)&agent->open_calls >> (i & 63) & 1;
	return calls->permitted;
}

/* Any open call that permits ops, in the state of the policy's automaton. */
__noinline int ec_calls_permit(struct ec_scratch *scratch, __u32 who, __u32 ops, __u32 state)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct calls calls = { .scratch = scratch };

	if (!agent || !scratch)
		return 0;
	scratch->asked.who = who;
	scratch->asked.ops = ops;
	scratch->asked.state = state;
	calls.open = *(volatile __u64 *)&agent->open_calls;
	bpf_loop(EC_MAX_CALLS, ask_one, &calls, 0);
	if (!calls.permitted)
		scratch->call = 0;
	return calls.permitted;
}

struct flows {
	struct ec_scratch *scratch;
	__u32 who;
};

static long sum_one(__u32 i, struct flows *flows)
{
	struct ec_scratch *scratch = flows->scratch;
	struct ec_agent *agent = ec_agent_at(flows->who);

	if (!agent || !(scratch->flows.which >> (i & 31)))
		return 1;
	ec_flow_add(&scratch->flows,
		    &ec_generation_of(agent, flows->who)->flows[i & (EC_MAX_FLOWS - 1)], i & 31);
	return 0;
}

/* Into scratch->flows. */
__noinline int ec_sum_flows(struct ec_scratch *scratch, __u32 who, __u32 which, __u32 asked)
{
	struct flows flows = { .scratch = scratch, .who = who };

	if (!scratch)
		return -1;
	scratch->flows = (struct ec_flow_sum) { .which = which, .asked = asked };
	bpf_loop(EC_MAX_FLOWS, sum_one, &flows, 0);
	return 0;
}

static __always_inline bool permits(__u32 who, struct ec_scratch *scratch, __u32 ops, __u32 state)
{
	ec_scan(scratch, state, ops, 0, POLICY);
	if (scratch->match[POLICY].baseline) {
		scratch->rule = scratch->match[POLICY].baseline;
		scratch->reason = EC_REASON_BASELINE;
		return true;
	}
	if (ec_calls_permit(scratch, who, ops, state)) {
		scratch->reason = EC_REASON_CALL;
		return true;
	}
	return false;
}

static __always_inline bool refused(struct ec_scratch *scratch, __u32 ops, __u32 state)
{
	__u32 never;

	ec_scan(scratch, state, ops, 0, POLICY);
	never = scratch->match[POLICY].never;
	if (!never && scratch->node_rule && scratch->node_ops & ops)
		never = scratch->node_rule;
	if (!never)
		return false;
	scratch->rule = never;
	scratch->reason = EC_REASON_NEVER;
	return true;
}

static __always_inline bool flow_refuses(__u32 who, struct ec_scratch *scratch,
					 const struct ec_generation *generation, __u32 ops,
					 __u32 state)
{
	ec_scan(scratch, state, ops, 0, POLICY);
	ec_sum_flows(scratch, who, generation->tripped & ~scratch->match[POLICY].excepts, ops);
	if (!scratch->flows.rule)
		return false;
	scratch->rule = scratch->flows.rule;
	scratch->reason = EC_REASON_FLOW;
	return true;
}

/* Loading code: what may be executed may be loaded; what may be read too,
 * unless something in the policy could write it. */
static __always_inline bool load_permits(__u32 who, struct ec_scratch *scratch, __u32 state,
					 __u32 by_kernel)
{
	if (permits(who, scratch, EC_OP_BIT(EC_OP_EXEC), state))
		return 1;
	ec_scan(scratch, state, EC_OP_BIT(EC_OP_WRITE), 0, POLICY);
	if (scratch->match[POLICY].writable) {
		scratch->rule = scratch->match[POLICY].writable;
		scratch->reason = EC_REASON_WRITABLE;
		return 0;
	}
	if (by_kernel) {
		scratch->reason = EC_REASON_BASELINE;
		return 1;
	}
	return permits(who, scratch, EC_OP_BIT(EC_OP_READ), state);
}

/* One operation on the string whose policy state is `state`: sets reason,
 * rule and call. */
__noinline int ec_decide(struct ec_scratch *scratch, __u32 who, __u32 op, __u32 flags, __u32 state)
{
	struct ec_agent *agent = ec_agent_at(who);
	__u32 ops = 1u << (op - 1 & 7);
	struct ec_generation *generation;

	if (!agent || !scratch)
		return 0;
	scratch->rule = 0;
	scratch->call = 0;
	if (refused(scratch, flags & EC_ANY_NEVER ? 0xff : ops, state))
		return 0;
	if (agent->flags & EC_AGENT_QUARANTINE) {
		scratch->reason = EC_REASON_QUARANTINE;
		return 0;
	}
	if (agent->flags & EC_AGENT_SPENT && op == EC_OP_CONNECT) {
		scratch->reason = EC_REASON_BUDGET;
		return 0;
	}
	generation = ec_generation_of(agent, who);
	if (generation->tripped_ops & ops && flow_refuses(who, scratch, generation, ops, state))
		return 0;
	if (op == EC_OP_LOAD) {
		scratch->reason = EC_REASON_UNDECLARED;
		if (load_permits(who, scratch, state, flags & EC_BY_KERNEL))
			return 1;
		if (scratch->reason == EC_REASON_WRITABLE)
			return 0;
		scratch->reason = EC_REASON_UNDECLARED;
		return 0;
	}
	if (permits(who, scratch, ops, state))
		return 1;
	if (flags & EC_MAY_LISTEN && permits(who, scratch, EC_OP_BIT(EC_OP_LISTEN), state))
		return 1;
	scratch->rule = 0;
	scratch->reason = EC_REASON_UNDECLARED;
	return 0;
}

/* Those of `which` that the generation does not have yet; what they say is in
 * scratch->flows. */
static __always_inline __u32 trip(__u32 who, struct ec_scratch *scratch,
				  struct ec_generation *generation, __u32 which)
{
	which &= ~generation->tripped;
	if (which) {
		ec_sum_flows(scratch, who, which, 0xff);
		__sync_fetch_and_or(&generation->tripped_ops, scratch->flows.ops);
		__sync_fetch_and_or(&generation->tripped, which);
	}
	return which;
}

/* The operation is about to happen: trips what it trips, before it does. A
 * record of it goes where denials go, because it explains them. */
__noinline int ec_trip(struct ec_scratch *scratch, __u32 who, __u32 op_target, __u32 state)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_generation *generation;
	__u32 op = op_target & 0xff, other = who ^ EC_WHO(0, 1), trips;

	if (!agent || !scratch)
		return 0;
	generation = ec_generation_of(agent, who);
	if (!generation->flows[0].ops)
		return 0;
	ec_scan(scratch, state, 1u << (op - 1 & 7), 0, POLICY);
	trips = trip(who, scratch, generation, scratch->match[POLICY].trips);
	if (!trips)
		return 0;
	/* again: carry counts as it is now, see ec_generation.tripped */
	ec_sum_flows(scratch, who, trips, 0xff);
	scratch->rule = scratch->flows.rule;
	trip(other, scratch, ec_generation_of(agent, other), scratch->flows.carry);
	scratch->reason = EC_REASON_FLOW;
	ec_emit(scratch, who, EC_EMIT(EC_OBS_FLOW, op, EC_VERDICT_ALLOW, op_target >> 8), 0);
	return 1;
}
