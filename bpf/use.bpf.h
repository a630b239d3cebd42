/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * use.bpf.h - an open file, used: what a call let a task open ends with the
 * call, and what it holds from elsewhere is asked about, too.
 */
#ifndef EC_USE_BPF_H
#define EC_USE_BPF_H

#include "judge.bpf.h"

#define FMODE_READ 0x1u /* include/linux/fs.h */
#define FMODE_WRITE 0x2u
#define FMODE_CREATED 0x100000u
#define FMODE_NOACCOUNT 0x20000000u /* opened by a layered file system */
#define F_FMODE_EXEC 0x20u	    /* f_flags: opened by execve */

/* What the fast path could not permit. 0 or -EACCES; recorded when refused,
 * not when permitted: opening it was. */
EC_ASKED(ec_use_slowly(__u64 dentry, __u64 mnt, __u32 who, __u32 ops))
EC_BY(ec_ask(dentry, mnt, who, EC_ASK_USE, ops) == 1 ? 0 : -13)

/* Tells of a shared writable mapping that a call permits: what is stored through it
 * no hook sees. */
EC_ASKED(ec_tell_mapped(__u64 dentry, __u64 mnt, __u32 who))
EC_BY(ec_ask(dentry, mnt, who, EC_ASK_TELL_MAPPED, 0))

/* Is it something with a name that the policy is about? */
static __always_inline bool ec_use_named(const struct file *file)
{
	__u32 kind = file->f_inode->i_mode & 0170000;

	return kind == 0100000 || kind == 0040000 || kind == 0060000 || kind == 0020000;
}

static __always_inline bool ec_use_observed(const struct ec_agent *agent,
					    const struct ec_generation *generation)
{
	return generation->flags & EC_GENERATION_OBSERVE && !(agent->flags & EC_AGENT_QUARANTINE);
}

static __always_inline int ec_use_effect(const struct ec_self *self, struct file *file, __u32 ops)
{
	struct ec_agent *agent = ec_agent_of(self);
	struct ec_generation *generation;
	struct dentry *leaf;
	struct vfsmount *mnt;

	if (!agent)
		return -13;
	if (!ops || !ec_use_named(file) || file->f_mode & FMODE_NOACCOUNT ||
	    file->f_flags & F_FMODE_EXEC)
		return 0;
	generation = ec_generation_of(agent, self->who);
	if (ec_use_observed(agent, generation))
		return 0;
	/* what this very open made may be read by who may write it */
	if (ops & EC_OP_BIT(EC_OP_READ) && file->f_mode & FMODE_CREATED)
		ops = EC_OP_BIT(EC_OP_WRITE);
	leaf = file->f_path.dentry;
	mnt = file->f_path.mnt;
	if (leaf != mnt->mnt_root && !(ops & generation->tripped_ops) &&
	    !(agent->flags & EC_AGENT_QUARANTINE) &&
	    ec_fast_allows(leaf->d_parent, leaf, mnt, self->who, ops) &&
	    !ec_has_node(generation, leaf->d_inode))
		return 0;
	return ec_use_slowly(ec_number(leaf), ec_number(mnt), self->who, ops);
}

#endif
