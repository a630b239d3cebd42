// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * identity.bpf.c - the tag follows every new task.
 *
 * task_alloc   copies the parent's tag; passed by clone, fork, vfork and by
 *              io_uring workers and SQPOLL threads. May refuse the fork (EAGAIN
 *              when no storage can be had, EPERM in quarantine).
 * task_free    counts the task out; an agent is gone when its count is 0.
 */
#include "identity.bpf.h"

#include <linux/errno.h>

#define STORAGE_WALK_MAX 32
#define CLONE_THREAD 0x10000ul /* linux/sched.h */

__noinline int ec_tag_search(__u64 storage, struct ec_tag *ret_tag)
{
	struct bpf_local_storage *list = (void *)storage;
	struct hlist_node *node = BPF_CORE_READ(list, list.first);
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);
	int i;

	if (!ret_tag || !control)
		return 0;
	__sync_fetch_and_add(&control->untagged_doubts, 1);
	for (i = 0; i < STORAGE_WALK_MAX && node; i++) {
		struct bpf_local_storage_elem *elem =
			(void *)((__u64)node -
				 bpf_core_field_offset(struct bpf_local_storage_elem, snode));

		if ((void *)BPF_CORE_READ(elem, sdata.smap) == (void *)&ec_tags) {
			__u64 data = (__u64)elem +
				     bpf_core_field_offset(struct bpf_local_storage_elem, sdata) +
				     bpf_core_field_offset(struct bpf_local_storage_data, data);

			return !bpf_probe_read_kernel(ret_tag, sizeof(*ret_tag), (void *)data);
		}
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

__noinline int ec_self_search(__u64 storage, struct ec_self *ret_self)
{
	struct ec_tag tag = {};

	if (!ret_self || !ec_tag_search(storage, &tag))
		return 0;
	ret_self->uid = tag.uid;
	ret_self->who = tag.slot;
	return 1;
}

static __always_inline __u64 ec_new_task(void)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	return control ? __sync_fetch_and_add(&control->next_task, 1) + 1 : EC_TASK_NONE;
}

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
	/* a process that a standing one starts while a call is open */
	if (!tag.since_ns && agent->open_calls && !(clone_flags & CLONE_THREAD))
		tag.since_ns = bpf_ktime_get_boot_ns();
	tag.task = ec_new_task();
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
