// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * attr.bpf.c - attributes, changed through hooks that give no mount. Each may
 * refuse with EACCES.
 *
 * inode_setattr       utimes only (chmod, chown and truncate have a path hook)
 * inode_setxattr, inode_removexattr
 * inode_set_acl, inode_remove_acl (6.2; before, ACLs are set as xattrs)
 * inode_file_setattr (6.17) what FS_IOC_FSSETXATTR does, without a descriptor
 */
#define EC_ASKS
#include "view.bpf.h"

#define SB_NOUSER (1ul << 31) /* include/linux/fs.h */
#define ATTR_MODE 0x1u	      /* include/linux/fs.h */
#define ATTR_UID 0x2u
#define ATTR_GID 0x4u
#define ATTR_SIZE 0x8u
#define ATTR_FORCE 0x200u
#define WRITE EC_OP_BIT(EC_OP_WRITE)

static __always_inline int changes(struct dentry *dentry)
{
	struct ec_agent *agent;
	struct ec_self self;

	if (!ec_tagged(&self) || ec_by_layer())
		return 0;
	agent = ec_agent_of(&self);
	if (!agent)
		return -13;
	/* memfd, pipe, socket: on a file system that nobody can mount nothing has a path */
	if (BPF_CORE_READ(dentry, d_sb, s_flags) & SB_NOUSER)
		return 0;
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

SEC("?lsm/inode_file_setattr")
int BPF_PROG(ec_file_setattr, struct dentry *dentry, void *attr, int ret)
{
	return ret ? ret : changes(dentry);
}
