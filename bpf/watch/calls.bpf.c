// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * calls.bpf.c - system calls, when they return.
 *
 * sys_exit   finds out what it was about (the other files), and judges that. Whose
 *            agent is at its end is killed here, before it comes to anything else
 *
 * A call that does not return (an exec, a death) is not told here. Of the 32-bit
 * calls socketcall, ipc and the old mmap are not told, their arguments being in
 * the caller's memory; of the x32 ones those that have numbers of their own.
 */
#include "watch.bpf.h"
#include "../emit.bpf.h"

#include <asm/unistd_64.h>

#define NUMBERS 512
#define X32_BIT 0x40000000u

/* inet.bpf.c is loaded: set before loading. */
const volatile __u8 ec_watches_inet = 0;

#define PRIV(name) (EC_WATCHED_PRIV + EC_PRIV_##name)

static const __u8 of_64[NUMBERS] = {
	[__NR_open] = EC_WATCHED_OPEN,
	[__NR_creat] = EC_WATCHED_CREAT,
	[__NR_openat] = EC_WATCHED_OPENAT,
	[437] = EC_WATCHED_OPENAT2,
	[__NR_open_by_handle_at] = EC_WATCHED_OPENED,
	[438] = EC_WATCHED_OPENED, /* pidfd_getfd */
	[__NR_mq_open] = EC_WATCHED_OPENED,
	[__NR_mmap] = EC_WATCHED_MAP,
	[__NR_ftruncate] = EC_WATCHED_CHANGE,
	[__NR_fchmod] = EC_WATCHED_CHANGE,
	[__NR_fchown] = EC_WATCHED_CHANGE,
	[__NR_fsetxattr] = EC_WATCHED_CHANGE,
	[__NR_fremovexattr] = EC_WATCHED_CHANGE,
	[__NR_unlink] = EC_WATCHED_NAME,
	[__NR_rmdir] = EC_WATCHED_NAME,
	[__NR_mkdir] = EC_WATCHED_NAME,
	[__NR_mknod] = EC_WATCHED_NAME,
	[__NR_chmod] = EC_WATCHED_NAME,
	[__NR_chown] = EC_WATCHED_NAME,
	[__NR_lchown] = EC_WATCHED_NAME,
	[__NR_truncate] = EC_WATCHED_NAME,
	[__NR_utime] = EC_WATCHED_NAME,
	[__NR_utimes] = EC_WATCHED_NAME,
	[__NR_setxattr] = EC_WATCHED_NAME,
	[__NR_lsetxattr] = EC_WATCHED_NAME,
	[__NR_removexattr] = EC_WATCHED_NAME,
	[__NR_lremovexattr] = EC_WATCHED_NAME,
	[__NR_unlinkat] = EC_WATCHED_NAME_AT,
	[__NR_mkdirat] = EC_WATCHED_NAME_AT,
	[__NR_mknodat] = EC_WATCHED_NAME_AT,
	[__NR_fchmodat] = EC_WATCHED_NAME_AT,
	[__NR_fchownat] = EC_WATCHED_NAME_AT,
	[__NR_utimensat] = EC_WATCHED_NAME_AT,
	[__NR_futimesat] = EC_WATCHED_NAME_AT,
	[452] = EC_WATCHED_NAME_AT, /* fchmodat2 */
	[463] = EC_WATCHED_NAME_AT, /* setxattrat */
	[466] = EC_WATCHED_NAME_AT, /* removexattrat */
	[469] = EC_WATCHED_NAME_AT, /* file_setattr */
	[__NR_rename] = EC_WATCHED_RENAME,
	[__NR_renameat] = EC_WATCHED_RENAME_AT,
	[__NR_renameat2] = EC_WATCHED_RENAME_AT,
	[__NR_link] = EC_WATCHED_LINK,
	[__NR_linkat] = EC_WATCHED_LINK_AT,
	[__NR_symlink] = EC_WATCHED_SYMLINK,
	[__NR_symlinkat] = EC_WATCHED_SYMLINK_AT,
	[__NR_execve] = EC_WATCHED_EXEC,
	[__NR_execveat] = EC_WATCHED_EXEC_AT,
	[__NR_connect] = EC_WATCHED_CONNECT,
	[__NR_bind] = EC_WATCHED_BIND,
	[__NR_listen] = EC_WATCHED_LISTEN,
	[__NR_accept] = EC_WATCHED_ACCEPT,
	[__NR_accept4] = EC_WATCHED_ACCEPT,
	[__NR_sendto] = EC_WATCHED_SEND_TO,
	[__NR_sendmsg] = EC_WATCHED_SEND_MESSAGE,
	[__NR_sendmmsg] = EC_WATCHED_SEND_MESSAGE, /* the first of them */
	[__NR_socket] = EC_WATCHED_SOCKET,
	[__NR_ptrace] = EC_WATCHED_PTRACE,
	[__NR_process_vm_readv] = EC_WATCHED_REACH,
	[__NR_process_vm_writev] = EC_WATCHED_REACH,
	[__NR_kcmp] = EC_WATCHED_REACH,
	[__NR_sched_setaffinity] = EC_WATCHED_STARVE,
	[__NR_sched_setscheduler] = EC_WATCHED_STARVE,
	[__NR_sched_setparam] = EC_WATCHED_STARVE,
	[__NR_sched_setattr] = EC_WATCHED_STARVE,
	[__NR_migrate_pages] = EC_WATCHED_STARVE,
	[__NR_move_pages] = EC_WATCHED_STARVE,
	[__NR_prlimit64] = EC_WATCHED_LIMIT,
	[__NR_unshare] = EC_WATCHED_UNSHARE,
	[__NR_clone] = EC_WATCHED_UNSHARE,
	[__NR_setns] = EC_WATCHED_SETNS,
	[425] = EC_WATCHED_URING,
	[__NR_mount] = PRIV(MOUNT),
	[__NR_umount2] = PRIV(MOUNT),
	[__NR_pivot_root] = PRIV(MOUNT),
	[429] = PRIV(MOUNT), /* move_mount */
	[430] = PRIV(MOUNT), /* fsopen */
	[432] = PRIV(MOUNT), /* fsmount */
	[433] = PRIV(MOUNT), /* fspick */
	[442] = PRIV(MOUNT), /* mount_setattr */
	[__NR_chroot] = PRIV(CHROOT),
	[__NR_bpf] = PRIV(BPF),
	[__NR_perf_event_open] = PRIV(BPF),
	[__NR_init_module] = PRIV(MODULES),
	[__NR_finit_module] = PRIV(MODULES),
	[__NR_delete_module] = PRIV(MODULES),
	[__NR_kexec_load] = PRIV(MODULES),
	[__NR_kexec_file_load] = PRIV(MODULES),
	[__NR_settimeofday] = PRIV(TIME),
	[__NR_clock_settime] = PRIV(TIME),
	[__NR_swapon] = PRIV(ADMIN),
	[__NR_swapoff] = PRIV(ADMIN),
	[__NR_reboot] = PRIV(ADMIN),
	[__NR_sethostname] = PRIV(ADMIN),
	[__NR_setdomainname] = PRIV(ADMIN),
	[__NR_iopl] = PRIV(ADMIN),
	[__NR_ioperm] = PRIV(ADMIN),
	[__NR_acct] = PRIV(ADMIN),
	[__NR_quotactl] = PRIV(ADMIN),
	[__NR_syslog] = PRIV(ADMIN),
	[__NR_vhangup] = PRIV(ADMIN),
	[__NR_add_key] = PRIV(KEYS),
	[__NR_request_key] = PRIV(KEYS),
	[__NR_keyctl] = PRIV(KEYS),
};

/* arch/x86/entry/syscalls/syscall_32.tbl; those above 402 are the same as above */
#define NUMBERS_32 403
static const __u8 of_32[NUMBERS] = {
	[5] = EC_WATCHED_OPEN,
	[8] = EC_WATCHED_CREAT,
	[9] = EC_WATCHED_LINK,
	[10] = EC_WATCHED_NAME, /* unlink */
	[11] = EC_WATCHED_EXEC,
	[14] = EC_WATCHED_NAME, /* mknod */
	[15] = EC_WATCHED_NAME, /* chmod */
	[16] = EC_WATCHED_NAME, /* lchown16 */
	[21] = PRIV(MOUNT),
	[22] = PRIV(MOUNT), /* umount */
	[25] = PRIV(TIME),  /* stime */
	[26] = EC_WATCHED_PTRACE,
	[30] = EC_WATCHED_NAME, /* utime */
	[38] = EC_WATCHED_RENAME,
	[39] = EC_WATCHED_NAME, /* mkdir */
	[40] = EC_WATCHED_NAME, /* rmdir */
	[51] = PRIV(ADMIN),	/* acct */
	[52] = PRIV(MOUNT),	/* umount2 */
	[61] = PRIV(CHROOT),
	[74] = PRIV(ADMIN), /* sethostname */
	[79] = PRIV(TIME),  /* settimeofday */
	[83] = EC_WATCHED_SYMLINK,
	[87] = PRIV(ADMIN),	    /* swapon */
	[88] = PRIV(ADMIN),	    /* reboot */
	[92] = EC_WATCHED_NAME,	    /* truncate */
	[93] = EC_WATCHED_CHANGE,   /* ftruncate */
	[94] = EC_WATCHED_CHANGE,   /* fchmod */
	[95] = EC_WATCHED_CHANGE,   /* fchown16 */
	[101] = PRIV(ADMIN),	    /* ioperm */
	[103] = PRIV(ADMIN),	    /* syslog */
	[110] = PRIV(ADMIN),	    /* iopl */
	[115] = PRIV(ADMIN),	    /* swapoff */
	[120] = EC_WATCHED_UNSHARE, /* clone */
	[128] = PRIV(MODULES),
	[129] = PRIV(MODULES),
	[131] = PRIV(ADMIN), /* quotactl */
	[154] = EC_WATCHED_STARVE,
	[156] = EC_WATCHED_STARVE,
	[182] = EC_WATCHED_NAME,   /* chown16 */
	[192] = EC_WATCHED_MAP,	   /* mmap2 */
	[193] = EC_WATCHED_NAME,   /* truncate64 */
	[194] = EC_WATCHED_CHANGE, /* ftruncate64 */
	[198] = EC_WATCHED_NAME,   /* lchown */
	[207] = EC_WATCHED_CHANGE, /* fchown */
	[212] = EC_WATCHED_NAME,   /* chown */
	[217] = PRIV(MOUNT),	   /* pivot_root */
	[226] = EC_WATCHED_NAME,   /* setxattr */
	[227] = EC_WATCHED_NAME,   /* lsetxattr */
	[228] = EC_WATCHED_CHANGE, /* fsetxattr */
	[235] = EC_WATCHED_NAME,   /* removexattr */
	[236] = EC_WATCHED_NAME,   /* lremovexattr */
	[237] = EC_WATCHED_CHANGE, /* fremovexattr */
	[241] = EC_WATCHED_STARVE,
	[264] = PRIV(TIME),
	[271] = EC_WATCHED_NAME,   /* utimes */
	[277] = EC_WATCHED_OPENED, /* mq_open */
	[283] = PRIV(MODULES),	   /* kexec_load */
	[286] = PRIV(KEYS),
	[287] = PRIV(KEYS),
	[288] = PRIV(KEYS),
	[295] = EC_WATCHED_OPENAT,
	[296] = EC_WATCHED_NAME_AT, /* mkdirat */
	[297] = EC_WATCHED_NAME_AT, /* mknodat */
	[298] = EC_WATCHED_NAME_AT, /* fchownat */
	[299] = EC_WATCHED_NAME_AT, /* futimesat */
	[301] = EC_WATCHED_NAME_AT, /* unlinkat */
	[302] = EC_WATCHED_RENAME_AT,
	[303] = EC_WATCHED_LINK_AT,
	[304] = EC_WATCHED_SYMLINK_AT,
	[306] = EC_WATCHED_NAME_AT, /* fchmodat */
	[310] = EC_WATCHED_UNSHARE,
	[320] = EC_WATCHED_NAME_AT, /* utimensat */
	[336] = PRIV(BPF),	    /* perf_event_open */
	[340] = EC_WATCHED_LIMIT,
	[342] = EC_WATCHED_OPENED, /* open_by_handle_at */
	[345] = EC_WATCHED_SEND_MESSAGE,
	[346] = EC_WATCHED_SETNS,
	[347] = EC_WATCHED_REACH,
	[348] = EC_WATCHED_REACH,
	[349] = EC_WATCHED_REACH, /* kcmp */
	[350] = PRIV(MODULES),
	[351] = EC_WATCHED_STARVE, /* sched_setattr */
	[353] = EC_WATCHED_RENAME_AT,
	[357] = PRIV(BPF),
	[358] = EC_WATCHED_EXEC_AT,
	[359] = EC_WATCHED_SOCKET,
	[361] = EC_WATCHED_BIND,
	[362] = EC_WATCHED_CONNECT,
	[363] = EC_WATCHED_LISTEN,
	[364] = EC_WATCHED_ACCEPT,
	[369] = EC_WATCHED_SEND_TO,
	[370] = EC_WATCHED_SEND_MESSAGE,
};

static __always_inline __u32 kind_of(__u32 number, bool compat)
{
	if (!compat)
		number &= ~X32_BIT;
	if (compat && number == 412) /* utimensat_time64 */
		return EC_WATCHED_NAME_AT;
	if (number >= NUMBERS)
		return EC_WATCHED_NOT;
	barrier_var(number); /* or the verifier does not see the mask for the check */
	number &= NUMBERS - 1;
	return compat && number < NUMBERS_32 ? of_32[number] : of_64[number];
}

static __always_inline void judge(struct ec_found *found, __u32 who, int kind)
{
	switch (kind) {
	case EC_FOUND_PATH:
		ec_judge_path(found->a, found->b, who, found->ops);
		break;
	case EC_FOUND_INET:
		ec_judge_inet(&found->inet, who, found->ops);
		break;
	case EC_FOUND_UNIX:
		ec_judge_unix(found->a, who, found->ops);
		break;
	case EC_FOUND_PRIV:
		ec_judge_priv(who, found->a);
		break;
	case EC_FOUND_SAID:
		ec_watch_said(found->a, found->b, who, found->ops | found->flags << EC_SAID_FLAGS);
		break;
	}
}

/* From here on something is not seen. */
__noinline int ec_watch_unseen(__u32 who, __u32 why)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;

	if (index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (scratch)
		scratch->reason = EC_REASON_DOUBT;
	ec_emit(scratch, who, EC_EMIT(EC_OBS_UNSEEN, 0, EC_VERDICT_ALLOW, EC_TARGET_NONE), why);
	ec_scratch_put(scratch);
	return 0;
}

static __always_inline void returned(struct ec_returned *call)
{
	struct ec_found found = {};
	int kind;

	if (call->kind <= EC_WATCHED_CHANGE) {
		kind = ec_watch_object(call, &found);
	} else if (call->kind <= EC_WATCHED_EXEC_AT) {
		kind = ec_watch_name(call, 0, &found);
		judge(&found, call->who, kind);
		__builtin_memset(&found, 0, sizeof(found));
		kind = ec_watch_name(call, 1, &found);
	} else if (call->kind <= EC_WATCHED_SEND_MESSAGE) {
		kind = ec_watch_socket(call, &found);
	} else {
		kind = ec_watch_privilege(call, &found);
	}
	judge(&found, call->who, kind);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(ec_watch_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_returned call = {};
	struct ec_self self;

	if (!ec_tagged(&self))
		return 0;
	if (!ec_watched_agent(&self)) {
		bpf_send_signal(9);
		return 0;
	}
	call.compat = !!(task->thread_info.status & EC_TS_COMPAT);
	call.kind = kind_of(regs->orig_ax, call.compat);
	if (call.kind == EC_WATCHED_NOT)
		return 0;
	call.regs = ec_number(regs);
	call.ret = ret;
	call.who = self.who;
	if (call.kind == EC_WATCHED_URING) {
		if (ret >= 0)
			ec_watch_unseen(self.who, EC_UNSEEN_URING);
		return 0;
	}
	returned(&call);
	return 0;
}
