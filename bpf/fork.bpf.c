// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * fork.bpf.c - the tag follows every new task.
 *
 * task_alloc   copies the parent's tag; passed by clone, fork, vfork and by
 *              io_uring workers and SQPOLL threads. May refuse the fork (EAGAIN
 *              when no storage can be had, EPERM in quarantine, and for a
 *              child in another cgroup: moving there by file takes `signal`).
 * task_free    counts the task out; an agent is gone when its count is 0.
 */
#define EC_ASKS
#include "judge.bpf.h"

#include <linux/errno.h>

#define CLONE_THREAD 0x10000ul /* linux/sched.h */
#define CLONE_INTO_CGROUP 0x200000000ul

SEC("lsm/task_alloc")
int BPF_PROG(ec_task_alloc, struct task_struct *task, unsigned long clone_flags, int ret)
{
	struct ec_agent *agent;
	struct ec_tag tag;

	if (ret || !ec_tag_get(bpf_get_current_task_btf(), &tag))
		return ret;
	agent = ec_agent_at(tag.slot);
	if (!agent || agent->uid != tag.uid || agent->flags & EC_AGENT_QUARANTINE) {
		if (agent && agent->uid == tag.uid)
			ec_count(agent, EC_COUNT_FORKS_REFUSED);
		return -EPERM;
	}
	if (clone_flags & CLONE_INTO_CGROUP && !ec_judge_priv(tag.slot, EC_PRIV_SIGNAL))
		return -EPERM;
	/* a process that a standing one starts while a call is open */
	if (!tag.since_ns && agent->open_calls && !(clone_flags & CLONE_THREAD))
		tag.since_ns = bpf_ktime_get_boot_ns();
	tag.task = ec_new_task();
	tag.moved_epoch = 0;
	if (!bpf_task_storage_get(&ec_tags, task, &tag, BPF_LOCAL_STORAGE_GET_F_CREATE)) {
		ec_count(agent, EC_COUNT_FORKS_REFUSED);
		return -EAGAIN;
	}
	__sync_fetch_and_add(&agent->tasks, 1);
	return 0;
}

SEC("lsm/task_free")
int BPF_PROG(ec_task_free, struct task_struct *task)
{
	struct ec_agent *agent;
	struct ec_tag tag;

	if (!ec_tag_get(task, &tag))
		return 0;
	agent = ec_agent_at(tag.slot);
	if (agent && agent->uid == tag.uid)
		__sync_fetch_and_sub(&agent->tasks, 1);
	return 0;
}
