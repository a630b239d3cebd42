// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * exec.bpf.c - programs and the code they load. Each may refuse with EACCES.
 *
 * bprm_check_security   the program; for a script it comes again for each
 *                       interpreter (and again for binfmt_misc)
 * bprm_committed_creds  the image is now this one: tells the controller
 * mmap_file             mapping a file executable
 * file_mprotect         making a file's mapping executable afterwards
 *
 * The ELF loader that the kernel maps comes through file_open with
 * __FMODE_EXEC (see file.bpf.c), not through bprm_check_security.
 */
#include "emit.bpf.h"
#include "judge.bpf.h"

#include <linux/errno.h>

#define PROT_EXEC 0x4ul
#define VM_EXEC 0x4ul
#define S_PRIVATE 0x200u /* inode flag: shared anonymous memory */

SEC("lsm/bprm_check_security")
int BPF_PROG(ec_bprm_check, struct linux_binprm *bprm, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_object_effect(&self, &bprm->file->f_path, EC_OP_BIT(EC_OP_EXEC));
}

/* Image numbers are never used twice: they name an exec, not a file. */
static __u32 images;

__noinline int ec_new_image(__u64 dentry, __u64 mnt, __u32 who)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;

	if (index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	if (ec_walk(index, dentry, mnt, who) != EC_WALK_OK)
		scratch->path_len = 0;
	scratch->reason = EC_REASON_BASELINE;
	ec_emit(index, who, EC_EMIT(EC_OBS_EXEC, EC_OP_EXEC, EC_VERDICT_ALLOW, EC_TARGET_PATH), 0);
	ec_scratch_put(index);
	return 0;
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(ec_committed, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_agent *agent;
	struct ec_tag *stored;
	struct ec_self self;

	if (!ec_tagged(&self))
		return 0;
	agent = ec_agent_of(&self);
	stored = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!agent || !stored)
		return 0;
	stored->exe = __sync_fetch_and_add(&images, 1) + 1;
	ec_new_image(ec_number(bprm->file->f_path.dentry), ec_number(bprm->file->f_path.mnt),
		     self.who);
	return 0;
}

SEC("lsm/mmap_file")
int BPF_PROG(ec_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_self self;

	if (ret || !(prot & PROT_EXEC) || !file || !ec_tagged(&self))
		return ret;
	/* execve maps what bprm_check_security and file_open have judged */
	if (BPF_CORE_READ_BITFIELD_PROBED(task, in_execve))
		return 0;
	return ec_object_effect(&self, &file->f_path, EC_OP_BIT(EC_OP_LOAD));
}

SEC("lsm/file_mprotect")
int BPF_PROG(ec_file_mprotect, struct vm_area_struct *vma, unsigned long reqprot,
	     unsigned long prot, int ret)
{
	struct file *file;
	struct ec_self self;

	if (ret || !(prot & PROT_EXEC) || !ec_tagged(&self))
		return ret;
	file = vma->vm_file;
	if (!file || vma->vm_flags & VM_EXEC || file->f_inode->i_flags & S_PRIVATE)
		return 0;
	return ec_object_effect(&self, &file->f_path, EC_OP_BIT(EC_OP_LOAD));
}
