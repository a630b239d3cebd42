/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * watch.bpf.h - observing where the kernel refuses LSM programs: tracepoints and
 * cgroup hooks tell of effects that have happened, and the same judge says what
 * a policy would have said. Nothing here refuses anything.
 *
 * What a system call's arguments point to is the caller's memory, which may
 * have changed by then. So an object is looked for in the kernel first: the
 * file behind the descriptor that was returned, the peer of the socket. Only
 * where none is left (a name that is gone, an open that failed) the caller's
 * text is taken, below the directory it is relative to, and marked EC_OBS_SAID.
 */
#ifndef EC_WATCH_BPF_H
#define EC_WATCH_BPF_H

#include "../endpoint.bpf.h"
#include "../use.bpf.h"

#define EC_AT_FDCWD (-100) /* linux/fcntl.h */
#define EC_TS_COMPAT 0x2u  /* arch/x86/include/asm/thread_info.h */

/* What a system call is about, see calls.bpf.c. Those in one room follow each other. */
enum ec_watched {
	EC_WATCHED_NOT = 0,
	/* object.bpf.c: a file that has a descriptor */
	EC_WATCHED_OPEN,    /* path, flags */
	EC_WATCHED_CREAT,   /* path */
	EC_WATCHED_OPENAT,  /* directory, path, flags */
	EC_WATCHED_OPENAT2, /* directory, path, how */
	EC_WATCHED_OPENED,  /* returns a descriptor and has no path */
	EC_WATCHED_MAP,	    /* mmap */
	EC_WATCHED_CHANGE,  /* descriptor: its file is changed */
	/* name.bpf.c: names */
	EC_WATCHED_NAME,      /* path: written */
	EC_WATCHED_NAME_AT,   /* directory, path: written */
	EC_WATCHED_RENAME,    /* path, path */
	EC_WATCHED_RENAME_AT, /* directory, path, directory, path */
	EC_WATCHED_LINK,
	EC_WATCHED_LINK_AT,
	EC_WATCHED_SYMLINK, /* text, path */
	EC_WATCHED_SYMLINK_AT,
	EC_WATCHED_EXEC, /* path; only when it fails */
	EC_WATCHED_EXEC_AT,
	/* socket.bpf.c */
	EC_WATCHED_CONNECT,
	EC_WATCHED_BIND,
	EC_WATCHED_LISTEN,
	EC_WATCHED_ACCEPT,
	EC_WATCHED_SEND_TO,
	EC_WATCHED_SEND_MESSAGE,
	/* privilege.bpf.c */
	EC_WATCHED_SOCKET,
	EC_WATCHED_PTRACE,
	EC_WATCHED_REACH,   /* process: its memory */
	EC_WATCHED_STARVE,  /* process: its share */
	EC_WATCHED_LIMIT,   /* process, which, new limits */
	EC_WATCHED_UNSHARE, /* flags */
	EC_WATCHED_SETNS,
	EC_WATCHED_URING,
	EC_WATCHED_PRIV, /* and above: the privilege that is EC_WATCHED_PRIV less */
};

/* A call that has returned: where its registers are, what it is, whose. */
struct ec_returned {
	__u64 regs; /* struct pt_regs */
	__s64 ret;
	__u32 who;
	__u16 kind; /* enum ec_watched */
	__u16 compat;
};

/* What the one program that judges is to judge: enough for each kind. */
enum ec_found_kind {
	EC_FOUND_NOTHING = 0, /* or it has been judged already */
	EC_FOUND_PATH = 1,    /* a: dentry, b: vfsmount */
	EC_FOUND_INET = 2,    /* inet */
	EC_FOUND_UNIX = 3,    /* a: sock */
	EC_FOUND_PRIV = 4,    /* a: privilege */
	EC_FOUND_SAID = 5,    /* a: the text in user memory, b: which directory */
};
struct ec_found {
	__u64 a;
	__u64 b;
	__u32 ops;   /* EC_OP_BIT; EC_FOUND_INET, _UNIX: enum ec_op */
	__u32 flags; /* of the record */
	struct ec_inet inet;
	__u8 pad[6];
};

int ec_watch_object(struct ec_returned *call, struct ec_found *ret_found);
int ec_watch_socket(struct ec_returned *call, struct ec_found *ret_found);
int ec_watch_privilege(struct ec_returned *call, struct ec_found *ret_found);
int ec_watch_name(struct ec_returned *call, __u32 which, struct ec_found *ret_found);
/* Judges the caller's text: `from` is a descriptor, or EC_AT_FDCWD. */
int ec_watch_said(__u64 text, __s32 from, __u32 who, __u32 ops_flags);
int ec_watch_script(__u64 text, __u32 who);
/* op_flags of it: EC_OP_BITs low, flags of the record from here */
#define EC_SAID_FLAGS 16

/* Argument n of a call, from 0. */
static __always_inline __u64 ec_argument(const struct ec_returned *call, int n)
{
	struct pt_regs *regs = (void *)call->regs;

	if (call->compat) {
		switch (n) {
		case 0:
			return (__u32)BPF_CORE_READ(regs, bx);
		case 1:
			return (__u32)BPF_CORE_READ(regs, cx);
		case 2:
			return (__u32)BPF_CORE_READ(regs, dx);
		case 3:
			return (__u32)BPF_CORE_READ(regs, si);
		case 4:
			return (__u32)BPF_CORE_READ(regs, di);
		}
		return (__u32)BPF_CORE_READ(regs, bp);
	}
	switch (n) {
	case 0:
		return BPF_CORE_READ(regs, di);
	case 1:
		return BPF_CORE_READ(regs, si);
	case 2:
		return BPF_CORE_READ(regs, dx);
	case 3:
		return BPF_CORE_READ(regs, r10);
	case 4:
		return BPF_CORE_READ(regs, r8);
	}
	return BPF_CORE_READ(regs, r9);
}

/* The file that the current task has as descriptor fd now; NULL: none. */
static __always_inline struct file *ec_file_of(__s32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = task->files->fdt;
	struct file *file = (void *)0;

	if (fd < 0 || (__u32)fd >= table->max_fds ||
	    bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd))
		return (void *)0;
	return file;
}

/* The kernel's permissions refused it, not what it was about. */
static __always_inline bool ec_was_refused(__s64 ret)
{
	return ret == -1 || ret == -13 || ret == -30; /* EPERM, EACCES, EROFS */
}

/* Ends a task whose agent is at its end; else whether to go on. */
static __always_inline struct ec_agent *ec_watched_agent(const struct ec_self *self)
{
	struct ec_agent *agent = ec_agent_of(self);

	return agent && !(agent->flags & EC_AGENT_QUARANTINE) ? agent : (void *)0;
}

#endif
