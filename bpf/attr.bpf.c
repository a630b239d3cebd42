// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * attr.bpf.c - attributes, changed through hooks that give no mount. Each may
 * refuse with EACCES.
 *
 * inode_setattr       utimes only (chmod, chown and truncate have a path hook)
 * inode_setxattr, inode_removexattr
 * inode_set_acl, inode_remove_acl (6.2; before, ACLs are set as xattrs)
 *
 * A layered file system (overlay) repeats the operation on its layers under
 * its mounter's credentials: that second call is the kernel's own. A task
 * cannot override credentials itself: uring_override_creds is refused, and
 * io_uring's own threads do not count.
 */
#include "view.bpf.h"

#define ATTR_MODE 0x1u /* include/linux/fs.h */
#define ATTR_UID 0x2u
#define ATTR_GID 0x4u
#define ATTR_SIZE 0x8u
#define ATTR_FORCE 0x200u
#define PF_IO_WORKER 0x10u
#define WRITE EC_OP_BIT(EC_OP_WRITE)

static __always_inline bool by_layer(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->cred != task->real_cred && !(task->flags & PF_IO_WORKER);
}

static __always_inline int changes(struct dentry *dentry)
{
	struct ec_agent *agent;
	struct ec_self self;

	if (!ec_tagged(&self) || by_layer())
		return 0;
	agent = ec_agent_of(&self);
	if (!agent)
		return -13;
	return ec_judge_views(ec_number(dentry), self.who, WRITE) == 1 ? 0 : -13;
}

static __always_inline bool only_times(const struct iattr *attr)
{
	return !(attr->ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_SIZE | ATTR_FORCE));
}

/* up to 6.1: (dentry, attr); later an idmap comes first */
SEC("?lsm/inode_setattr")
int BPF_PROG(ec_setattr_old, struct dentry *dentry, struct iattr *attr, int ret)
{
	return ret || !only_times(attr) ? ret : changes(dentry);
}

SEC("?lsm/inode_setattr")
int BPF_PROG(ec_setattr, struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr,
	     int ret)
{
	return ret || !only_times(attr) ? ret : changes(dentry);
}

SEC("lsm/inode_setxattr")
int BPF_PROG(ec_setxattr, void *idmap, struct dentry *dentry)
{
	return changes(dentry);
}

SEC("lsm/inode_removexattr")
int BPF_PROG(ec_removexattr, void *idmap, struct dentry *dentry)
{
	return changes(dentry);
}

SEC("?lsm/inode_set_acl")
int BPF_PROG(ec_set_acl, void *idmap, struct dentry *dentry)
{
	return changes(dentry);
}

SEC("?lsm/inode_remove_acl")
int BPF_PROG(ec_remove_acl, void *idmap, struct dentry *dentry)
{
	return changes(dentry);
}
