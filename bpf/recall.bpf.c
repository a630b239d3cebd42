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

static __always_inline __u64 hash_of(__u64 inode)
{
	return inode * 0x9e3779b97f4a7c15ull;
}

static __always_inline struct ec_dir *place_of(__u64 inode)
{
	__u32 place = hash_of(inode) >> (64 - EC_DIRS_BITS);

	return bpf_map_lookup_elem(&ec_dirs, &place);
}

/* Whose knowledge it is: an object that gets a label may be above a directory that is
 * known, by another name, as one that no label is above. */
static __always_inline __u64 known_to(const struct ec_generation *generation, __u32 labels)
{
	return generation->id ^ (__u64)labels << 40;
}

static __always_inline __u64 knows_now(const struct ec_generation *generation)
{
	return known_to(generation, *(volatile __u32 *)&generation->labels);
}

/* Where the directory's entry is, or another's that has the same place. */
static __always_inline struct ec_dir_entry *way_of(__u64 inode, __u64 who)
{
	struct ec_dir *dir = place_of(inode);
	__u64 way = (hash_of(inode) >> 32) + who;

	return dir ? &dir->way[way & (EC_DIR_WAYS - 1)] : (void *)0;
}

/* That a leaf is reached by the same mount is checked, and that is enough for the root of a
 * mount as well: no walk that began there by that mount has ever met what is above it. */
static __always_inline bool is_of(const struct ec_dir_entry *entry, __u32 seq, __u64 inode,
				  __u64 who, __u64 mnt)
{
	/* after the sequence: it is the compiler's, too, to keep that order */
	return !(seq & 1) && *(volatile __u64 *)&entry->inode == inode &&
	       *(volatile __u64 *)&entry->known_to == who && *(volatile __u64 *)&entry->mnt == mnt;
}

/* Nothing was renamed or mounted since the entry was made, and it is the same. */
static __always_inline bool stands(const struct ec_dir_entry *entry, __u32 seq)
{
	return ec_sequence(ec_rename_lock) == *(volatile __u32 *)&entry->rename_seq &&
	       ec_sequence(ec_mount_lock) == *(volatile __u32 *)&entry->mount_seq &&
	       *(volatile __u32 *)&entry->seq == seq;
}

static __always_inline __u64 inode_of(__u64 directory)
{
	struct dentry *dentry = (void *)directory;

	return (__u64)BPF_CORE_READ(dentry, d_inode);
}

/* Longest name that the fast path judges. */
#define FAST_NAME 64u

/* The state of the automaton after a path, 0 when it is not known (state 0 is dead
 * anyway, and the slow path then says so). */
static __always_inline __u32 fast_state(__u64 inode, const char *name, __u32 len, __u64 mnt,
					__u64 who, const __u64 *words)
{
	struct ec_dir_entry *entry = way_of(inode, who);
	__u32 seq, state, i;

	if (!entry)
		return 0;
	seq = *(volatile __u32 *)&entry->seq;
	if (!is_of(entry, seq, inode, who, mnt))
		return 0;
	state = ec_step(words, EC_ARENA_MASK, *(volatile __u32 *)&entry->state, '/');
	for (i = 0; i < FAST_NAME; i++) {
		if (i >= len)
			break;
		state = ec_step(words, EC_ARENA_MASK, state, name[i]);
	}
	/* then the name that was read is the one below that directory */
	return stands(entry, seq) ? state : 0;
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
	state = fast_state(inode, text, len, mnt, knows_now(ec_generation_of(agent, who)), words);
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
	__u64 inode, known;

	if (!ec_remembers || !scratch || !agent || !ec_link_read(dentry, &leaf) ||
	    leaf.parent == dentry)
		return 0;
	generation = ec_generation_of(agent, who);
	inode = inode_of(leaf.parent);
	known = knows_now(generation);
	entry = inode ? way_of(inode, known) : (void *)0;
	if (!entry)
		return 0;
	seq = *(volatile __u32 *)&entry->seq;
	if (!is_of(entry, seq, inode, known, mnt) || !put_path(scratch, entry, &leaf))
		return 0;
	state = *(volatile __u32 *)&entry->state;
	scratch->node_rule = 0;
	scratch->node_ops = 0;
	scratch->uncacheable = 0;
	if (generation->never_nodes && leaf.inode)
		ec_look_for_label(scratch, generation, leaf.inode);
	if (!stands(entry, seq))
		return 0;
	scratch->proc = 0;
	scratch->dir_state = state;
	return 1;
}

__noinline int ec_remember(struct ec_scratch *scratch, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_dir_entry *entry;
	__u64 known, inode;
	__u32 seq, len;

	if (!ec_remembers || !scratch || !agent || !scratch->parent || scratch->uncacheable)
		return 0;
	known = known_to(ec_generation_of(agent, who), scratch->labels);
	inode = inode_of(scratch->parent);
	entry = inode ? way_of(inode, known) : (void *)0;
	if (!entry)
		return 0;
	seq = entry->seq;
	if (seq & 1 || __sync_val_compare_and_swap(&entry->seq, seq, seq + 1) != seq)
		return 0;
	entry->inode = inode;
	entry->known_to = known;
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
	__u64 number = ec_number(inode);
	struct ec_dir *dir;
	__u32 i;

	if ((inode->i_mode & S_IFMT) != S_IFDIR)
		return 0;
	dir = place_of(number);
	if (!dir)
		return 0;
	/* what others write there meanwhile may be forgotten, too */
	for (i = 0; i < EC_DIR_WAYS; i++)
		if (dir->way[i].inode == number)
			dir->way[i].inode = 0;
	return 0;
}
