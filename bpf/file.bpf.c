// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * file.bpf.c - opening and changing files. Each may refuse with EACCES.
 *
 * file_open                     reading, writing, listing; O_PATH never comes here
 * path_mknod                    open(O_CREAT), mknod, bind of a unix socket: before
 *                               anything is made, so nothing is left behind
 * path_mkdir, path_symlink      before the name is made; no link above something
 *                               that never names
 * path_unlink, path_rmdir
 * path_rename                   both names; a directory above something that
 *                               never names stays where it is
 * path_link                     the old name must be readable and writable
 * path_truncate, path_chmod, path_chown
 * file_truncate (6.2)           ftruncate, and open with O_TRUNC for reading
 *
 * A missing identity is no identity; anything else missing is a refusal.
 */
#define EC_ASKS
#include "use.bpf.h"

#include <linux/errno.h>

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFBLK 0060000
#define S_IFCHR 0020000
#define S_IFDIR 0040000

#define READ EC_OP_BIT(EC_OP_READ)
#define WRITE EC_OP_BIT(EC_OP_WRITE)

/* What a layered file system opens below: judged already by the name above,
 * unless it is an object that never names on its own file system. */
static __always_inline int opens_layer(const struct ec_self *self, struct file *file)
{
	struct ec_agent *agent = ec_agent_of(self);
	__u32 ops = file->f_mode & FMODE_WRITE ? READ | WRITE : READ;

	if (!agent)
		return -EACCES;
	if (!ec_has_node(ec_generation_of(agent, self->who), file->f_inode))
		return 0;
	return ec_layer_refused(ec_number(file->f_inode), self->who, ops) ? -EACCES : 0;
}

SEC("lsm/file_open")
int BPF_PROG(ec_file_open, struct file *file, int ret)
{
	struct ec_self self;
	__u32 ops = 0, mode;

	if (ret || !ec_tagged(&self))
		return ret;
	mode = file->f_mode;
	if (mode & FMODE_NOACCOUNT)
		return opens_layer(&self, file);
	if (file->f_flags & F_FMODE_EXEC) {
		ops = EC_OP_BIT(EC_OP_LOAD) | EC_BY_KERNEL;
	} else {
		/* a file this very open made holds nothing to read */
		if (mode & FMODE_READ && !(mode & FMODE_CREATED))
			ops |= READ;
		if (mode & FMODE_WRITE)
			ops |= WRITE;
	}
	if (!ops)
		return 0;
	if (file->f_inode->i_sb->s_magic == EC_MQUEUE_MAGIC) /* on a mount of the kernel's */
		return ec_priv_effect(&self, EC_PRIV_IPC);
	return ec_open_effect(&self, &file->f_path, ops);
}

SEC("lsm/path_mknod")
int BPF_PROG(ec_path_mknod, const struct path *dir, struct dentry *dentry, umode_t mode,
	     unsigned int dev, int ret)
{
	struct ec_self self;
	__u32 ops = WRITE;

	if (ret || !ec_tagged(&self))
		return ret;
	if ((mode & S_IFMT) == S_IFBLK || (mode & S_IFMT) == S_IFCHR) {
		ret = ec_priv_effect(&self, EC_PRIV_DEVICES);
		if (ret)
			return ret;
	}
	if ((mode & S_IFMT) == S_IFSOCK)
		ops |= EC_MAY_LISTEN;
	return ec_name_effect(&self, dir, dentry, ops);
}

SEC("lsm/path_mkdir")
int BPF_PROG(ec_path_mkdir, const struct path *dir, struct dentry *dentry, umode_t mode, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_name_effect(&self, dir, dentry, WRITE);
}

SEC("lsm/path_symlink")
int BPF_PROG(ec_path_symlink, const struct path *dir, struct dentry *dentry, const char *old_name,
	     int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	/* a link in the place of a directory puts other names below it */
	return ec_name_effect(&self, dir, dentry, WRITE | EC_MOVES_TREE);
}

SEC("lsm/path_unlink")
int BPF_PROG(ec_path_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_name_effect(&self, dir, dentry, WRITE);
}

SEC("lsm/path_rmdir")
int BPF_PROG(ec_path_rmdir, const struct path *dir, struct dentry *dentry, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_name_effect(&self, dir, dentry, WRITE);
}

/* What a name is when it moves: a directory takes what is below it along, a
 * symbolic link brings what is below its target, and an object that never
 * names in any way must not lose its name. */
static __always_inline __u32 moving(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;
	__u32 ops = WRITE | EC_ANY_NEVER, kind = inode ? inode->i_mode & S_IFMT : 0;

	if (kind == S_IFDIR || kind == S_IFLNK)
		ops |= EC_MOVES_TREE;
	return ops;
}

SEC("lsm/path_rename")
int BPF_PROG(ec_path_rename, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry)
{
	struct ec_self self;
	__u32 ops;
	int ret;

	if (!ec_tagged(&self))
		return 0;
	ops = moving(old_dentry) | (moving(new_dentry) & EC_MOVES_TREE);
	ret = ec_name_effect(&self, old_dir, old_dentry, ops);
	if (ret)
		return ret;
	return ec_name_effect(&self, new_dir, new_dentry, ops);
}

SEC("lsm/path_link")
int BPF_PROG(ec_path_link, struct dentry *old_dentry, const struct path *new_dir,
	     struct dentry *new_dentry, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	/* a new name is new access: only to what can be read and written anyway.
	 * Both names are on one mount (linkat(2): EXDEV otherwise). */
	ret = ec_path_effect(&self, old_dentry, new_dir->mnt, READ | WRITE | EC_ANY_NEVER);
	if (ret)
		return ret;
	return ec_name_effect(&self, new_dir, new_dentry, moving(old_dentry));
}

SEC("lsm/path_truncate")
int BPF_PROG(ec_path_truncate, const struct path *path, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_object_effect(&self, path, WRITE);
}

SEC("lsm/path_chmod")
int BPF_PROG(ec_path_chmod, const struct path *path, umode_t mode, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_object_effect(&self, path, WRITE);
}

/* kuid_t and kgid_t are passed as plain registers; neither is looked at */
SEC("lsm/path_chown")
int BPF_PROG(ec_path_chown, const struct path *path, unsigned long uid, unsigned long gid, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_object_effect(&self, path, WRITE);
}

SEC("?lsm/file_truncate")
int BPF_PROG(ec_file_truncate, struct file *file, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_object_effect(&self, &file->f_path, WRITE);
}
