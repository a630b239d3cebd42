/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * judge.bpf.h - an effect, its verdict, its record. A hook gathers what the
 * effect is and calls one of these; 0 lets it happen.
 */
#ifndef EC_JUDGE_BPF_H
#define EC_JUDGE_BPF_H

#include "identity.bpf.h"
#include "path.bpf.h"

/* Modifiers beside EC_OP_BITs. */
#define EC_BY_KERNEL 0x100u  /* the ELF loader: no rule needed, see DESIGN */
#define EC_MOVES_TREE 0x200u /* refuse when never names something below */
#define EC_ANY_NEVER 0x400u  /* a never of any operation refuses */
#define EC_MAY_LISTEN 0x800u /* WRITE, or LISTEN on the same path */
#define EC_QUIETLY 0x1000u   /* do not record; 2 = refused by never */

/* Judges all operations in `ops` on a path; low half 1 = allowed, high half
 * state of the directory for the cache (0 = do not cache). */
__u64 ec_judge_path(__u64 dentry, __u64 mnt, __u32 who, __u32 ops);
/* The two halves of a judgement: decide.bpf.c, judge.bpf.c. */
int ec_decide(__u32 index, __u32 who, __u32 op, __u32 flags, __u32 state);
int ec_conclude(__u32 index, __u32 who, __u32 op_target, __u32 allowed, __u32 priv);
/* Afterwards, of what happens: see decide.bpf.c. */
int ec_trip(__u32 index, __u32 who, __u32 op_target, __u32 state);
/* A named privilege: 1 = granted. */
int ec_judge_priv(__u32 who, __u32 priv);

/* Index of a work area, -1 when all are taken. */
int ec_scratch_take(void);
static __always_inline void ec_scratch_put(__u32 index)
{
	struct ec_scratch *scratch = ec_scratch_at(index);

	if (scratch)
		__sync_lock_test_and_set(&scratch->busy, 0);
}

/* Judges one operation on the string in a scratch from ec_scratch_take. */
static __always_inline int ec_judge_string(__u32 index, __u32 who, __u32 op, __u32 target)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_scratch *scratch = ec_scratch_at(index);
	__u32 state;

	if (!agent || !scratch)
		return 0;
	scratch->dir_len = 0;
	ec_run(index, ec_generation_of(agent, who)->start);
	state = scratch->state;
	if (!ec_conclude(index, who, op | target << 8, ec_decide(index, who, op, 0, state), 0))
		return 0;
	ec_trip(index, who, op | target << 8, state);
	return 1;
}

/* The accept list of a state says yes to every op, and never says no. */
static __always_inline bool ec_fast_allows(__u32 state, __u32 ops, __u32 *ret_list)
{
	const __u64 *words = ec_words();
	__u64 accept;

	if (!words)
		return false;
	accept = words[(state + 1) & EC_ARENA_MASK];
	*ret_list = EC_STATE_ACCEPT(accept);
	return (EC_STATE_QUIET_OPS(accept) & ops) == ops;
}

static __always_inline bool ec_has_node(const struct ec_generation *generation, struct inode *inode,
					__u32 bind)
{
	struct ec_node_key key = {};

	if (!generation->never_nodes || !inode || (inode->i_nlink < 2 && !bind))
		return false;
	key.generation = generation->id;
	key.ino = inode->i_ino;
	key.dev = inode->i_sb->s_dev;
	return bpf_map_lookup_elem(&ec_nodes, &key);
}

/* The whole judgement of path operations for the current task. leaf on mnt;
 * parent is its directory or NULL when leaf is the root of its mount. */
static __always_inline int ec_path_effect(const struct ec_self *self, struct dentry *parent,
					  struct dentry *leaf, struct vfsmount *mnt, __u32 ops)
{
	struct ec_agent *agent = ec_agent_of(self);
	__u32 rename_seq, mount_seq, state, bind = 0, list;
	struct ec_generation *generation;
	__u64 result;

	if (!agent)
		return -13;
	generation = ec_generation_of(agent, self->who);
	if (parent && !(ops & ~0xffu) && !(ops & generation->tripped_ops) &&
	    !(generation->flags & EC_GENERATION_RECORD_ALL) &&
	    !(agent->flags & (EC_AGENT_QUARANTINE | EC_AGENT_SPENT))) {
		state = ec_fast_state(parent, leaf, mnt, generation->id, &bind);
		if (state && ec_fast_allows(state, ops, &list) &&
		    !ec_has_node(generation, leaf->d_inode, bind))
			return 0;
	}
	rename_seq = ec_sequence(ec_rename_lock);
	mount_seq = ec_sequence(ec_mount_lock);
	result = ec_judge_path(ec_number(leaf), ec_number(mnt), self->who, ops);
	if (parent && result >> 32 && ec_sequence(ec_rename_lock) == rename_seq &&
	    ec_sequence(ec_mount_lock) == mount_seq)
		ec_fast_store(parent, mnt, generation->id, result >> 32, rename_seq, mount_seq);
	return (__u32)result == 1 ? 0 : -13;
}

/* An existing object by its struct path. */
static __always_inline int ec_object_effect(const struct ec_self *self, const struct path *path,
					    __u32 ops)
{
	struct dentry *dentry = path->dentry;
	struct vfsmount *mnt = path->mnt;
	struct dentry *parent = dentry == mnt->mnt_root ? (void *)0 : dentry->d_parent;

	return ec_path_effect(self, parent, dentry, mnt, ops);
}

/* A name in a directory, existing or not. */
static __always_inline int ec_name_effect(const struct ec_self *self, const struct path *dir,
					  struct dentry *dentry, __u32 ops)
{
	return ec_path_effect(self, dir->dentry, dentry, dir->mnt, ops);
}

/* 0 or -EPERM for a privilege. */
static __always_inline int ec_priv_effect(const struct ec_self *self, __u32 priv)
{
	struct ec_agent *agent = ec_agent_of(self);

	if (!agent)
		return -1;
	return ec_judge_priv(self->who, priv) ? 0 : -1;
}

#endif
