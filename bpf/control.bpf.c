// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * control.bpf.c - files that steer the kernel, or other processes: writing them,
 * making and removing them takes a privilege beside a rule. No hooks; asked by
 * judge.bpf.c, so that every way to change a file comes here.
 *
 * cgroup, cgroup2                  signal: they stop, kill and starve processes
 * bpf, tracefs, debugfs            bpf
 * sysfs, securityfs and the like, /proc/sys, sysrq-trigger and the rest of proc
 * that is not about a process      admin: the kernel's own switches
 * /proc/PID of other agents        ptrace: their memory, limits, scores
 *
 * By the kind of file system, not by its name: another mount of it is no other.
 */
#include "guard.bpf.h"

/* Is that process of this agent? When it cannot be told, it is not. */
static __always_inline bool is_own(struct pid *pid, __u32 who)
{
	struct hlist_node *link = BPF_CORE_READ(pid, tasks[0].first);
	struct ec_agent *agent = ec_agent_at(who);
	struct bpf_local_storage *storage;
	struct task_struct *task;
	struct ec_tag tag = {};

	if (!link || !agent)
		return false;
	task = (void *)((__u64)link - bpf_core_field_offset(struct task_struct, pid_links));
	storage = BPF_CORE_READ(task, bpf_storage);
	return storage && ec_tag_search((__u64)storage, &tag) && tag.uid == agent->uid;
}

__noinline __u32 ec_control_priv(__u64 dentry, __u32 who)
{
	struct dentry *leaf = (void *)dentry;
	__u64 inode = (__u64)BPF_CORE_READ(leaf, d_inode);
	struct proc_inode *proc;
	struct pid *pid;

	switch (BPF_CORE_READ(leaf, d_sb, s_magic)) {
	case 0x27e0eb:
	case 0x63677270:
		return EC_PRIV_SIGNAL;
	case 0xcafe4a11:
	case 0x74726163:
	case 0x64626720:
		return EC_PRIV_BPF;
	case EC_PROC_SUPER_MAGIC:
		break;
	default:
		return EC_PRIV_ADMIN;
	}
	if (!inode)
		return EC_PRIV_ADMIN;
	proc = (void *)(inode - bpf_core_field_offset(struct proc_inode, vfs_inode));
	pid = BPF_CORE_READ(proc, pid);
	if (!pid)
		return EC_PRIV_ADMIN;
	return is_own(pid, who) ? EC_PRIV_NONE : EC_PRIV_PTRACE;
}
