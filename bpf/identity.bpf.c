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

__noinline int ec_tag_search(__u64 storage, __u64 *ret_slot_exe, __u64 *ret_uid)
{
	struct bpf_local_storage *list = (void *)storage;
	struct hlist_node *node = BPF_CORE_READ(list, list.first);
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);
	struct ec_tag tag = {};
	int i;

	if (!ret_slot_exe || !ret_uid || !control)
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

			if (bpf_probe_read_kernel(&tag, sizeof(tag), (void *)data))
				return 0;
			*ret_slot_exe = tag.slot | (__u64)tag.exe << 32;
			*ret_uid = tag.uid;
			return 1;
		}
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

SEC("lsm/task_alloc")
int BPF_PROG(ec_task_alloc, struct task_struct *task, unsigned long clone_flags, int ret)
{
	struct ec_agent *agent;
	struct ec_tag tag;

	if (ret || !ec_tagged(&tag))
		return ret;
	agent = ec_agent_of(&tag);
	if (!agent || agent->flags & EC_AGENT_QUARANTINE) {
		if (agent)
			ec_count(agent, EC_COUNT_FORKS_REFUSED);
		return -EPERM;
	}
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
	agent = ec_agent_of(&tag);
	if (agent)
		__sync_fetch_and_sub(&agent->tasks, 1);
	return 0;
}
