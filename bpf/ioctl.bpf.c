// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * ioctl.bpf.c - what a descriptor for reading is good for beside reading.
 *
 * file_ioctl, file_ioctl_compat (6.1.y, 6.7)
 *     of a file or directory: attributes need `write` (EACCES); so does what tells it
 *     from others that had its inode number, and then no never may name it; what is
 *     not known to be harmless is about the whole file system (freezing it, shutting
 *     it down, growing it) and refused with EPERM
 *     of a terminal: typing into it, another line discipline (EPERM)
 *     of anything: whom to signal (EPERM)
 * file_fcntl    whom to signal when there is something to read: the kernel
 *               sends any signal then, without task_kill (EPERM); leases,
 *               which keep others waiting who open the file, such as the
 *               controller its policy (EPERM)
 */
#define EC_ASKS
#include "judge.bpf.h"

#define F_SETOWN 8 /* uapi/asm-generic/fcntl.h */
#define F_SETOWN_EX 15
#define F_SETLEASE 1024	  /* uapi/linux/fcntl.h */
#define FIOSETOWN 0x8901u /* uapi/asm-generic/sockios.h */
#define SIOCSPGRP 0x8902u
#define TIOCSTI 0x5412u /* uapi/asm-generic/ioctls.h */
#define TIOCLINUX 0x541cu
#define TIOCCONS 0x541du
#define TIOCSETD 0x5423u
#define FS_IOC_SETFLAGS 0x40086602u /* linux/fs.h */
#define FS_IOC_FSSETXATTR 0x401c5820u
#define FS_IOC32_SETFLAGS 0x40046602u
#define FS_IOC_SETVERSION 0x40087602u
#define FS_IOC32_SETVERSION 0x40047602u
#define EXT4_IOC_SETVERSION 0x40086604u /* fs/ext4/ext4.h */
#define EXT4_IOC32_SETVERSION 0x40046604u
#define EXT4_IOC_SWAP_BOOT 0x6611u
#define FS_IOC_SHUTDOWN 0x8004587du /* of XFS and ext4, and says it only answers */

#define DIRECTION(cmd) ((cmd) >> 30) /* uapi/asm-generic/ioctl.h */
#define ANSWERS 2u		     /* _IOR: the kernel only answers */

enum kind {
	HARMLESS,
	ATTRIBUTES,
	IDENTITY,
	SIGNALS,
	TERMINAL,
	UNKNOWN,
};

static __always_inline enum kind kind_of(unsigned int cmd)
{
	switch (cmd) {
	case FS_IOC_SETFLAGS:
	case FS_IOC_FSSETXATTR:
	case FS_IOC32_SETFLAGS:
		return ATTRIBUTES;
	case FS_IOC_SETVERSION:
	case FS_IOC32_SETVERSION:
	case EXT4_IOC_SETVERSION:
	case EXT4_IOC32_SETVERSION:
	case EXT4_IOC_SWAP_BOOT:
		return IDENTITY;
	case FIOSETOWN:
	case SIOCSPGRP:
		return SIGNALS;
	case TIOCSTI:
	case TIOCLINUX:
	case TIOCCONS:
	case TIOCSETD:
		return TERMINAL;
	case 0x1:	 /* FIBMAP */
	case 0x2:	 /* FIGETBSZ */
	case 0x5401:	 /* TCGETS: is it a terminal? */
	case 0x540f:	 /* TIOCGPGRP */
	case 0x5413:	 /* TIOCGWINSZ */
	case 0x541b:	 /* FIONREAD */
	case 0x5421:	 /* FIONBIO */
	case 0x5450:	 /* FIONCLEX */
	case 0x5451:	 /* FIOCLEX */
	case 0x5452:	 /* FIOASYNC */
	case 0x5460:	 /* FIOQSIZE */
	case 0x40049409: /* FICLONE: both files are open as it takes */
	case 0x4020940d: /* FICLONERANGE */
	case 0xc0189436: /* FIDEDUPERANGE: changes no byte */
	case 0xc020660b: /* FS_IOC_FIEMAP */
	case 0xc0686611: /* PROCMAP_QUERY */
		return HARMLESS;
	}
	return DIRECTION(cmd) == ANSWERS && cmd != FS_IOC_SHUTDOWN ? HARMLESS : UNKNOWN;
}

static __always_inline bool of_file_system(struct file *file)
{
	__u32 kind = file->f_inode->i_mode & 0170000;
	struct vfsmount *mnt = file->f_path.mnt;
	struct mount *mount = (void *)(ec_number(mnt) - bpf_core_field_offset(struct mount, mnt));

	return (kind == 0100000 || kind == 0040000) &&
	       (__u64)BPF_CORE_READ(mount, mnt_ns) != EC_MNT_NS_INTERNAL;
}

static __always_inline int ioctl(struct file *file, unsigned int cmd)
{
	struct ec_self self;

	if (!ec_tagged(&self))
		return 0;
	switch (kind_of(cmd)) {
	case HARMLESS:
		return 0;
	case ATTRIBUTES:
		return ec_object_effect(&self, &file->f_path, EC_OP_BIT(EC_OP_WRITE));
	case IDENTITY: /* or its label would not be its own any more */
		return ec_object_effect(&self, &file->f_path,
					EC_OP_BIT(EC_OP_WRITE) | EC_ANY_NEVER);
	case SIGNALS:
		return ec_priv_effect(&self, EC_PRIV_SIGNAL);
	case TERMINAL:
		return ec_priv_effect(&self, EC_PRIV_DEVICES);
	case UNKNOWN:
		break;
	}
	return of_file_system(file) ? ec_priv_effect(&self, EC_PRIV_ADMIN) : 0;
}

SEC("lsm/file_ioctl")
int BPF_PROG(ec_file_ioctl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? ret : ioctl(file, cmd);
}

SEC("?lsm/file_ioctl_compat")
int BPF_PROG(ec_file_ioctl_compat, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? ret : ioctl(file, cmd);
}

/* The number by which the task's own process knows itself. */
static __always_inline int own_number(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u64 at = (__u64)pid + bpf_core_field_offset(struct pid, numbers);
	int number = -1;

	at += (__u64)BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid) +
	      bpf_core_field_offset(struct upid, nr);
	bpf_probe_read_kernel(&number, sizeof(number), (void *)at);
	return number;
}

SEC("lsm/file_fcntl")
int BPF_PROG(ec_file_fcntl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	struct ec_self self;

	if (ret || (cmd != F_SETOWN && cmd != F_SETOWN_EX && cmd != F_SETLEASE) ||
	    !ec_tagged(&self))
		return ret;
	/* of F_SETOWN_EX only the caller's memory says whom */
	if (cmd == F_SETOWN && (!(int)arg || (int)arg == own_number()))
		return 0;
	return ec_priv_effect(&self, EC_PRIV_SIGNAL);
}
