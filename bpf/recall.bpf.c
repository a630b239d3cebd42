// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * recall.bpf.c - what is known of a directory: its name below the agent's root, and
 * the state of the policy's automaton there. A path in it is then its name alone.
 *
 * inode_free_security   forgets a directory; refuses nothing
 *
 * Only where that hook is loaded (ec_remembers): without it an address may have come
 * to mean another directory.
 */
#include "path.bpf.h"

/* Kept by the address of the directory's inode. That its leaf is reached by the same
 * mount is checked, and that is enough for the root of a mount as well: no walk that
 * began there by that mount has ever met what is above it. */
static __always_inline struct ec_dir_entry *entry_of(__u64 parent, __u64 generation)
{
	struct dentry *dentry = (void *)parent;
	__u64 inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	struct ec_dir *dir = inode ? bpf_map_lookup_elem(&ec_dirs, &inode) : (void *)0;

	return dir ? ec_dir_way(dir, generation) : (void *)0;
}

/* Longest name that the fast path judges. */
#define FAST_NAME 64u

/* The state of the automaton after a path, 0 when it is not known (state 0 is dead
 * anyway, and the slow path then says so). */
static __always_inline __u32 fast_state(__u64 inode, const char *name, __u32 len, __u64 mnt,
					__u64 generation, const __u64 *words)
{
	struct ec_dir *dir = bpf_map_lookup_elem(&ec_dirs, &inode);
	struct ec_dir_entry *entry;
	__u32 seq, state, i;

	if (!dir)
		return 0;
	entry = ec_dir_way(dir, generation);
	seq = *(volatile __u32 *)&entry->seq;
	if (seq & 1 || entry->generation != generation || entry->mnt != mnt)
		return 0;
	state = ec_step(words, EC_ARENA_MASK, *(volatile __u32 *)&entry->state, '/');
	for (i = 0; i < FAST_NAME; i++) {
		if (i >= len)
			break;
		state = ec_step(words, EC_ARENA_MASK, state, name[i]);
	}
	/* nothing was renamed or mounted since the entry was made, so the name
	 * that was just read is the one below that directory */
	if (ec_sequence(ec_rename_lock) != *(volatile __u32 *)&entry->rename_seq ||
	    ec_sequence(ec_mount_lock) != *(volatile __u32 *)&entry->mount_seq ||
	    *(volatile __u32 *)&entry->seq != seq)
		return 0;
	return state;
}

__noinline int ec_quiet_ops(__u64 inode, __u64 name, __u32 len, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	const __u64 *words = ec_words();
	char text[FAST_NAME];
	__u32 state;

	if (!agent || !words || !inode || !len)
		return 0;
	barrier_var(len); /* or both checks become one that the verifier cannot read */
	if (len > FAST_NAME || bpf_probe_read_kernel(text, len, (void *)name))
		return 0;
	state = fast_state(inode, text, len, mnt, ec_generation_of(agent, who)->id, words);
	return state ? EC_STATE_QUIET_OPS(words[(state + 1) & EC_ARENA_MASK]) : 0;
}

/* The name of the directory and that of the leaf, into the scratch. */
static __always_inline bool put_path(struct ec_scratch *scratch, const struct ec_dir_entry *entry,
				     const struct ec_link *leaf)
{
	__u32 len = *(volatile __u32 *)&entry->text_len, leaf_len = leaf->len;

	if (len > EC_DIR_TEXT || !leaf_len || leaf_len > EC_NAME_MAX)
		return false;
	barrier_var(len);
	if (bpf_probe_read_kernel(scratch->path, len & 0xff, entry->text))
		return false;
	scratch->path[len & 0xff] = '/';
	if (bpf_probe_read_kernel(&scratch->path[(len & 0xff) + 1], leaf_len & EC_NAME_MAX,
				  (void *)leaf->name))
		return false;
	scratch->dir_len = len;
	scratch->path_len = len + 1 + leaf_len;
	return true;
}

__noinline int ec_recall(struct ec_scratch *scratch, __u64 dentry, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_generation *generation;
	struct ec_dir_entry *entry;
	struct ec_link leaf;
	__u32 seq, state;

	if (!ec_remembers || !scratch || !agent || !ec_link_read(dentry, &leaf) ||
	    leaf.parent == dentry)
		return 0;
	generation = ec_generation_of(agent, who);
	entry = entry_of(leaf.parent, generation->id);
	if (!entry)
		return 0;
	seq = *(volatile __u32 *)&entry->seq;
	if (seq & 1 || entry->generation != generation->id || entry->mnt != mnt ||
	    !put_path(scratch, entry, &leaf))
		return 0;
	state = *(volatile __u32 *)&entry->state;
	scratch->node_rule = 0;
	scratch->node_ops = 0;
	scratch->uncacheable = 0;
	if (generation->never_nodes && leaf.inode)
		ec_look_for_label(scratch, generation, leaf.inode);
	/* as in fast_state: nothing was renamed or mounted since the entry was made */
	if (ec_sequence(ec_rename_lock) != *(volatile __u32 *)&entry->rename_seq ||
	    ec_sequence(ec_mount_lock) != *(volatile __u32 *)&entry->mount_seq ||
	    *(volatile __u32 *)&entry->seq != seq)
		return 0;
	scratch->proc = 0;
	scratch->dir_state = state;
	return 1;
}

static __always_inline struct ec_dir_entry *entry_for(__u64 parent, __u64 generation)
{
	static const struct ec_dir empty;
	struct dentry *dentry = (void *)parent;
	__u64 inode = (__u64)BPF_CORE_READ(dentry, d_inode);

	if (!inode)
		return (void *)0;
	if (!bpf_map_lookup_elem(&ec_dirs, &inode))
		bpf_map_update_elem(&ec_dirs, &inode, &empty, BPF_NOEXIST);
	return entry_of(parent, generation);
}

__noinline int ec_remember(struct ec_scratch *scratch, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_dir_entry *entry;
	__u64 generation;
	__u32 seq, len;

	if (!ec_remembers || !scratch || !agent || !scratch->parent || scratch->uncacheable)
		return 0;
	generation = ec_generation_of(agent, who)->id;
	entry = entry_for(scratch->parent, generation);
	if (!entry)
		return 0;
	seq = entry->seq;
	if (seq & 1 || __sync_val_compare_and_swap(&entry->seq, seq, seq + 1) != seq)
		return 0;
	entry->generation = generation;
	entry->mnt = mnt;
	entry->state = scratch->dir_state;
	entry->rename_seq = scratch->rename_seq;
	entry->mount_seq = scratch->mount_seq;
	len = scratch->dir_len;
	entry->text_len = len;
	barrier_var(len); /* or the verifier does not see the check for the size */
	if (len <= EC_DIR_TEXT)
		bpf_probe_read_kernel(entry->text, len, scratch->path);
	__sync_fetch_and_add(&entry->seq, 1);
	return 1;
}

#define S_IFMT 0170000
#define S_IFDIR 0040000

SEC("lsm/inode_free_security")
int BPF_PROG(ec_inode_free, struct inode *inode)
{
	__u64 key = (__u64)inode;

	if ((inode->i_mode & S_IFMT) == S_IFDIR)
		bpf_map_delete_elem(&ec_dirs, &key);
	return 0;
}
