/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * judge.bpf.h - an effect, its verdict, its record. A hook gathers what the
 * effect is and calls one of these; 0 lets it happen.
 */
#ifndef EC_JUDGE_BPF_H
#define EC_JUDGE_BPF_H

#include "ask.bpf.h"
#include "identity.bpf.h"
#include "path.bpf.h"

/* Modifiers beside EC_OP_BITs. */
#define EC_BY_KERNEL 0x100u	/* the ELF loader: no rule needed, see DESIGN */
#define EC_MOVES_TREE 0x200u	/* refuse when never names something below */
#define EC_ANY_NEVER 0x400u	/* a never of any operation refuses */
#define EC_MAY_LISTEN 0x800u	/* WRITE, or LISTEN on the same path */
#define EC_QUIETLY 0x1000u	/* do not record; 2 = refused by never */
#define EC_UNCONTROLLED 0x2000u /* ec_is_control() has been asked */

#ifdef EC_ASKS
#define EC_ASKED(what) static __always_inline int what
#define EC_BY(call)                                                                                \
	{                                                                                          \
		return call;                                                                       \
	}
#else
#define EC_ASKED(what) int what
#define EC_BY(call) ;
#endif

/* Judges all operations in `ops` on a path: 1 = allowed. */
EC_ASKED(ec_judge_path(__u64 dentry, __u64 mnt, __u32 who, __u32 ops))
EC_BY(ec_ask(dentry, mnt, who, EC_ASK_PATH, ops))
/* The parts of a judgement: judge.bpf.c, decide.bpf.c. Gathered (1): the path, its
 * state and label are in the scratch. */
int ec_gather(struct ec_scratch *scratch, __u64 dentry, __u64 mnt, __u32 who);
int ec_decide(struct ec_scratch *scratch, __u32 who, __u32 op, __u32 flags, __u32 state);
int ec_conclude(struct ec_scratch *scratch, __u32 who, __u32 op_target, __u32 allowed, __u32 priv);
/* Afterwards, of what happens: see decide.bpf.c. */
int ec_trip(struct ec_scratch *scratch, __u32 who, __u32 op_target, __u32 state);
/* By struct inode, below a layered file system: 1 = never names it. */
EC_ASKED(ec_layer_refused(__u64 inode, __u32 who, __u32 ops))
EC_BY(ec_ask(inode, 0, who, EC_ASK_LAYER, ops) != 1)
/* A named privilege: 1 = granted. */
EC_ASKED(ec_judge_priv(__u32 who, __u32 priv))
EC_BY(ec_ask(0, 0, who, EC_ASK_PRIV, priv) == 1)

/* The agent's root and its standard descriptors are those of the task that first
 * has an effect on a path, or that first leaves its root. */
EC_ASKED(ec_note_start(__u32 who))
EC_BY(ec_ask(0, 0, who, EC_ASK_NOTE_START, 0))

/* image.bpf.c: another number for an image that a task now runs, and its name
 * to the controller. */
int ec_next_image(void);
EC_ASKED(ec_new_image(__u64 dentry, __u64 mnt, __u32 who))
EC_BY(ec_ask(dentry, mnt, who, EC_ASK_NEW_IMAGE, 0))

/* Index of a work area, -1 when all are taken. */
int ec_scratch_take(void);
static __always_inline void ec_scratch_put(struct ec_scratch *scratch)
{
	if (scratch)
		__sync_lock_test_and_set(&scratch->busy, 0);
}

/* Judges one operation on the string in a scratch from ec_scratch_take. */
static __always_inline int ec_judge_string(struct ec_scratch *scratch, __u32 who, __u32 op,
					   __u32 target)
{
	struct ec_agent *agent = ec_agent_at(who);
	__u32 state;

	if (!agent || !scratch)
		return 0;
	scratch->dir_len = 0;
	ec_run(scratch, ec_generation_of(agent, who)->start);
	state = scratch->state;
	if (!ec_conclude(scratch, who, op | target << 8, ec_decide(scratch, who, op, 0, state), 0))
		return 0;
	ec_trip(scratch, who, op | target << 8, state);
	return 1;
}

/* What is known of the directory says yes to every op, and never says no. */
static __always_inline bool ec_fast_allows(struct dentry *parent, struct dentry *leaf,
					   struct vfsmount *mnt, __u32 who, __u32 ops)
{
	return ((__u32)ec_quiet_ops(ec_number(parent->d_inode), ec_number(leaf->d_name.name),
				    leaf->d_name.len, ec_number(mnt), who) &
		ops) == ops;
}

/* Whether an inode has a label of that generation. */
int ec_look_up_node(__u64 inode, __u64 generation);

/* Whatever its name is now: a parent may have been renamed, or mounted. */
static __always_inline bool ec_has_node(const struct ec_generation *generation, struct inode *inode)
{
	return generation->never_nodes && inode &&
	       ec_may_have_node(generation, inode->i_ino, inode->i_sb->s_dev) &&
	       ec_look_up_node(ec_number(inode), generation->id);
}

/* Files that steer the kernel or other processes (linux/magic.h): rules alone do not
 * permit changing them, see control.bpf.c. */
static __always_inline bool ec_is_control_fs(unsigned long magic)
{
	switch (magic) {
	case EC_PROC_SUPER_MAGIC:
	case 0x62656572: /* sysfs */
	case 0x27e0eb:	 /* cgroup */
	case 0x63677270: /* cgroup2 */
	case 0xcafe4a11: /* bpf */
	case 0x74726163: /* tracefs */
	case 0x64626720: /* debugfs */
	case 0x73636673: /* securityfs */
	case 0xf97cff8c: /* selinuxfs */
	case 0x43415d53: /* smackfs */
	case 0x62656570: /* configfs */
	case 0xde5e81e4: /* efivarfs */
	case 0x6165676c: /* pstore */
		return true;
	}
	return false;
}

/* /dev/mem, /dev/kmem, /dev/port (Documentation/admin-guide/devices.txt) */
static __always_inline bool ec_is_memory_device(__u32 mode, __u32 rdev)
{
	return (mode & 0170000) == 0020000 &&
	       (rdev == 0x100001 || rdev == 0x100002 || rdev == 0x100004);
}

static __always_inline bool ec_is_control(struct dentry *leaf, __u32 ops)
{
	struct inode *inode = leaf->d_inode;

	return (ops & EC_OP_BIT(EC_OP_WRITE) && ec_is_control_fs(leaf->d_sb->s_magic)) ||
	       (inode && ec_is_memory_device(inode->i_mode, inode->i_rdev));
}

/* The whole judgement of path operations for the current task. leaf on mnt. */
static __always_inline int ec_path_effect(const struct ec_self *self, struct dentry *leaf,
					  struct vfsmount *mnt, __u32 ops)
{
	if (!ec_agent_of(self))
		return -13;
	return ec_judge_path(ec_number(leaf), ec_number(mnt), self->who, ops) == 1 ? 0 : -13;
}

/* The same where it must be cheap: opening and mapping. What the baseline permits in a
 * directory that is known needs no more. Not for every hook: each program that has
 * it takes the kernel half as long again to verify. */
static __always_inline int ec_open_effect(const struct ec_self *self, const struct path *path,
					  __u32 ops)
{
	struct dentry *leaf = path->dentry;
	struct vfsmount *mnt = path->mnt;
	struct ec_agent *agent = ec_agent_of(self);
	struct ec_generation *generation;
	bool control;

	if (!agent)
		return -13;
	generation = ec_generation_of(agent, self->who);
	control = ec_is_control(leaf, ops);
	if (leaf != mnt->mnt_root && !control && !(ops & ~0xffu) &&
	    !(ops & generation->tripped_ops) && !(generation->flags & EC_GENERATION_RECORD_ALL) &&
	    !(agent->flags & (EC_AGENT_QUARANTINE | EC_AGENT_SPENT)) &&
	    ec_fast_allows(leaf->d_parent, leaf, mnt, self->who, ops) &&
	    !ec_has_node(generation, leaf->d_inode))
		return 0;
	if (!control)
		ops |= EC_UNCONTROLLED;
	return ec_judge_path(ec_number(leaf), ec_number(mnt), self->who, ops) == 1 ? 0 : -13;
}

/* An existing object by its struct path. */
static __always_inline int ec_object_effect(const struct ec_self *self, const struct path *path,
					    __u32 ops)
{
	return ec_path_effect(self, path->dentry, path->mnt, ops);
}

/* A name in a directory, existing or not. */
static __always_inline int ec_name_effect(const struct ec_self *self, const struct path *dir,
					  struct dentry *dentry, __u32 ops)
{
	return ec_path_effect(self, dentry, dir->mnt, ops);
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
