// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * moved.bpf.c - see moved.h.
 *
 * sched_process_exit   the last numbers of a task; refuses nothing
 */
#include "moved.bpf.h"

static __always_inline struct ec_moved *place_of(__u32 slot, __u32 epoch, __u32 at)
{
	struct ec_moved_list *list = bpf_map_lookup_elem(&ec_moved, &slot);

	return list && at < EC_MOVED_MAX ? &list->at[epoch & 1][at & (EC_MOVED_MAX - 1)] :
					   (void *)0;
}

/* Nobody else writes to a place that was taken. */
static __always_inline void begin(struct task_struct *task, struct ec_tag *tag, __u32 epoch)
{
	struct ec_moved_list *list = bpf_map_lookup_elem(&ec_moved, &tag->slot);
	struct ec_moved *moved;

	if (!list)
		return;
	tag->moved_at = __sync_fetch_and_add(&list->len[epoch & 1], 1);
	tag->moved_epoch = epoch;
	moved = place_of(tag->slot, epoch, tag->moved_at);
	if (!moved)
		return;
	moved->call = tag->call;
	moved->read = task->ioac.rchar;
	moved->written = task->ioac.wchar;
	moved->sent = 0;
	moved->tgid = task->tgid;
	moved->pid = task->pid;
	moved->ended = 0;
	barrier();
	moved->epoch = epoch;
}

__noinline int ec_note_moved(__u32 who, __u32 sent)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_moved *moved;
	struct ec_tag *tag;
	__u32 epoch;

	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!agent || !tag || !bpf_core_field_exists(task->ioac.rchar))
		return 0;
	epoch = *(volatile __u32 *)&agent->moved_epoch;
	if (tag->moved_epoch != epoch)
		begin(task, tag, epoch);
	moved = sent ? place_of(tag->slot, epoch, tag->moved_at) : (void *)0;
	if (moved && moved->epoch == epoch && moved->pid == (__u32)task->pid)
		moved->sent += sent;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(ec_exit, struct task_struct *task)
{
	struct ec_moved *moved;
	struct ec_tag *tag;

	if (!task->bpf_storage)
		return 0;
	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!tag || !tag->moved_epoch || !bpf_core_field_exists(task->ioac.rchar))
		return 0;
	moved = place_of(tag->slot, tag->moved_epoch, tag->moved_at);
	if (!moved || moved->epoch != tag->moved_epoch || moved->pid != (__u32)task->pid)
		return 0;
	moved->now_read = task->ioac.rchar;
	moved->now_written = task->ioac.wchar;
	barrier();
	moved->ended = 1;
	return 0;
}
