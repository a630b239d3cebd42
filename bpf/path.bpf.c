// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * path.bpf.c - the slow path: from a dentry up to the agent's root, then the
 * bytes down again. bpf_d_path() is not used: before 6.12 it is not
 * allowed in path_* hooks, and it answers relative to the caller's root.
 * No hooks.
 */
#include "path.bpf.h"

/* The depth so far is in the scratch: in the loop's context the verifier of
 * 6.7 and later would follow each of its values. Those of a number that shares its eight
 * bytes with another before it, as status does here and in struct down, it does not. */
struct up {
	struct ec_scratch *scratch;
	__u64 dentry;
	__u64 mount; /* struct mount */
	__u32 who;
	__u32 status;
	__u32 labels; /* there are some */
	__u32 pad;
};

static __always_inline __u64 mount_of(__u64 mnt)
{
	return mnt - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline __u64 mnt_of(__u64 mount)
{
	return mount + bpf_core_field_offset(struct mount, mnt);
}

/* The topmost mount was reached without meeting the agent's root. */
static __always_inline __u32 unrooted(struct mount *mount)
{
	__u64 ns = (__u64)BPF_CORE_READ(mount, mnt_ns);

	if (ns == EC_MNT_NS_INTERNAL)
		return EC_WALK_INTERNAL;
	/* each IPC namespace has a mount of its message queues, in no mount namespace */
	return !ns && BPF_CORE_READ(mount, mnt.mnt_sb, s_magic) == EC_MQUEUE_MAGIC ?
		       EC_WALK_INTERNAL :
		       EC_WALK_OUTSIDE;
}

static __always_inline void on_mount(struct up *up, struct ec_scratch *scratch, __u64 mount)
{
	struct mount *m = (void *)mount;

	up->mount = mount;
	scratch->up.mnt_root = (__u64)BPF_CORE_READ(m, mnt.mnt_root);
}

/* From the root of a mount to what it is mounted on; 1: there is none. */
static __always_inline long leave_mount(struct up *up, struct ec_scratch *scratch)
{
	struct mount *mount = (void *)up->mount;
	__u64 parent = (__u64)BPF_CORE_READ(mount, mnt_parent);

	if (parent == up->mount || !parent) {
		up->status = unrooted(mount);
		return 1;
	}
	up->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
	on_mount(up, scratch, parent);
	return 0;
}

static __always_inline void look_for_label(const struct up *up, struct ec_scratch *scratch,
					   __u64 inode)
{
	struct ec_agent *agent = ec_agent_at(up->who);

	if (agent && inode)
		ec_look_for_label(scratch, ec_generation_of(agent, up->who), inode);
}

static long up_one(__u32 i, struct up *up)
{
	struct ec_scratch *scratch = up->scratch;
	struct ec_link *link;
	__u32 depth;

	if (up->dentry == scratch->up.root_dentry && mnt_of(up->mount) == scratch->up.root_mnt) {
		up->status = EC_WALK_OK;
		return 1;
	}
	link = &scratch->up.link;
	if (!ec_link_read(up->dentry, link)) {
		up->status = EC_WALK_BROKEN;
		return 1;
	}
	if (up->labels)
		look_for_label(up, scratch, link->inode);
	if (up->dentry == scratch->up.mnt_root)
		return leave_mount(up, scratch);
	if (link->parent == up->dentry || !link->parent) {
		struct mount *mount = (void *)up->mount;

		/* files without a directory: memfd, pipe, socket, namespace, pidfd */
		up->status = unrooted(mount) == EC_WALK_INTERNAL ? EC_WALK_INTERNAL :
								   EC_WALK_BROKEN;
		return 1;
	}
	depth = scratch->depth;
	if (depth >= EC_DEPTH_MAX) {
		up->status = EC_WALK_TOO_DEEP;
		return 1;
	}
	if (!i)
		scratch->parent = link->parent;
	scratch->dentry[depth & (EC_DEPTH_MAX - 1)] = up->dentry;
	scratch->name[depth & (EC_DEPTH_MAX - 1)] = link->name;
	scratch->name_len[depth & (EC_DEPTH_MAX - 1)] = link->len;
	scratch->depth = depth + 1;
	up->dentry = link->parent;
	return 0;
}

/* Is this the directory of the task's own process in a proc file system? */
static __always_inline bool own_proc(struct dentry *dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	struct proc_inode *proc;

	if (BPF_CORE_READ(dentry, d_parent) != BPF_CORE_READ(dentry, d_sb, s_root))
		return false;
	proc = (void *)(inode - bpf_core_field_offset(struct proc_inode, vfs_inode));
	return BPF_CORE_READ(proc, pid) == BPF_CORE_READ(task, group_leader, thread_pid);
}

struct down {
	struct ec_scratch *scratch;
	__u32 proc;
	__u32 depth;
	__u32 off;
	__u32 status;
};

static long down_one(__u32 i, struct down *down)
{
	struct ec_scratch *scratch = down->scratch;
	__u32 at, len, off = down->off;

	if (i >= down->depth) {
		down->status = EC_WALK_BROKEN;
		return 1;
	}
	at = (down->depth - 1 - i) & (EC_DEPTH_MAX - 1);
	len = scratch->name_len[at];
	if (!len || len > EC_NAME_MAX) {
		/* open(O_CREAT) asks before the file system says ENAMETOOLONG */
		down->status = len ? EC_WALK_TOO_LONG : EC_WALK_BROKEN;
		return 1;
	}
	if (off + 1 + len > EC_TARGET_MAX) {
		down->status = EC_WALK_TOO_LONG;
		return 1;
	}
	scratch->dir_len = off;
	scratch->path[off & (EC_TARGET_MAX - 1)] = '/';
	off++;
	if (down->proc && own_proc((void *)scratch->dentry[at])) {
		__builtin_memcpy(&scratch->path[off & (EC_TARGET_MAX - 1)], "self", 4);
		len = 4;
	} else if (bpf_probe_read_kernel(&scratch->path[off & (EC_TARGET_MAX - 1)],
					 len & EC_NAME_MAX, (void *)scratch->name[at])) {
		down->status = EC_WALK_BROKEN;
		return 1;
	}
	down->off = off + len;
	return 0;
}

/* A writer holds the lock with preemption off, for about a microsecond; in a
 * virtual machine its CPU may be gone for much longer. Until then nobody can
 * say what a path is, and the kernel's own readers spin as well. */
#define STILL_MAX_NS 500000000ull
#define STILL_TURNS (1u << 22)

static long look_if_still(__u32 turn, __u64 *end)
{
	if (!((ec_sequence(ec_rename_lock) | ec_sequence(ec_mount_lock)) & 1))
		return 1;
	return bpf_ktime_get_ns() > *end;
}

__noinline int ec_await_still(void)
{
	__u64 end = bpf_ktime_get_ns() + STILL_MAX_NS;

	bpf_loop(STILL_TURNS, look_if_still, &end, 0);
	return 0;
}

__noinline int ec_walk(struct ec_scratch *scratch, __u64 dentry, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct up up = { .scratch = scratch, .who = who };
	struct down down = { .scratch = scratch, .status = EC_WALK_OK };
	struct dentry *leaf = (void *)dentry;
	const struct ec_generation *generation;

	if (!scratch || !agent)
		return EC_WALK_BROKEN;
	generation = ec_generation_of(agent, who);
	ec_count(agent, EC_COUNT_WALKS);
	scratch->path_len = 0;
	scratch->dir_len = 0;
	scratch->depth = 0;
	scratch->parent = 0;
	scratch->labels = *(volatile __u32 *)&generation->labels;
	scratch->rename_seq = ec_sequence(ec_rename_lock);
	scratch->mount_seq = ec_sequence(ec_mount_lock);
	if ((scratch->rename_seq | scratch->mount_seq) & 1)
		return EC_WALK_RETRY;

	up.dentry = dentry;
	on_mount(&up, scratch, mount_of(mnt));
	scratch->up.root_dentry = agent->root_dentry;
	scratch->up.root_mnt = agent->root_mnt;
	up.labels = generation->never_nodes;
	scratch->node_rule = 0;
	scratch->node_ops = 0;
	scratch->uncacheable = 0;
	up.status = EC_WALK_TOO_DEEP;
	/* every mount crossing is a turn of its own */
	bpf_loop(2 * EC_DEPTH_MAX, up_one, &up, 0);
	if (up.status != EC_WALK_OK)
		return up.status;

	down.depth = scratch->depth;
	down.proc = BPF_CORE_READ(leaf, d_sb, s_magic) == EC_PROC_SUPER_MAGIC;
	scratch->uncacheable |= down.proc;
	scratch->proc = down.proc;
	if (down.depth)
		bpf_loop(down.depth, down_one, &down, 0);
	if (down.status != EC_WALK_OK)
		return down.status;
	if (!down.depth) {
		scratch->path[0] = '/';
		down.off = 1;
		scratch->uncacheable = 1;
	}
	if (ec_sequence(ec_rename_lock) != scratch->rename_seq ||
	    ec_sequence(ec_mount_lock) != scratch->mount_seq)
		return EC_WALK_RETRY;
	scratch->path_len = down.off;
	return EC_WALK_OK;
}

/* Bytes of one turn: long enough to make the turns cheap, short enough for
 * the verifier, which gives up on one loop over a whole path. */
#define RUN_CHUNK 16u

struct run {
	struct ec_scratch *scratch;
	__u32 at;
	__u32 end;
	__u32 state;
};

static long run_chunk(__u32 chunk, struct run *run)
{
	struct ec_scratch *scratch = run->scratch;
	const __u64 *words = ec_words();
	__u32 state = run->state, at = run->at + chunk * RUN_CHUNK, len = run->end - at, i;
	const char *text;

	if (!words)
		return 1;
	/* a chunk more than the mask says: there is room for it */
	text = &scratch->path[at & (EC_TARGET_MAX - 1)];
	for (i = 0; i < RUN_CHUNK && i < len; i++)
		state = ec_step_even(words, EC_ARENA_MASK, state, text[i]);
	run->state = state;
	return 0;
}

/* Both parts the same way, and no choice between them: the verifier follows the loop once
 * for each way that leads there. */
__noinline int ec_run_part(struct ec_scratch *scratch, __u32 start, __u32 leaf)
{
	struct run run = { .scratch = scratch, .state = start };
	__u32 len, mask = -(leaf & 1);

	if (!scratch)
		return -1;
	len = scratch->dir_len;
	run.at = len & mask;
	run.end = len + ((scratch->path_len - len) & mask);
	run.state |= scratch->dir_state & mask;
	bpf_loop((run.end - run.at + RUN_CHUNK - 1) / RUN_CHUNK, run_chunk, &run, 0);
	scratch->after[leaf & 1] = run.state;
	return 0;
}
