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
int ec_tag_search(__u64 storage, struct ec_tag *ret_tag);

/* True and *ret_tag when the task is tagged. A task without any BPF storage
 * (nearly all of the host) is told apart by one load. */
static __always_inline bool ec_tag_get(struct task_struct *task, struct ec_tag *ret_tag)
{
	struct ec_tag *tag;

	if (!task->bpf_storage)
		return false;
	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (tag) {
		*ret_tag = *tag;
		return true;
	}
	*ret_tag = (struct ec_tag) {};
	return ec_tag_search(ec_number(task->bpf_storage), ret_tag);
}

int ec_self_search(__u64 storage, struct ec_self *ret_self);

/* True and *ret_self when the current task is tagged. */
static __always_inline bool ec_tagged(struct ec_self *ret_self)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_agent *agent;
	struct ec_tag *tag;

	if (!task->bpf_storage)
		return false;
	*ret_self = (struct ec_self) {};
	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (tag) {
		ret_self->uid = tag->uid;
		ret_self->who = tag->slot;
		ret_self->moved_epoch = tag->moved_epoch;
	} else if (!ec_self_search(ec_number(task->bpf_storage), ret_self)) {
		return false;
	}
	agent = ec_agent_at(ret_self->who);
	ret_self->who = EC_WHO(ret_self->who, agent ? *(volatile __u32 *)&agent->current : 0);
	return true;
}

/* The tag's agent, NULL when it is gone (an orphan: refuse everything). */
static __always_inline struct ec_agent *ec_agent_of(const struct ec_self *self)
{
	struct ec_agent *agent = ec_agent_at(self->who);

	return agent && agent->uid == self->uid ? agent : (void *)0;
}

static __always_inline __u64 ec_new_task(void)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	return control ? __sync_fetch_and_add(&control->next_task, 1) + 1 : EC_TASK_NONE;
}

#define EC_PF_IO_WORKER 0x10u /* linux/sched.h */

/* A layered file system (overlay) repeats an operation on its layers under its
 * mounter's credentials: that second call is the kernel's own. A task cannot
 * override credentials itself: uring_override_creds is refused, and io_uring's
 * own threads do not count. */
static __always_inline bool ec_by_layer(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->cred != task->real_cred && !(task->flags & EC_PF_IO_WORKER);
}

#endif
