// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* used.bpf.c - see use.bpf.h: what its fast path could not permit. No hooks. */
#include "use.bpf.h"

#include <linux/errno.h>

/* A mount that no path leads to: memfd, pipes and the like; of a message queue
 * opening it asked for the privilege. */
static __always_inline bool is_internal(__u64 dentry, __u64 mnt)
{
	struct mount *mount = (void *)(mnt - bpf_core_field_offset(struct mount, mnt));
	struct dentry *leaf = (void *)dentry;
	__u64 ns = (__u64)BPF_CORE_READ(mount, mnt_ns);

	return ns == EC_MNT_NS_INTERNAL ||
	       (!ns && BPF_CORE_READ(leaf, d_sb, s_magic) == EC_MQUEUE_MAGIC);
}

/* A function of its own: the stack of what judges is full. */
__noinline int ec_was_handed(__u64 dentry, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct dentry *leaf = (void *)dentry;
	struct inode *inode = BPF_CORE_READ(leaf, d_inode);
	struct ec_node_key key = {};

	if (!agent || !inode)
		return 0;
	key.generation = agent->uid;
	key.ino = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	key.version = BPF_CORE_READ(inode, i_generation);
	return !!bpf_map_lookup_elem(&ec_nodes, &key);
}

__noinline int ec_forgives(__u64 dentry, __u32 who, __u32 verdict)
{
	struct ec_agent *agent = ec_agent_at(who);

	if (ec_was_handed(dentry, who))
		return 1;
	return agent && !verdict && ec_generation_of(agent, who)->flags & EC_GENERATION_LOG;
}

__noinline int ec_use_slowly(__u64 dentry, __u64 mnt, __u32 who, __u32 ops)
{
	__u32 verdict;

	if (is_internal(dentry, mnt))
		return 0;
	verdict = ec_judge_path(dentry, mnt, who, ops | EC_QUIETLY);
	if (verdict == 1 || ec_forgives(dentry, who, verdict))
		return 0;
	return (__u32)ec_judge_path(dentry, mnt, who, ops) == 1 ? 0 : -EACCES;
}

__noinline int ec_tell_mapped(__u64 dentry, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_scratch *scratch;
	int index;

	if (!agent || !agent->open_calls || is_internal(dentry, mnt))
		return 0;
	index = ec_scratch_take();
	if (index < 0) {
		ec_count(agent, EC_COUNT_LOST_EFFECTS); /* untold, and judged all the same */
		return 0;
	}
	scratch = ec_scratch_at(index);
	if (scratch && ec_gather(scratch, dentry, mnt, who) &&
	    ec_decide(scratch, who, EC_OP_WRITE, 0, scratch->state))
		ec_conclude(scratch, who, EC_OP_WRITE | EC_TARGET_PATH << 8, 1, EC_HOW_MAPPED);
	ec_scratch_put(scratch);
	return 0;
}
