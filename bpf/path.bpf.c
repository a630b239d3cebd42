// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * path.bpf.c - the slow path: from a dentry up to the agent's root, then the
 * bytes down again. bpf_d_path() is not used: before 6.12 it is not
 * allowed in path_* hooks, and it answers relative to the caller's root.
 *
 * inode_free_security   forgets a directory's cached states; refuses nothing
 */
#include "path.bpf.h"

#define EC_MNT_NS_INTERNAL ((__u64)-22) /* fs/mount.h: ERR_PTR(-EINVAL) */

/* The depth so far is in the scratch: in the loop's context the verifier of
 * 6.7 and later would follow each of its values. */
struct up {
	__u32 index;
	__u32 status;
	__u64 dentry;
	__u64 mount; /* struct mount */
	__u64 root_dentry;
	__u64 root_mnt;
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
	return (__u64)BPF_CORE_READ(mount, mnt_ns) == EC_MNT_NS_INTERNAL ? EC_WALK_INTERNAL :
									   EC_WALK_OUTSIDE;
}

static long up_one(__u32 i, struct up *up)
{
	struct mount *mount = (void *)up->mount;
	struct dentry *dentry = (void *)up->dentry;
	struct ec_scratch *scratch;
	__u64 parent, root;

	if (up->dentry == up->root_dentry && mnt_of(up->mount) == up->root_mnt) {
		up->status = EC_WALK_OK;
		return 1;
	}
	root = (__u64)BPF_CORE_READ(mount, mnt.mnt_root);
	if (up->dentry == root) {
		parent = (__u64)BPF_CORE_READ(mount, mnt_parent);
		if (parent == up->mount || !parent) {
			up->status = unrooted(mount);
			return 1;
		}
		up->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		up->mount = parent;
		return 0;
	}
	parent = (__u64)BPF_CORE_READ(dentry, d_parent);
	if (parent == up->dentry || !parent) {
		up->status = EC_WALK_BROKEN;
		return 1;
	}
	scratch = ec_scratch_at(up->index);
	if (!scratch) {
		up->status = EC_WALK_BROKEN;
		return 1;
	}
	if (scratch->depth >= EC_DEPTH_MAX) {
		up->status = EC_WALK_TOO_DEEP;
		return 1;
	}
	scratch->dentry[scratch->depth & (EC_DEPTH_MAX - 1)] = up->dentry;
	scratch->depth++;
	up->dentry = parent;
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
	__u32 index;
	__u32 depth;
	__u32 off;
	__u32 status;
	__u32 proc;
	__u32 pad;
};

static long down_one(__u32 i, struct down *down)
{
	struct ec_scratch *scratch = ec_scratch_at(down->index);
	struct dentry *dentry;
	struct qstr name = {};
	__u32 len, off = down->off;

	if (!scratch || i >= down->depth) {
		down->status = EC_WALK_BROKEN;
		return 1;
	}
	dentry = (void *)scratch->dentry[(down->depth - 1 - i) & (EC_DEPTH_MAX - 1)];
	if (bpf_core_read(&name, sizeof(name), &dentry->d_name)) {
		down->status = EC_WALK_BROKEN;
		return 1;
	}
	len = name.len;
	if (!len || len > EC_NAME_MAX) {
		down->status = EC_WALK_BROKEN;
		return 1;
	}
	if (off + 1 + len > EC_TARGET_MAX) {
		down->status = EC_WALK_TOO_LONG;
		return 1;
	}
	scratch->dir_len = off;
	scratch->path[off & (EC_TARGET_MAX - 1)] = '/';
	off++;
	if (down->proc && own_proc(dentry)) {
		__builtin_memcpy(&scratch->path[off & (EC_TARGET_MAX - 1)], "self", 4);
		len = 4;
	} else if (bpf_probe_read_kernel(&scratch->path[off & (EC_TARGET_MAX - 1)],
					 len & EC_NAME_MAX, name.name)) {
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

__noinline int ec_walk(__u32 index, __u64 dentry, __u64 mnt, __u32 who)
{
	struct ec_scratch *scratch = ec_scratch_at(index);
	struct ec_agent *agent = ec_agent_at(who);
	struct up up = { .index = index };
	struct down down = { .index = index, .status = EC_WALK_OK };
	struct dentry *leaf = (void *)dentry;
	struct vfsmount *view = (void *)mnt;

	if (!scratch || !agent)
		return EC_WALK_BROKEN;
	ec_count(agent, EC_COUNT_WALKS);
	scratch->path_len = 0;
	scratch->dir_len = 0;
	scratch->depth = 0;
	scratch->rename_seq = ec_sequence(ec_rename_lock);
	scratch->mount_seq = ec_sequence(ec_mount_lock);
	if ((scratch->rename_seq | scratch->mount_seq) & 1)
		return EC_WALK_RETRY;

	up.dentry = dentry;
	up.mount = mount_of(mnt);
	up.root_dentry = agent->root_dentry;
	up.root_mnt = agent->root_mnt;
	up.status = EC_WALK_TOO_DEEP;
	/* every mount crossing is a turn of its own */
	bpf_loop(2 * EC_DEPTH_MAX, up_one, &up, 0);
	if (up.status != EC_WALK_OK)
		return up.status;

	down.depth = scratch->depth;
	down.proc = BPF_CORE_READ(leaf, d_sb, s_magic) == EC_PROC_SUPER_MAGIC;
	scratch->uncacheable = scratch->proc = down.proc;
	scratch->bind = BPF_CORE_READ(view, mnt_root) != BPF_CORE_READ(view, mnt_sb, s_root);
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
	__u32 index;
	__u32 state;
	__u32 dir_state;
	__u32 pad;
};

static long run_chunk(__u32 chunk, struct run *run)
{
	struct ec_scratch *scratch = ec_scratch_at(run->index);
	const __u64 *words = ec_words();
	__u32 state = run->state, i, at;

	if (!scratch || !words)
		return 1;
	for (i = 0; i < RUN_CHUNK; i++) {
		at = chunk * RUN_CHUNK + i;
		if (at >= scratch->path_len)
			break;
		if (at == scratch->dir_len)
			run->dir_state = state;
		state = ec_step(words, EC_ARENA_MASK, state,
				scratch->path[at & (EC_TARGET_MAX - 1)]);
	}
	run->state = state;
	return 0;
}

__noinline int ec_run(__u32 index, __u32 start)
{
	struct ec_scratch *scratch = ec_scratch_at(index);
	struct run run = { .index = index, .state = start };

	if (!scratch)
		return -1;
	bpf_loop((scratch->path_len + RUN_CHUNK - 1) / RUN_CHUNK, run_chunk, &run, 0);
	scratch->state = run.state;
	scratch->dir_state = run.dir_state;
	return 0;
}

__noinline int ec_dir_new(__u64 inode)
{
	static const struct ec_dir empty;

	return bpf_map_update_elem(&ec_dirs, &inode, &empty, BPF_NOEXIST);
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
