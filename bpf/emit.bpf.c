// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* emit.bpf.c - see emit.bpf.h. No hooks. */
#include "emit.bpf.h"
#include "identity.bpf.h"

/* A refusal while exactly one call is open belongs to that call's story. */
static __always_inline __u64 only_call(const struct ec_agent *agent, __u32 who)
{
	__u64 open = agent->open_calls & ~agent->exact_calls;
	struct ec_call *call;
	__u32 bit = 0, index;

	if (!open || open & (open - 1))
		return 0;
	bit = ec_bits(open - 1);
	index = EC_SLOT(who) * EC_MAX_CALLS + bit;
	call = bpf_map_lookup_elem(&ec_calls, &index);
	return call ? call->id : 0;
}

/* In the ring: header, and what rounds it up (linux/bpf.h). */
#define EC_RECORD_HEAD (sizeof(struct ec_obs) + 16)

/* An effect that happened anyhow wakes nobody, until a quarter of the ring is
 * waiting: the controller looks several times a second. */
static __always_inline __u64 wakeup(__u64 waiting, const struct ec_scratch *scratch, __u32 flags)
{
	/* a wake-up costs more than all the rest: one for each eighth of the ring */
	if (waiting > EC_RING_LEN / 4 &&
	    (waiting ^ (waiting - scratch->path_len - EC_RECORD_HEAD)) >= EC_RING_LEN / 8)
		return BPF_RB_FORCE_WAKEUP;
	return scratch->reason == EC_REASON_CALL || flags & EC_GENERATION_RECORD_ALL ?
		       BPF_RB_NO_WAKEUP :
		       0;
}

/* Which programs run, and what is not seen, is told to each, whatever it asked for: the numbers of
 * images would tell it nothing. */
static __always_inline bool wants(const struct ec_tracer *tracer, const struct ec_obs *obs)
{
	if (tracer->agent && tracer->agent != obs->agent_uid)
		return false;
	if (obs->kind == EC_OBS_EXEC || obs->kind == EC_OBS_UNSEEN)
		return true;
	return tracer->ops & EC_OP_BIT(obs->op & 7) && tracer->verdicts >> (obs->verdict & 31) & 1;
}

/* A callback, so that the verifier looks at it once. */
struct traced {
	struct ec_scratch *scratch;
};

static long trace_one(__u32 i, struct traced *traced)
{
	struct ec_tracer *tracer = bpf_map_lookup_elem(&ec_tracers, &i);
	struct ec_scratch *scratch = traced->scratch;
	__u32 len;
	void *ring;

	if (!tracer || !tracer->owner_pid || !wants(tracer, &scratch->obs))
		return 0;
	len = scratch->obs.target_len;
	if (len > EC_TARGET_MAX)
		len = EC_TARGET_MAX;
	ring = bpf_map_lookup_elem(&ec_traces, &i);
	/* it looks by itself, often: nobody is woken in the middle of an effect */
	if (!ring ||
	    bpf_ringbuf_output(ring, &scratch->obs, sizeof(scratch->obs) + len, BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&tracer->lost, 1);
	else
		__sync_fetch_and_add(&tracer->sent, 1);
	return 0;
}

static __always_inline bool is_traced(__u32 who)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	/* what the canary is refused is no news */
	return control && control->tracers && EC_SLOT(who) != EC_CANARY_SLOT;
}

__noinline int ec_emit(struct ec_scratch *scratch, __u32 who, __u32 what, __u32 priv)
{
	struct traced traced = { .scratch = scratch };
	struct ec_agent *agent = ec_agent_at(who);
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 verdict = what >> 16 & 0xff, len;
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 slot = EC_SLOT(who);
	struct ec_obs *obs;
	__u64 flags = 0, waiting;
	bool quiet;
	void *ring;

	if (!scratch || !agent)
		return -1;
	obs = &scratch->obs;
	obs->version = EC_OBS_VERSION;
	obs->len = sizeof(*obs);
	obs->kind = what;
	obs->op = what >> 8;
	obs->verdict = verdict;
	obs->reason = scratch->reason;
	obs->time_ns = bpf_ktime_get_boot_ns();
	obs->agent_uid = agent->uid;
	obs->call = scratch->call     ? scratch->call :
		    scratch->own_call ? scratch->own_call :
					only_call(agent, who);
	obs->rule = scratch->rule;
	obs->pid = ids >> 32;
	obs->tid = ids;
	obs->uid = bpf_get_current_uid_gid();
	obs->exe = scratch->exe;
	obs->target_kind = what >> 24;
	obs->priv = priv;
	obs->open_calls = ec_bits(agent->open_calls);
	obs->generation = ec_generation_of(agent, who)->id;
	obs->parent = task->real_parent ? task->real_parent->tgid : 0;
	obs->flags = scratch->flags;
	len = scratch->path_len;
	if (len > EC_TARGET_MAX)
		len = EC_TARGET_MAX;
	obs->target_len = len;

	quiet = verdict == EC_VERDICT_ALLOW && obs->kind < EC_OBS_FLOW;
	ring = quiet ? bpf_map_lookup_elem(&ec_effects, &slot) :
		       bpf_map_lookup_elem(&ec_denials, &slot);
	waiting = ring ? bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) : 0;
	if (quiet)
		flags = wakeup(waiting, scratch, ec_generation_of(agent, who)->flags);
	if (!ring || bpf_ringbuf_output(ring, obs, sizeof(*obs) + len, flags))
		ec_count(agent, quiet ? EC_COUNT_LOST_EFFECTS : EC_COUNT_LOST_DENIALS);
	else
		waiting += sizeof(*obs) + len;
	/* two at once may lose the higher: it comes again with the next */
	if (waiting > agent->ring_high[quiet])
		agent->ring_high[quiet] = waiting;
	if (obs->kind == EC_OBS_EFFECT)
		__sync_fetch_and_add(&agent->effects[obs->op & (EC_EFFECT_OPS - 1)]
						    [verdict & (EC_EFFECT_VERDICTS - 1)],
				     1);
	/* to everybody who watches live; a full ring loses the record, as everywhere */
	if (is_traced(who))
		bpf_loop(EC_MAX_TRACERS, trace_one, &traced, 0);
	return 0;
}
