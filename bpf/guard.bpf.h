/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* guard.bpf.h - what the privileges guard beyond their own hooks. */
#ifndef EC_GUARD_BPF_H
#define EC_GUARD_BPF_H

#include "judge.bpf.h"

/* 1: a file of a proc file system that shows the memory of a task outside the
 * agent. From 6.13 the kernel opens these for whoever has CAP_PERFMON or
 * CAP_SYS_ADMIN although ptrace_access_check refused (may_access_mm() in
 * kernel/fork.c), so that they need a check of their own. */
int ec_stranger_memory(__u64 dentry, __u32 who);

/* 1: a task outside the agent, by its number in the first pid namespace; 0 is the
 * task itself. Before 6.2 nobody can tell, and everybody is. */
int ec_stranger(int pid, __u32 who);

/* What changing this object would take beside a rule that permits it: a privilege,
 * or EC_PRIV_NONE. For file systems whose files steer the kernel or other processes,
 * whatever they are mounted as. */
__u32 ec_control_priv(__u64 dentry, __u32 who);

#endif
