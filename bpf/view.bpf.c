// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* view.bpf.c - see view.bpf.h. No hooks. */
#include "view.bpf.h"

struct views {
	__u64 next; /* struct mount */
	__u64 end;  /* list head, up to 6.16 */
	__u64 ns;
	struct ec_scratch *scratch; /* whose dentry[] holds the mounts found */
	__u32 len;
};

static __always_inline bool new_list(void)
{
	return bpf_core_field_exists(struct mount, mnt_next_for_sb);
}

static __always_inline __u64 following(__u64 mount)
{
	struct mount *m = (void *)mount;

	if (new_list())
		return (__u64)BPF_CORE_READ(m, mnt_next_for_sb);
	return (__u64)BPF_CORE_READ(m, mnt_instance.next) -
	       bpf_core_field_offset(struct mount, mnt_instance);
}

static long one_mount(__u32 i, struct views *views)
{
	struct ec_scratch *scratch = views->scratch;
	struct mount *mount = (void *)views->next;

	if (!views->next || views->next == views->end)
		return 1;
	if ((__u64)BPF_CORE_READ(mount, mnt_ns) == views->ns) {
		if (views->len >= EC_VIEWS) {
			views->len = 0;
			return 1;
		}
		scratch->dentry[views->len & (EC_VIEWS - 1)] = views->next;
		views->len++;
	}
	views->next = following(views->next);
	return 0;
}

static __always_inline void first_mount(struct views *views, struct dentry *dentry)
{
	struct super_block *sb = BPF_CORE_READ(dentry, d_sb);
	__u64 instance;

	if (new_list()) {
		struct super_block___6_17 *new_sb = (void *)sb;

		views->next = (__u64)BPF_CORE_READ(new_sb, s_mounts);
		return;
	}
	instance = bpf_core_field_offset(struct mount, mnt_instance);
	views->next = (__u64)BPF_CORE_READ(sb, s_mounts.next) - instance;
	views->end = (__u64)sb + bpf_core_field_offset(struct super_block, s_mounts) - instance;
}

/* Asks every view quietly and returns the one that decides: the first that
 * never refuses, else the first that permits, else the first. 0: none, or too
 * many to tell. */
__noinline __u64 ec_choose_view(__u64 dentry, __u32 who, __u32 ops, struct ec_scratch *scratch)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct views views = { .scratch = scratch };
	__u64 mnt, chosen = 0, verdict;
	__u32 i;

	if (!scratch)
		return 0;
	views.ns = (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns);
	first_mount(&views, (void *)dentry);
	bpf_loop(EC_VIEW_MOUNTS, one_mount, &views, 0);
	for (i = 0; i < EC_VIEWS; i++) {
		if (i >= views.len)
			break;
		mnt = scratch->dentry[i] + bpf_core_field_offset(struct mount, mnt);
		if (views.len == 1)
			return mnt;
		verdict = (__u32)ec_judge_path(dentry, mnt, who, ops | EC_QUIETLY);
		if (verdict || !chosen)
			chosen = mnt;
		if (verdict == 2)
			break;
	}
	return chosen;
}
