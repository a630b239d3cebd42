// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * judge.bpf.c - gathers what an effect is about, has it decided, concludes.
 * No hooks.
 *
 * Whatever cannot be told about a tagged task is refused and counted as a
 * doubt: no work area, a path too deep or too long, a path outside the agent's
 * root, a name that was renamed at every attempt.
 */
#include "judge.bpf.h"
#include "emit.bpf.h"
#include "guard.bpf.h"

#include <linux/errno.h>

/* Under constant renames by others one attempt in a few fails; all of them
 * never do. */
#define WALK_ATTEMPTS 32

__noinline int ec_scratch_take(void)
{
	__u32 base = bpf_get_smp_processor_id() * EC_SCRATCH_PER_CPU;
	struct ec_scratch *scratch;
	struct ec_tag tag;
	__u32 i, index;

	for (i = 0; i < 2 * EC_SCRATCH_PER_CPU; i++) {
		index = (base + i) & (EC_SCRATCH_MAX - 1);
		scratch = ec_scratch_at(index);
		if (scratch && !__sync_val_compare_and_swap(&scratch->busy, 0, 1)) {
			scratch->path_len = 0;
			scratch->flags = 0;
			scratch->node_rule = 0;
			scratch->rule = 0;
			scratch->call = 0;
			scratch->scanned.ops = 0;
			/* the tag of a task does not change but by itself */
			if (!ec_tag_get(bpf_get_current_task_btf(), &tag)) {
				tag.since_ns = 1;
				tag.call = EC_TASK_NONE;
				tag.exe = 0;
			}
			scratch->since_ns = tag.since_ns;
			scratch->own_call = tag.call;
			scratch->exe = tag.exe;
			return index;
		}
	}
	return -1;
}

/* Permitted effects that userspace hears of: those of a call's grants always, for
 * they are what the call did; the baseline's when all are to be recorded. */
static __always_inline bool is_told(const struct ec_scratch *scratch, __u32 flags)
{
	return scratch->reason == EC_REASON_CALL ||
	       (flags & EC_GENERATION_RECORD_ALL && scratch->reason != EC_REASON_INTERNAL);
}

/* What becomes of a refusal in this agent's mode; emits. 1 = let it happen. */
__noinline int ec_conclude(struct ec_scratch *scratch, __u32 who, __u32 op_target, __u32 allowed,
			   __u32 priv)
{
	struct ec_agent *agent = ec_agent_at(who);
	__u32 op = op_target & 0xff, target = op_target >> 8;
	__u32 verdict = EC_VERDICT_DENY, flags;

	if (!agent || !scratch)
		return 0;
	flags = ec_generation_of(agent, who)->flags;
	if (allowed) {
		if (is_told(scratch, flags))
			ec_emit(scratch, who, EC_EMIT(EC_OBS_EFFECT, op, EC_VERDICT_ALLOW, target),
				priv);
		return 1;
	}
	if (flags & EC_GENERATION_OBSERVE ||
	    (flags & EC_GENERATION_LOG && scratch->reason == EC_REASON_UNDECLARED))
		verdict = EC_VERDICT_WOULD_DENY;
	if (agent->flags & EC_AGENT_QUARANTINE)
		verdict = EC_VERDICT_DENY;
	if (scratch->reason == EC_REASON_DOUBT)
		ec_count(agent, EC_COUNT_DOUBTS);
	ec_count(agent, EC_COUNT_DENIED);
	ec_emit(scratch, who, EC_EMIT(EC_OBS_EFFECT, op, verdict, target), priv);
	return verdict == EC_VERDICT_WOULD_DENY;
}

/* The lowest operation in ops, as enum ec_op; without a branch, that the verifier does not
 * follow each. */
static __always_inline __u32 first_op(__u32 ops)
{
	__u32 below = (ops & -ops) - 1;

	return ec_bits(below & 0xff) + 1;
}

/* What the agent was started with as its standard input and outputs: it may
 * use them whatever they are (use.bpf.c). */
static __always_inline void note_standard(struct task_struct *task, __u64 uid)
{
	struct ec_node handed = { .ops = EC_OP_BIT(EC_OP_READ) | EC_OP_BIT(EC_OP_WRITE) };
	struct ec_node_key key = { .generation = uid };
	struct file **table = BPF_CORE_READ(task, files, fdt, fd), *file;
	struct inode *inode;
	int i;

	for (i = 0; i < 3; i++) {
		if (bpf_probe_read_kernel(&file, sizeof(file), &table[i]) || !file)
			continue;
		inode = BPF_CORE_READ(file, f_inode);
		key.ino = BPF_CORE_READ(inode, i_ino);
		key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
		key.version = BPF_CORE_READ(inode, i_generation);
		bpf_map_update_elem(&ec_nodes, &key, &handed, BPF_ANY);
	}
}

__noinline int ec_note_start(__u32 who)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_agent *agent = ec_agent_at(who);

	if (!agent || agent->root_mnt)
		return 0;
	agent->root_dentry = (__u64)BPF_CORE_READ(task, fs, root.dentry);
	agent->root_mnt = (__u64)BPF_CORE_READ(task, fs, root.mnt);
	note_standard(task, agent->uid);
	return 0;
}

/* 0: the reason is set. */
__noinline int ec_gather(struct ec_scratch *scratch, __u64 dentry, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	int walk = EC_WALK_RETRY;
	__u32 i;

	if (!agent || !scratch)
		return 0;
	if (!agent->root_mnt)
		ec_note_start(who);
	if (ec_recall(scratch, dentry, mnt, who)) {
		ec_run_leaf(scratch);
		return 1;
	}
	for (i = 0; i < WALK_ATTEMPTS && walk == EC_WALK_RETRY; i++) {
		if (i)
			ec_await_still();
		walk = ec_walk(scratch, dentry, mnt, who);
	}
	if (walk != EC_WALK_OK) {
		scratch->path_len = 0;
		scratch->walk = walk;
		scratch->reason = walk == EC_WALK_INTERNAL ? EC_REASON_INTERNAL : EC_REASON_DOUBT;
		return 0;
	}
	ec_run(scratch, ec_generation_of(agent, who)->start);
	ec_remember(scratch, mnt, who);
	return 1;
}

/* No work area: nothing can be said, so nothing is allowed. */
static __always_inline int no_scratch(__u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);

	if (!agent)
		return 0;
	ec_count(agent, EC_COUNT_DOUBTS);
	ec_count(agent, EC_COUNT_DENIED);
	ec_count(agent, EC_COUNT_LOST_DENIALS);
	return !!(ec_generation_of(agent, who)->flags & EC_GENERATION_OBSERVE);
}

/* Judges every op of `ops` on the gathered string. */
static __always_inline int judge_ops(__u32 who, struct ec_scratch *scratch, __u32 ops)
{
	const __u64 *words = ec_words();
	__u32 state, left = ops & 0xff, op, i;
	__u32 allowed;

	if (!words)
		return 0;
	state = scratch->state;
	for (i = 0; i < 2 && left; i++) {
		op = first_op(left);
		left &= ~EC_OP_BIT(op);
		allowed = ec_decide(scratch, who, op, ops, state);
		if (allowed && ops & EC_MOVES_TREE &&
		    EC_STATE_FLAGS(words[(state + 1) & EC_ARENA_MASK]) & EC_STATE_NEVER_BELOW) {
			allowed = 0;
			scratch->reason = EC_REASON_NEVER;
			scratch->rule = 0;
		}
		if (ops & EC_QUIETLY) {
			if (!allowed)
				return scratch->reason == EC_REASON_NEVER ? 2 : 0;
			continue;
		}
		if (!ec_conclude(scratch, who, op | EC_TARGET_PATH << 8, allowed, 0))
			return 0;
		ec_trip(scratch, who, op | EC_TARGET_PATH << 8, state);
	}
	return 1;
}

/* 1: a privilege that this takes is granted, or it takes none. */
static __always_inline int controls(__u64 dentry, __u32 who, __u32 ops)
{
	struct dentry *leaf = (void *)dentry;
	struct inode *inode = BPF_CORE_READ(leaf, d_inode);
	__u32 priv = EC_PRIV_NONE;

	if (ops & (EC_QUIETLY | EC_UNCONTROLLED))
		return 1;
	if (ops & EC_OP_BIT(EC_OP_WRITE) && ec_is_control_fs(BPF_CORE_READ(leaf, d_sb, s_magic)))
		priv = ec_control_priv(dentry, who);
	else if (inode &&
		 ec_is_memory_device(BPF_CORE_READ(inode, i_mode), BPF_CORE_READ(inode, i_rdev)))
		priv = EC_PRIV_DEVICES;
	return priv == EC_PRIV_NONE || ec_judge_priv(who, priv);
}

__noinline int ec_judge_path(__u64 dentry, __u64 mnt, __u32 who, __u32 ops)
{
	struct ec_scratch *scratch;
	int index, result;

	if (!controls(dentry, who, ops))
		return 0;
	index = ec_scratch_take();
	if (index < 0)
		return no_scratch(who);
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	if (ec_gather(scratch, dentry, mnt, who)) {
		if (scratch->proc && ops & EC_OP_BIT(EC_OP_READ) &&
		    ec_stranger_memory(dentry, who) && !ec_judge_priv(who, EC_PRIV_PTRACE)) {
			ec_scratch_put(scratch);
			return 0;
		}
		result = judge_ops(who, scratch, ops);
	} else {
		__u32 op = first_op(ops);
		/* the kernel's own layers may be read and written, not run */
		__u32 allowed = scratch->reason == EC_REASON_INTERNAL &&
				!(ops & (EC_OP_BIT(EC_OP_EXEC) | EC_OP_BIT(EC_OP_LOAD)));

		if (!allowed)
			scratch->reason = EC_REASON_DOUBT;
		result = ops & EC_QUIETLY ? allowed :
					    ec_conclude(scratch, who, op | EC_TARGET_PATH << 8,
							allowed, scratch->walk);
	}
	ec_scratch_put(scratch);
	return result;
}

/* Its label that is about any of ops. */
static __always_inline struct ec_node *find_node(__u64 number, __u64 generation, __u32 ops)
{
	struct ec_node_key key = { .generation = generation };
	struct inode *inode = (void *)number;
	struct ec_node *node;
	__u32 version;

	key.ino = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	version = BPF_CORE_READ(inode, i_generation);
	node = ec_node_of_any(&key, version);
	if (node && node->ops & ops)
		return node;
	node = ec_node_of(&key, version);
	return node && node->ops & ops ? node : (void *)0;
}

__noinline int ec_look_up_node(__u64 number, __u64 generation)
{
	return !!find_node(number, generation, ~0u);
}

__noinline int ec_layer_refused(__u64 number, __u32 who, __u32 ops)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_scratch *scratch;
	struct ec_node *node;
	int index, allowed;

	if (!agent)
		return 1;
	node = find_node(number, ec_generation_of(agent, who)->id, ops);
	if (!node)
		return 0;
	index = ec_scratch_take();
	if (index < 0)
		return !no_scratch(who);
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 1;
	scratch->reason = EC_REASON_NEVER;
	scratch->rule = node->rule;
	allowed = ec_conclude(scratch, who, first_op(node->ops & ops) | EC_TARGET_PATH << 8, 0, 0);
	ec_scratch_put(scratch);
	return !allowed;
}

__noinline int ec_judge_priv(__u32 who, __u32 priv)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_generation *generation;
	struct ec_scratch *scratch;
	int index, allowed;

	if (!agent)
		return 0;
	generation = ec_generation_of(agent, who);
	allowed = generation->allow >> (priv & 63) & 1;
	if (agent->flags & EC_AGENT_QUARANTINE)
		allowed = 0;
	if (allowed && !(generation->flags & EC_GENERATION_RECORD_ALL))
		return 1;
	index = ec_scratch_take();
	if (index < 0)
		return no_scratch(who);
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	scratch->reason = allowed ? EC_REASON_BASELINE : EC_REASON_PRIVILEGE;
	allowed = ec_conclude(scratch, who, EC_OP_PRIV | EC_TARGET_PRIV << 8, allowed, priv);
	ec_scratch_put(scratch);
	return allowed;
}
