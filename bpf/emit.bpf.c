// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* emit.bpf.c - see emit.bpf.h. No hooks. */
#include "emit.bpf.h"
#include "identity.bpf.h"

static __always_inline __u32 count_bits(__u64 bits)
{
	bits -= (bits >> 1) & 0x5555555555555555ull;
	bits = (bits & 0x3333333333333333ull) + ((bits >> 2) & 0x3333333333333333ull);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return bits * 0x0101010101010101ull >> 56;
}

/* A refusal while exactly one call is open belongs to that call's story. */
static __always_inline __u64 only_call(const struct ec_agent *agent, __u32 who)
{
	__u64 open = agent->open_calls & ~agent->exact_calls;
	struct ec_call *call;
	__u32 bit = 0, index;

	if (!open || open & (open - 1))
		return 0;
	bit = count_bits(open - 1);
	index = EC_SLOT(who) * EC_MAX_CALLS + bit;
	call = bpf_map_lookup_elem(&ec_calls, &index);
	return call ? call->id : 0;
}

/* An effect that only its call's end will tell of keeps nobody awake, until a
 * quarter of the ring is waiting. */
static __always_inline __u64 wakeup(void *ring, const struct ec_scratch *scratch, __u32 flags)
{
	if (flags & EC_GENERATION_RECORD_ALL)
		return 0;
	if (bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > EC_RING_LEN / 4)
		return BPF_RB_FORCE_WAKEUP;
	return scratch->reason == EC_REASON_CALL ? BPF_RB_NO_WAKEUP : 0;
}

__noinline int ec_emit(__u32 index, __u32 who, __u32 what, __u32 priv)
{
	struct ec_scratch *scratch = ec_scratch_at(index);
	struct ec_agent *agent = ec_agent_at(who);
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 verdict = what >> 16 & 0xff, len;
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 slot = EC_SLOT(who);
	struct ec_obs *obs;
	__u64 flags = 0;
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
	obs->open_calls = count_bits(agent->open_calls);
	obs->generation = ec_generation_of(agent, who)->id;
	obs->parent = BPF_CORE_READ(task, real_parent, tgid);
	len = scratch->path_len;
	if (len > EC_TARGET_MAX)
		len = EC_TARGET_MAX;
	obs->target_len = len;

	quiet = verdict == EC_VERDICT_ALLOW && obs->kind != EC_OBS_FLOW;
	ring = quiet ? bpf_map_lookup_elem(&ec_effects, &slot) :
		       bpf_map_lookup_elem(&ec_denials, &slot);
	if (ring && quiet)
		flags = wakeup(ring, scratch, ec_generation_of(agent, who)->flags);
	if (!ring || bpf_ringbuf_output(ring, obs, sizeof(*obs) + len, flags))
		ec_count(agent, quiet ? EC_COUNT_LOST_EFFECTS : EC_COUNT_LOST_DENIALS);
	return 0;
}
