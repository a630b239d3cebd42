/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * identity.bpf.h - whose task is this? The tag lives in task storage; nothing
 * a task does to pids, sessions, parents, cgroups or namespaces sheds it.
 */
#ifndef EC_IDENTITY_BPF_H
#define EC_IDENTITY_BPF_H

#include "maps.bpf.h"

/* Before 6.x the helper may fail because the storage's per-CPU lock is busy,
 * which is not the same as "no tag": then read the list by hand. */
int ec_tag_search(__u64 storage, __u64 *ret_slot_exe, __u64 *ret_uid);

/* True and *ret_tag when the task is tagged. A task without any BPF storage
 * (nearly all of the host) is told apart by one load. */
static __always_inline bool ec_tag_get(struct task_struct *task, struct ec_tag *ret_tag)
{
	struct ec_tag *tag;
	__u64 slot_exe = 0, uid = 0;

	if (!task->bpf_storage)
		return false;
	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (tag) {
		*ret_tag = *tag;
		return true;
	}
	if (!ec_tag_search(ec_number(task->bpf_storage), &slot_exe, &uid))
		return false;
	ret_tag->slot = (__u32)slot_exe;
	ret_tag->exe = slot_exe >> 32;
	ret_tag->uid = uid;
	return true;
}

static __always_inline bool ec_tagged(struct ec_tag *ret_tag)
{
	return ec_tag_get(bpf_get_current_task_btf(), ret_tag);
}

/* The tag's agent, NULL when it is gone (an orphan: refuse everything). */
static __always_inline struct ec_agent *ec_agent_of(const struct ec_tag *tag)
{
	struct ec_agent *agent = ec_agent_at(tag->slot);

	return agent && agent->uid == tag->uid ? agent : (void *)0;
}

#endif
