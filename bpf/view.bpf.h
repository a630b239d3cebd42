/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * view.bpf.h - effects on a dentry whose hook does not say through which mount
 * it was reached (inode_* hooks). The object is judged on each mount of its
 * file system in the task's mount namespace that shows it: one view that
 * permits it is enough, one that never names refuses.
 */
#ifndef EC_VIEW_BPF_H
#define EC_VIEW_BPF_H

#include "judge.bpf.h"

/* Mounts of one file system looked at, in all namespaces, and judged. Past
 * either the effect is refused. */
#define EC_VIEW_MOUNTS 512
#define EC_VIEWS 8

/* 1 = allowed. */
int ec_judge_views(__u64 dentry, __u32 slot, __u32 ops);

#endif
