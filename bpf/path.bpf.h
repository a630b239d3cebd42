/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * path.bpf.h - what a dentry on a mount is called below the agent's root, and
 * the state of the policy's automaton there.
 */
#ifndef EC_PATH_BPF_H
#define EC_PATH_BPF_H

#include "maps.bpf.h"

/* Written on every d_move and on every change of the mount tree
 * (fs/dcache.c, fs/namespace.c): a path read while both stand still is whole. */
extern const volatile __u64 ec_rename_lock; /* addresses, see maps.bpf.c */
extern const volatile __u64 ec_mount_lock;
extern const volatile __u8 ec_has_task_from_pid;

#define EC_PROC_SUPER_MAGIC 0x9fa0 /* linux/magic.h */

static __always_inline __u32 ec_sequence(__u64 lock)
{
	__u32 value = 1; /* odd: a failed read is a writer at work */

	bpf_probe_read_kernel(&value, sizeof(value), (void *)lock);
	return value;
}

enum ec_walk {
	EC_WALK_OK = 1,
	EC_WALK_RETRY = 2,    /* something was renamed meanwhile */
	EC_WALK_INTERNAL = 3, /* a mount that no path leads to: kernel's own */
	EC_WALK_OUTSIDE = 4,  /* not below the agent's root */
	EC_WALK_TOO_DEEP = 5,
	EC_WALK_TOO_LONG = 6,
	EC_WALK_BROKEN = 7,
};

/* Writes the path into scratch `index`. mnt is a struct vfsmount. */
int ec_walk(__u32 index, __u64 dentry, __u64 mnt, __u32 who);
/* After EC_WALK_RETRY: waits until nothing is being renamed or mounted. */
int ec_await_still(void);
/* Runs an automaton over the scratch's string; sets state and dir_state. */
int ec_run(__u32 index, __u32 start);

/* Longest name that the fast path judges. */
#define EC_FAST_NAME 64u
/* In ec_dir_entry.state: the mount shows a part of its file system, so other
 * names lead here too. */
#define EC_DIR_BIND 0x80000000u

static __always_inline struct ec_dir_entry *ec_dir_way(struct ec_dir *dir, __u64 generation)
{
	return &dir->way[generation & (EC_DIR_WAYS - 1)];
}

/* State of its automaton after the path of leaf in parent, 0 when the cache
 * cannot tell (state 0 is dead anyway, and the slow path then says so). */
static __always_inline __u32 ec_fast_state(struct dentry *parent, struct dentry *leaf,
					   struct vfsmount *mnt, __u64 generation, __u32 *ret_bind)
{
	__u64 inode = (__u64)parent->d_inode;
	const __u64 *words = ec_words();
	struct ec_dir_entry *entry;
	char name[EC_FAST_NAME];
	struct ec_dir *dir;
	__u32 seq, state, len, rename_seq, mount_seq, i;

	if (!inode || !words)
		return 0;
	dir = bpf_map_lookup_elem(&ec_dirs, &inode);
	if (!dir)
		return 0;
	entry = ec_dir_way(dir, generation);
	seq = *(volatile __u32 *)&entry->seq;
	state = *(volatile __u32 *)&entry->state;
	rename_seq = *(volatile __u32 *)&entry->rename_seq;
	mount_seq = *(volatile __u32 *)&entry->mount_seq;
	if (seq & 1 || entry->generation != generation || entry->mnt != (__u64)mnt ||
	    *(volatile __u32 *)&entry->seq != seq)
		return 0;
	*ret_bind = state & EC_DIR_BIND;
	state &= ~EC_DIR_BIND;

	len = leaf->d_name.len;
	if (!len)
		return 0;
	barrier_var(len); /* or both checks become one that the verifier cannot read */
	if (len > EC_FAST_NAME)
		return 0;
	if (bpf_probe_read_kernel(name, len, leaf->d_name.name))
		return 0;
	state = ec_step(words, EC_ARENA_MASK, state, '/');
	for (i = 0; i < EC_FAST_NAME; i++) {
		if (i >= len)
			break;
		state = ec_step(words, EC_ARENA_MASK, state, name[i]);
	}
	/* nothing was renamed or mounted since the entry was made, so the name
	 * that was just read is the one below that directory */
	if (ec_sequence(ec_rename_lock) != rename_seq || ec_sequence(ec_mount_lock) != mount_seq)
		return 0;
	return state;
}

/* An empty entry for a directory. */
int ec_dir_new(__u64 inode);

static __always_inline void ec_fast_store(struct dentry *parent, struct vfsmount *mnt,
					  __u64 generation, __u32 state, __u32 rename_seq,
					  __u32 mount_seq)
{
	__u64 inode = (__u64)parent->d_inode;
	struct ec_dir_entry *entry;
	struct ec_dir *dir;
	__u32 seq;

	if (!inode || rename_seq & 1 || mount_seq & 1)
		return;
	dir = bpf_map_lookup_elem(&ec_dirs, &inode);
	if (!dir) {
		ec_dir_new(ec_number(parent->d_inode));
		dir = bpf_map_lookup_elem(&ec_dirs, &inode);
		if (!dir)
			return;
	}
	entry = ec_dir_way(dir, generation);
	seq = entry->seq;
	if (seq & 1 || __sync_val_compare_and_swap(&entry->seq, seq, seq + 1) != seq)
		return;
	entry->generation = generation;
	entry->mnt = (__u64)mnt;
	entry->state = state;
	entry->rename_seq = rename_seq;
	entry->mount_seq = mount_seq;
	__sync_fetch_and_add(&entry->seq, 1);
}

#endif
