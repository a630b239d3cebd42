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
#define EC_VIEWS 4

__u64 ec_choose_view(__u64 dentry, __u32 who, __u32 ops, struct ec_scratch *scratch);

#ifdef EC_ASKS
static __always_inline int ec_judge_views(__u64 dentry, __u32 who, __u32 ops)
{
	return ec_ask(dentry, 0, who, EC_ASK_VIEWS, ops) == 1;
}
#else
/* 1 = allowed. Inline: the verifier allows eight frames in all. */
static __always_inline int ec_judge_views(__u64 dentry, __u32 who, __u32 ops)
{
	struct ec_scratch *scratch;
	int index = ec_scratch_take();
	__u64 mnt;

	if (index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	mnt = ec_choose_view(dentry, who, ops, scratch);
	ec_scratch_put(scratch);
	return mnt ? (int)ec_judge_path(dentry, mnt, who, ops) : 0;
}
#endif

#endif
