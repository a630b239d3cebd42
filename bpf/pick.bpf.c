// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * pick.bpf.c - tasks become an agent's: at their exec, before it is judged, and
 * all that are there when the node agent gathers. Asked by exec.bpf.c.
 *
 * iter/task  every thread of the host: gives it the tag of its pick, or takes the
 *            tag of those that waited and are nobody's. Refuses nothing.
 *
 * A task that has a tag keeps it, whatever it picks up on its way; only one that
 * is held gets another.
 */
#include "identity.bpf.h"
#include "pick.bpf.h"

#include <linux/errno.h>

#define LEVELS 32	/* below that the nearest of those above counts */
#define PF_EXITING 0x4u /* linux/sched.h */
#define PF_KTHREAD 0x200000u
#define SIGKILL 9
#define SIGSTOP 19

static __always_inline struct ec_pick *find(__u32 kind, __u64 value, __u32 dev)
{
	struct ec_pick_key key = { .value = value, .kind = kind, .dev = dev };

	return bpf_map_lookup_elem(&ec_picks, &key);
}

struct levels {
	__u64 cgroup;
	__u32 level;
	__u32 pad;
	struct ec_pick pick; /* the nearest; order 0xffff and EC_PICK_NONE: there is none */
};

static long one_level(__u32 i, struct levels *levels)
{
	__u64 slot = levels->cgroup + bpf_core_field_offset(struct cgroup, ancestors) + 8ull * i;
	struct cgroup *at = (void *)0;
	struct ec_pick *pick;

	if (i > levels->level || bpf_probe_read_kernel(&at, sizeof(at), (void *)slot))
		return 1;
	pick = find(EC_PICK_CGROUP, BPF_CORE_READ(at, kn, id), 0);
	if (pick && !(pick->flags & EC_PICK_BELOW && i == levels->level))
		levels->pick = *pick;
	return 0;
}

static __always_inline void better(struct ec_pick *best, const struct ec_pick *pick)
{
	if (pick && pick->order < best->order)
		*best = *pick;
}

/* flags EC_PICK_NONE: nobody's. */
static __always_inline struct ec_pick pick_of(struct task_struct *task, __u64 inode)
{
	struct levels levels = { .pick = { .flags = EC_PICK_NONE, .order = 0xffff } };
	struct inode *file = (void *)inode;
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);

	levels.cgroup = (__u64)cgroup;
	levels.level = (__u32)BPF_CORE_READ(cgroup, level);
	bpf_loop(LEVELS, one_level, &levels, 0);
	if (inode)
		better(&levels.pick, find(EC_PICK_PROGRAM, BPF_CORE_READ(file, i_ino),
					  BPF_CORE_READ(file, i_sb, s_dev)));
	better(&levels.pick, find(EC_PICK_USER, BPF_CORE_READ(task, real_cred, uid.val), 0));
	return levels.pick;
}

/* Those that must always run: who picks, and the host's init. */
static __always_inline bool is_exempt(__u32 tgid)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	return !control || tgid == 1 || tgid == control->daemon_pid;
}

static __always_inline void add_task(__u32 slot, __u64 uid, __s64 by)
{
	struct ec_agent *agent = ec_agent_at(slot);

	if (agent && agent->uid == uid)
		__sync_fetch_and_add(&agent->tasks, by);
}

/* 1: it has this tag now. 0: another one, by whoever was faster: the task itself at its
 * exec, or who gathers. Negative: none, for want of memory. */
static __always_inline int put(struct task_struct *task, __u32 slot, __u64 uid)
{
	struct ec_tag tag = { .slot = slot, .uid = uid, .task = ec_new_task() };
	struct ec_tag *stored = bpf_task_storage_get(&ec_tags, task, &tag,
						     BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!stored)
		return -ENOMEM;
	if (stored->task != tag.task)
		return 0;
	add_task(slot, uid, 1);
	return 1;
}

__noinline int ec_pick_exec(__u64 inode)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_pick pick;

	if (is_exempt((__u32)task->tgid))
		return 0;
	pick = pick_of(task, inode);
	if (pick.flags & (EC_PICK_NONE | EC_PICK_HOLD))
		return 0;
	return put(task, pick.slot, pick.uid) < 0 ? -EAGAIN : 1;
}

static __always_inline bool is_down(void)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	return !control || bpf_ktime_get_boot_ns() > control->daemon_ns + EC_DAEMON_SILENT_NS;
}

/* Nobody would ever wake it, or it would wake free. */
static __always_inline void give_up(void)
{
	struct ec_agent *agent = ec_agent_at(EC_HOLD_SLOT);

	if (agent)
		ec_count(agent, EC_COUNT_DOUBTS);
	bpf_send_signal(SIGKILL);
}

__noinline int ec_pick_hold(__u64 inode)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_held held = {};
	struct ec_pick pick;
	int r;

	held.tgid = (__u32)task->tgid;
	held.pid = (__u32)task->pid;
	if (is_exempt(held.tgid))
		return 0;
	pick = pick_of(task, inode);
	if (pick.flags & EC_PICK_NONE || !(pick.flags & EC_PICK_HOLD) ||
	    (pick.flags & EC_PICK_RUNS && is_down()))
		return 0;
	/* whoever wakes it before the node agent does: nothing is permitted to it */
	r = put(task, EC_HOLD_SLOT, EC_HOLD_UID);
	if (r >= 0)
		bpf_send_signal(SIGSTOP);
	/* one that has become an agent's meanwhile, at a program that the policy has not
	 * been asked about, is found by this word alone */
	if (r < 0 || (bpf_ringbuf_output(&ec_held, &held, sizeof(held), 0) && !r))
		give_up();
	return 1;
}

static __always_inline struct ec_pick pick_process(struct task_struct *task)
{
	struct ec_pick *own = find(EC_PICK_PROCESS, (__u32)task->tgid, 0);
	struct file *file;

	if (own)
		return *own;
	file = BPF_CORE_READ(task, mm, exe_file);
	return pick_of(task, file ? (__u64)BPF_CORE_READ(file, f_inode) : 0);
}

/* A runtime on its way into a container: it is there, and its program is not of there. It
 * has to mount and to change roots before it becomes what is ours, at its exec; what goes
 * on in the same program for longer is none. */
#define TRANSIT_NS 3000000000ull

static __always_inline bool in_transit(struct task_struct *task)
{
	struct vfsmount *mnt = BPF_CORE_READ(task, mm, exe_file, f_path.mnt);
	struct mount *mount = (void *)((__u64)mnt - bpf_core_field_offset(struct mount, mnt));

	return mnt && bpf_ktime_get_boot_ns() - task->start_boottime < TRANSIT_NS &&
	       (__u64)BPF_CORE_READ(mount, mnt_ns) != (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns);
}

/* What is to become of it; 0: it stays as it is. */
static __always_inline __u32 wanted(const struct ec_pick *pick, bool held)
{
	if (pick->flags & EC_PICK_NONE)
		return held ? EC_GATHER_FREE : 0;
	if (pick->flags & EC_PICK_HOLD)
		return held ? EC_GATHER_HELD : 0; /* what ran before goes on until it is decided */
	return held ? EC_GATHER_WAKE : EC_GATHER_TAG;
}

static __always_inline void become(struct task_struct *task, const struct ec_pick *pick, __u32 what,
				   bool held)
{
	struct ec_tag *stored;

	if (!held) {
		put(task, pick->slot, pick->uid);
		return;
	}
	stored = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!stored)
		return; /* busy: the next time */
	add_task(EC_HOLD_SLOT, EC_HOLD_UID, -1);
	if (what == EC_GATHER_FREE) {
		bpf_task_storage_delete(&ec_tags, task);
		return;
	}
	stored->slot = pick->slot;
	stored->uid = pick->uid;
	add_task(pick->slot, pick->uid, 1);
}

SEC("iter/task")
int ec_any_gather(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct ec_gathered out = {};
	struct ec_pick pick;
	struct ec_tag tag = {};
	bool held;

	if (!task || task->flags & (PF_KTHREAD | PF_EXITING) || is_exempt((__u32)task->tgid))
		return 0;
	held = ec_tag_get(task, &tag);
	if (held && tag.uid != EC_HOLD_UID)
		return 0;
	pick = pick_process(task);
	out.what = wanted(&pick, held);
	if (!out.what || (!held && in_transit(task)))
		return 0;
	out.tgid = (__u32)task->tgid;
	out.pid = (__u32)task->pid;
	out.slot = pick.slot;
	/* told before it is done: no room to tell makes the kernel ask again */
	if (bpf_seq_write(ctx->meta->seq, &out, sizeof(out)) || out.what == EC_GATHER_HELD)
		return 0;
	become(task, &pick, out.what, held);
	return 0;
}
