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
extern const volatile __u8 ec_remembers;

#define EC_MNT_NS_INTERNAL ((__u64)-22) /* mount.mnt_ns, fs/mount.h: ERR_PTR(-EINVAL) */
#define EC_MQUEUE_MAGIC 0x19800202	/* ipc/mqueue.c */
#define EC_PROC_SUPER_MAGIC 0x9fa0	/* linux/magic.h */

static __always_inline __u32 ec_sequence(__u64 lock)
{
	__u32 value = 1; /* odd: a failed read is a writer at work */

	/* where nothing is refused, it may be unknown: a path may be of two moments */
	if (!lock)
		return 0;
	bpf_probe_read_kernel(&value, sizeof(value), (void *)lock);
	return value;
}

/* False: no object with this number has a label. */
static __always_inline bool ec_may_have_node(const struct ec_generation *generation, __u64 ino,
					     __u32 dev)
{
	__u32 bit = ec_node_bit(ino, dev);

	return generation->nodes_seen[bit / 64 & (EC_NODES_SEEN / 64 - 1)] >> (bit & 63) & 1;
}

/* Writes the path into the scratch; enum ec_walk. mnt is a struct vfsmount. */
int ec_walk(struct ec_scratch *scratch, __u64 dentry, __u64 mnt, __u32 who);
/* After EC_WALK_RETRY: waits until nothing is being renamed or mounted. */
int ec_await_still(void);
/* Runs an automaton over the scratch's string: over the directory from start, which sets
 * dir_state, or (leaf) from that over the rest, which sets state. */
int ec_run_part(struct ec_scratch *scratch, __u32 start, __u32 leaf);
static __always_inline void ec_run_leaf(struct ec_scratch *scratch)
{
	ec_run_part(scratch, 0, 1);
}

static __always_inline void ec_run(struct ec_scratch *scratch, __u32 start)
{
	ec_run_part(scratch, start, 0);
	ec_run_part(scratch, 0, 1);
}

/* recall.bpf.c. Operations that are permitted there without a word; 0 when what is known
 * of the directory (its inode) does not tell. */
int ec_quiet_ops(__u64 inode, __u64 name, __u32 len, __u64 mnt, __u32 who);
/* 1: path, label and dir_state are in the scratch, as after a walk */
int ec_recall(struct ec_scratch *scratch, __u64 dentry, __u64 mnt, __u32 who);
/* After a walk and a run: what the directory is called, and its state. */
int ec_remember(struct ec_scratch *scratch, __u64 mnt, __u32 who);

#define EC_LINK_AT(member)                                                                         \
	(bpf_core_field_offset(struct dentry, member) -                                            \
	 bpf_core_field_offset(struct dentry, d_parent))

/* In one look where the members lie side by side, as in every kernel so far. */
static __always_inline bool ec_link_read(__u64 number, struct ec_link *ret_link)
{
	struct dentry *dentry = (void *)number;
	struct qstr name = {};

	if (EC_LINK_AT(d_name) == 8 && EC_LINK_AT(d_inode) == 24)
		return !bpf_core_read(ret_link, sizeof(*ret_link), &dentry->d_parent);
	if (bpf_core_read(&name, sizeof(name), &dentry->d_name))
		return false;
	ret_link->parent = (__u64)BPF_CORE_READ(dentry, d_parent);
	ret_link->len = name.len;
	ret_link->name = (__u64)name.name;
	ret_link->inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	return true;
}

/* The label of any version, and then that of the object's own: it may have both. */
static __always_inline struct ec_node *ec_node_of_any(const struct ec_node_key *key, __u32 version)
{
	struct ec_node *node = bpf_map_lookup_elem(&ec_nodes, key);

	return node && (!version || node->ops & EC_NODE_ANY) ? node : (void *)0;
}

static __always_inline struct ec_node *ec_node_of(struct ec_node_key *key, __u32 version)
{
	if (!version)
		return (void *)0;
	key->version = version;
	return bpf_map_lookup_elem(&ec_nodes, key);
}

static __always_inline void ec_take_label(struct ec_scratch *scratch, const struct ec_node *node)
{
	if (!node)
		return;
	scratch->node_rule = node->rule;
	scratch->node_ops |= node->ops;
	scratch->uncacheable = 1;
}

/* Does never name this object, whatever it is called now? Then nothing of it may be
 * cached by name. */
static __always_inline void ec_look_for_label(struct ec_scratch *scratch,
					      const struct ec_generation *generation, __u64 number)
{
	struct inode *inode = (void *)number;
	struct ec_node_key key = {};
	__u32 version;

	key.ino = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	if (!ec_may_have_node(generation, key.ino, key.dev))
		return;
	key.generation = generation->id;
	version = BPF_CORE_READ(inode, i_generation);
	ec_take_label(scratch, ec_node_of_any(&key, version));
	ec_take_label(scratch, ec_node_of(&key, version));
}

#endif
