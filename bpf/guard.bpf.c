// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * guard.bpf.c - privileges: refused with EPERM unless the policy's `allow`
 * lists them. They are the ways to a room with no rules, and to the
 * controller.
 *
 * ptrace_access_check, ptrace_traceme   tasks outside the agent (also most of
 *                                       /proc/PID of others)
 * task_kill                             signals to tasks outside the agent
 * bpf, perf_event_open                  bpf
 * sb_mount, sb_umount, sb_remount, sb_pivotroot, move_mount   mount
 * path_chroot                           chroot
 * userns_create (6.1)                   namespaces
 * kernel_read_file, kernel_load_data    modules
 * settime                               time
 * uring_override_creds (5.16)           io_uring personalities
 */
#define EC_ASKS
#include "guard.bpf.h"

#define PTRACE_MODE_NOAUDIT 0x4u /* linux/ptrace.h */

static __always_inline bool same_agent(const struct ec_self *self, struct task_struct *other)
{
	struct ec_tag theirs;

	return ec_tag_get(other, &theirs) && theirs.uid == self->uid;
}

/* Kernel function since 6.2; the sensor's loader says whether it is there.
 * mm_access() can only be got round since 6.13, so older kernels do without. */
extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

#define NAME8(a, b, c, d, e, f, g)                                                                 \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |   \
	 (__u64)(f) << 40 | (__u64)(g) << 48)

/* The files of /proc/PID that the kernel opens through mm_access() for
 * reading: fs/proc/{base,task_mmu}.c. */
static __always_inline bool shows_memory(__u64 dentry)
{
	struct dentry *d = (void *)dentry;
	__u64 name = 0;

	if (bpf_probe_read_kernel_str(&name, sizeof(name), BPF_CORE_READ(d, d_name.name)) < 0)
		return true;
	return name == NAME8('e', 'n', 'v', 'i', 'r', 'o', 'n') ||
	       name == NAME8('a', 'u', 'x', 'v', 0, 0, 0) ||
	       name == NAME8('m', 'a', 'p', 's', 0, 0, 0) ||
	       name == NAME8('s', 'm', 'a', 'p', 's', 0, 0) ||
	       name == NAME8('s', 'm', 'a', 'p', 's', '_', 'r') ||
	       name == NAME8('n', 'u', 'm', 'a', '_', 'm', 'a') ||
	       name == NAME8('p', 'a', 'g', 'e', 'm', 'a', 'p');
}

static __always_inline int is_stranger(int pid, const struct ec_agent *agent)
{
	struct task_struct *task = bpf_task_from_pid(pid);
	struct ec_tag theirs;
	int stranger = 1;

	if (!task)
		return 1;
	if (ec_tag_get(task, &theirs) && theirs.uid == agent->uid)
		stranger = 0;
	bpf_task_release(task);
	return stranger;
}

__noinline int ec_stranger_memory(__u64 dentry, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct dentry *leaf = (void *)dentry;
	struct proc_inode *proc;
	struct pid *pid;

	if (!ec_has_task_from_pid || !agent)
		return 0;
	proc = (void *)((__u64)BPF_CORE_READ(leaf, d_inode) -
			bpf_core_field_offset(struct proc_inode, vfs_inode));
	pid = BPF_CORE_READ(proc, pid);
	if (!pid || !shows_memory(dentry))
		return 0;
	return is_stranger(BPF_CORE_READ(pid, numbers[0].nr), agent);
}

__noinline int ec_stranger(int pid, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);

	if (!pid || !agent)
		return 0;
	return ec_has_task_from_pid ? is_stranger(pid, agent) : 1;
}

static __always_inline int privilege(__u32 priv)
{
	struct ec_self self;

	return ec_tagged(&self) ? ec_priv_effect(&self, priv) : 0;
}

SEC("lsm/ptrace_access_check")
int BPF_PROG(ec_ptrace_access_check, struct task_struct *child, unsigned int mode, int ret)
{
	struct ec_agent *agent;
	struct ec_self self;

	if (ret || !ec_tagged(&self) || same_agent(&self, child))
		return ret;
	agent = ec_agent_of(&self);
	/* ps asks for every process whether it may look; not worth a record */
	if (mode & PTRACE_MODE_NOAUDIT && agent &&
	    !(ec_generation_of(agent, self.who)->flags & EC_GENERATION_OBSERVE))
		return ec_generation_of(agent, self.who)->allow >> EC_PRIV_PTRACE & 1 ? 0 : -1;
	return ec_priv_effect(&self, EC_PRIV_PTRACE);
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(ec_ptrace_traceme, struct task_struct *parent, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self) || same_agent(&self, parent))
		return ret;
	return ec_priv_effect(&self, EC_PRIV_PTRACE);
}

SEC("lsm/task_kill")
int BPF_PROG(ec_task_kill, struct task_struct *target, struct kernel_siginfo *info, int sig,
	     const struct cred *cred, int ret)
{
	struct ec_self self;

	if (ret || !sig || !ec_tagged(&self) || same_agent(&self, target))
		return ret;
	return ec_priv_effect(&self, EC_PRIV_SIGNAL);
}

/* no ret in these two: what comes before it differs between kernels */
SEC("lsm/bpf")
int BPF_PROG(ec_bpf, int cmd)
{
	return privilege(EC_PRIV_BPF);
}

SEC("lsm/perf_event_open")
int BPF_PROG(ec_perf_event_open, void *attr)
{
	return privilege(EC_PRIV_BPF);
}

/* The same of those after which the task has another root. */
static __always_inline int privilege_to_leave(__u32 priv)
{
	struct ec_self self;

	if (!ec_tagged(&self))
		return 0;
	if (ec_agent_of(&self))
		ec_note_start(self.who);
	return ec_priv_effect(&self, priv);
}

SEC("lsm/sb_mount")
int BPF_PROG(ec_sb_mount, const char *dev_name, const struct path *path, const char *type,
	     unsigned long flags, void *data, int ret)
{
	return ret ? ret : privilege(EC_PRIV_MOUNT);
}

SEC("lsm/sb_umount")
int BPF_PROG(ec_sb_umount, struct vfsmount *mnt, int flags, int ret)
{
	return ret ? ret : privilege(EC_PRIV_MOUNT);
}

SEC("lsm/sb_remount")
int BPF_PROG(ec_sb_remount, struct super_block *sb, void *options, int ret)
{
	return ret ? ret : privilege(EC_PRIV_MOUNT);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(ec_sb_pivotroot, const struct path *old_path, const struct path *new_path, int ret)
{
	return ret ? ret : privilege_to_leave(EC_PRIV_MOUNT);
}

SEC("lsm/move_mount")
int BPF_PROG(ec_move_mount, const struct path *from, const struct path *to, int ret)
{
	return ret ? ret : privilege(EC_PRIV_MOUNT);
}

SEC("lsm/path_chroot")
int BPF_PROG(ec_path_chroot, const struct path *path, int ret)
{
	return ret ? ret : privilege_to_leave(EC_PRIV_CHROOT);
}

SEC("?lsm/userns_create")
int BPF_PROG(ec_userns_create, const struct cred *cred, int ret)
{
	return ret ? ret : privilege(EC_PRIV_NAMESPACES);
}

SEC("lsm/kernel_read_file")
int BPF_PROG(ec_kernel_read_file, struct file *file, int id, bool contents, int ret)
{
	return ret ? ret : privilege(EC_PRIV_MODULES);
}

SEC("lsm/kernel_load_data")
int BPF_PROG(ec_kernel_load_data, int id, bool contents, int ret)
{
	return ret ? ret : privilege(EC_PRIV_MODULES);
}

SEC("lsm/settime")
int BPF_PROG(ec_settime, void *ts, void *tz, int ret)
{
	return ret ? ret : privilege(EC_PRIV_TIME);
}

SEC("lsm/uring_override_creds")
int BPF_PROG(ec_uring_override_creds, const struct cred *new_cred, int ret)
{
	return ret ? ret : privilege(EC_PRIV_CREDENTIALS);
}
