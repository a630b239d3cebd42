/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kernel types that the sensor touches, and of each only the members it
 * touches. CO-RE relocates every access against the running kernel's BTF; a
 * member that a supported kernel lacks is marked with the versions that have
 * it and guarded by bpf_core_field_exists(). Every scenario of `make test`
 * loads the built object, and so resolves it, in every supported kernel.
 */
#ifndef EC_VMLINUX_H
#define EC_VMLINUX_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef unsigned short umode_t;
typedef struct {
	__u32 val;
} kuid_t;
typedef struct {
	__u32 val;
} kgid_t;

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct list_head {
	struct list_head *next;
};

struct qstr {
	union {
		struct {
			u32 hash;
			u32 len;
		};
	};
	const unsigned char *name;
};

struct super_block {
	__u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
	struct dentry *s_root;
	struct list_head s_mounts; /* of mount.mnt_instance, up to 6.16 */
};

struct super_block___6_17 {
	struct mount *s_mounts; /* the first, the next in mnt_next_for_sb */
};

struct inode {
	umode_t i_mode;
	unsigned int i_flags;
	struct super_block *i_sb;
	__u32 i_rdev;
	unsigned long i_ino;
	unsigned int i_nlink;
	__u32 i_generation;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct mnt_namespace;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_instance; /* up to 6.16 */
	struct mount *mnt_next_for_sb; /* from 6.17 */
	struct mnt_namespace *mnt_ns;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	unsigned int f_mode;
	void *private_data;
};

/* From 6.5: what a layered file system opened for a file of its own. */
struct backing_file {
	struct file file;
	struct path user_path;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[4]; /* [0]: of the task with that number, task_struct.pid_links[0] */
	struct upid numbers[1];	    /* [0]: in the host's pid namespace */
};

struct proc_inode {
	struct pid *pid;
	struct inode vfs_inode;
};

struct bpf_local_storage_map;

struct bpf_local_storage_data {
	struct bpf_local_storage_map *smap;
	u8 data[0];
};

struct bpf_local_storage_elem {
	struct hlist_node snode;
	struct bpf_local_storage_data sdata;
};

struct bpf_local_storage {
	struct hlist_head list;
};

struct cred {
	kuid_t uid;
};

struct thread_info {
	u32 status;
};

struct mm_struct {
	struct file *exe_file;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct task_io_accounting {
	u64 rchar; /* CONFIG_TASK_XACCT */
	u64 wchar;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	struct mm_struct *mm;
	struct css_set *cgroups;
	u64 start_boottime;
	int pid;
	int tgid;
	unsigned int in_execve : 1;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct hlist_node pid_links[4];
	const struct cred *real_cred;
	const struct cred *cred;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct task_io_accounting ioac;
	struct bpf_local_storage *bpf_storage;
};

struct linux_binprm {
	struct file *file;
	const char *filename; /* as it was said */
	const char *interp;
};

struct pt_regs {
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long bp;
	unsigned long bx;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};

struct vm_area_struct {
	unsigned long vm_flags;
	struct file *vm_file;
};

struct iattr {
	unsigned int ia_valid;
};

struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
	int level;
	struct cgroup *ancestors[0]; /* from 6.1 */
};

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct sock {
	struct sock_common __sk_common;
	struct sock_cgroup_data sk_cgrp_data;
	u16 sk_type;
	u16 sk_protocol;
};

struct socket {
	short type;
	struct sock *sk;
};

struct sockaddr {
	unsigned short sa_family;
};

struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct unix_address *addr;
	struct path path;
	struct sock *peer;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	bool msg_control_is_user : 1;
	void *msg_control;
	unsigned long msg_controllen;
};

struct cmsghdr {
	unsigned long cmsg_len;
	int cmsg_level;
	int cmsg_type;
};

struct sk_buff {
	unsigned int len;
	unsigned char *data;
};

struct user_namespace {
	struct user_namespace *parent; /* NULL: the initial one */
};

struct kern_ipc_perm {
	int id;
};

struct mnt_idmap;
struct kernel_siginfo {
	struct {
		int si_code;
	};
};

#pragma clang attribute pop

#endif
