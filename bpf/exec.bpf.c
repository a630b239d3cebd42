// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * exec.bpf.c - programs and the code they load. Each may refuse with EACCES.
 *
 * bprm_check_security   the program; for a script it comes again for each
 *                       interpreter (and again for binfmt_misc). A task without a
 *                       tag may get one here (pick.bpf.h)
 * bprm_committed_creds  the image is now this one: tells the controller, or holds
 *                       the task for the node agent
 * mmap_file             mapping a file executable; any other mapping of a file
 *                       is a use of its descriptor
 * file_mprotect         making a file's mapping executable afterwards, or a
 *                       shared one writable
 *
 * The ELF loader that the kernel maps comes through file_open with
 * __FMODE_EXEC (see file.bpf.c), not through bprm_check_security.
 */
#define EC_ASKS
#include "endpoint.bpf.h"
#include "pick.bpf.h"
#include "use.bpf.h"

#include <linux/errno.h>

#define PROT_WRITE 0x2ul
#define PROT_EXEC 0x4ul
#define MAP_TYPE 0xful
#define MAP_SHARED 0x1ul
#define MAP_SHARED_VALIDATE 0x3ul
/* VM_WRITE and VM_EXEC are the same bits as PROT_WRITE and PROT_EXEC */
#define VM_SHARED 0x8ul
#define S_PRIVATE 0x200u /* inode flag: shared anonymous memory, also SysV's */

SEC("lsm/bprm_check_security")
int BPF_PROG(ec_bprm_check, struct linux_binprm *bprm, int ret)
{
	struct ec_self self;

	if (ret)
		return ret;
	if (!ec_tagged(&self)) {
		ret = ec_picks_any() ? ec_pick_exec(ec_number(bprm->file->f_inode)) : 0;
		if (ret < 0)
			return -EAGAIN; /* 6.12 and later want the number itself */
		if (!ret || !ec_tagged(&self))
			return 0;
	}
	return ec_object_effect(&self, &bprm->file->f_path, EC_OP_BIT(EC_OP_EXEC));
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(ec_committed, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_agent *agent;
	struct ec_tag *stored;
	struct ec_self self;

	if (!ec_tagged(&self)) {
		if (ec_picks_any())
			ec_pick_hold(ec_number(bprm->file->f_inode));
		return 0;
	}
	agent = ec_agent_of(&self);
	stored = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!agent || !stored)
		return 0;
	stored->exe = ec_next_image();
	ec_new_image(ec_number(bprm->file->f_path.dentry), ec_number(bprm->file->f_path.mnt),
		     self.who);
	return 0;
}

/* Reading it is a use of its descriptor, and so is writing to a shared one. */
static __always_inline __u32 mapping(const struct file *file, unsigned long prot,
				     unsigned long flags)
{
	__u32 ops = file->f_mode & FMODE_READ ? EC_OP_BIT(EC_OP_READ) : 0;
	unsigned long type = flags & MAP_TYPE;

	if (prot & PROT_WRITE && (type == MAP_SHARED || type == MAP_SHARED_VALIDATE))
		ops |= EC_OP_BIT(EC_OP_WRITE);
	return ops;
}

SEC("lsm/mmap_file")
int BPF_PROG(ec_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_self self;
	__u32 ops;

	if (ret || !file || !ec_tagged(&self))
		return ret;
	/* execve maps what bprm_check_security and file_open have judged */
	if (BPF_CORE_READ_BITFIELD_PROBED(task, in_execve))
		return 0;
	if (file->f_inode->i_flags & S_PRIVATE) /* SysV shared memory; asked for as ipc */
		return 0;
	if (prot & PROT_EXEC)
		return ec_open_effect(&self, &file->f_path, EC_OP_BIT(EC_OP_LOAD));
	ops = mapping(file, prot, flags);
	if (ops & EC_OP_BIT(EC_OP_WRITE))
		ec_tell_mapped(ec_number(file->f_path.dentry), ec_number(file->f_path.mnt),
			       self.who);
	return EC_REFUSAL(ec_use_effect(&self, file, ops));
}

/* The mapping of a layered file system's file is of the file below: on 6.1 it
 * has the upper one's path, later that is kept beside it. */
static __always_inline int becomes_writable(const struct ec_self *self, struct file *file)
{
	struct backing_file *backing = (void *)file;
	struct ec_agent *agent = ec_agent_of(self);
	struct path path;
	int ret = 0;

	if (!agent)
		return -EACCES;
	BPF_CORE_READ_INTO(&path, file, f_path);
	if (file->f_mode & FMODE_NOACCOUNT && bpf_core_type_exists(struct backing_file))
		BPF_CORE_READ_INTO(&path, backing, user_path);
	if (!ec_use_observed(agent, ec_generation_of(agent, self->who)))
		ret = EC_REFUSAL(ec_use_slowly((__u64)path.dentry, (__u64)path.mnt, self->who,
					       EC_OP_BIT(EC_OP_WRITE)));
	if (!ret)
		ec_tell_mapped((__u64)path.dentry, (__u64)path.mnt, self->who);
	return ret;
}

SEC("lsm/file_mprotect")
int BPF_PROG(ec_file_mprotect, struct vm_area_struct *vma, unsigned long reqprot,
	     unsigned long prot, int ret)
{
	unsigned long gains = prot & ~vma->vm_flags;
	struct file *file;
	struct ec_self self;

	if (ret || !(gains & (PROT_EXEC | PROT_WRITE)) || !ec_tagged(&self))
		return ret;
	file = vma->vm_file;
	if (!file || file->f_inode->i_flags & S_PRIVATE)
		return 0;
	if (gains & PROT_EXEC)
		return ec_object_effect(&self, &file->f_path, EC_OP_BIT(EC_OP_LOAD));
	return vma->vm_flags & VM_SHARED ? becomes_writable(&self, file) : 0;
}
