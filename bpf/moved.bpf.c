// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * moved.bpf.c - see moved.h.
 *
 * sched_process_exit   what a task moved goes into a sum; refuses nothing
 */
#include "moved.bpf.h"

#define ATTEMPTS 4
#define ALL_PLACES ((1ull << EC_MOVED_MAX) - 1)

static __always_inline struct ec_moved_half *half_of(__u32 slot, __u32 epoch)
{
	struct ec_moved_list *list = bpf_map_lookup_elem(&ec_moved, &slot);

	return list ? &list->half[epoch & 1] : (void *)0;
}

static __always_inline struct ec_moved *place_of(struct ec_moved_half *half, __u32 at)
{
	return half && at < EC_MOVED_MAX ? &half->at[at] : (void *)0;
}

/* EC_MOVED_MAX: none is free. */
static __always_inline __u32 take_place(struct ec_moved_half *half)
{
	__u64 open, bit;
	__u32 i;

	for (i = 0; i < ATTEMPTS; i++) {
		open = ~*(volatile __u64 *)&half->busy & ALL_PLACES;
		if (!open)
			break;
		bit = open & -open;
		if (!(__sync_fetch_and_or(&half->busy, bit) & bit))
			return ec_bits(bit - 1);
	}
	__sync_fetch_and_add(&half->lost, 1);
	return EC_MOVED_MAX;
}

static __always_inline void begin(struct task_struct *task, struct ec_tag *tag, __u32 epoch)
{
	struct ec_moved_half *half = half_of(tag->slot, epoch);
	struct ec_moved *moved;

	if (!half)
		return;
	tag->moved_at = take_place(half);
	tag->moved_epoch = epoch;
	moved = place_of(half, tag->moved_at);
	if (!moved)
		return;
	moved->call = tag->call;
	moved->read = task->ioac.rchar;
	moved->written = task->ioac.wchar;
	moved->sent = 0;
	moved->tgid = task->tgid;
	moved->pid = task->pid;
	barrier();
	moved->epoch = epoch;
}

/* Its entry, while it is its. */
static __always_inline struct ec_moved *own_of(struct ec_moved_half *half, const struct ec_tag *tag,
					       __u32 pid)
{
	struct ec_moved *moved = place_of(half, tag->moved_at);

	return moved && moved->epoch == tag->moved_epoch && moved->pid == pid ? moved : (void *)0;
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
	moved = sent ? own_of(half_of(tag->slot, epoch), tag, task->pid) : (void *)0;
	if (moved)
		moved->sent += sent;
	return 0;
}

__noinline int ec_moved_becomes(__u64 call)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_tag *tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	struct ec_moved *moved;

	if (!tag)
		return 0;
	moved = own_of(half_of(tag->slot, tag->moved_epoch), tag, task->pid);
	if (moved)
		moved->call = call;
	return 0;
}

/* The sum of a call: the first for all that is of none, else its own, or one that is free. */
static __always_inline struct ec_moved_sum *sum_of(struct ec_moved_half *half, __u64 call)
{
	__u64 before;
	__u32 i;

	if (!call)
		return &half->sum[0];
	for (i = 1; i < EC_MOVED_SUMS; i++) {
		before = *(volatile __u64 *)&half->sum[i].call;
		if (!before)
			before = __sync_val_compare_and_swap(&half->sum[i].call, 0, call);
		if (!before || before == call)
			return &half->sum[i];
	}
	return (void *)0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(ec_exit, struct task_struct *task)
{
	struct ec_moved_half *half;
	struct ec_moved_sum *sum;
	struct ec_moved *moved;
	struct ec_tag *tag;
	__u64 bit;

	if (!task->bpf_storage)
		return 0;
	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!tag || !tag->moved_epoch || !bpf_core_field_exists(task->ioac.rchar))
		return 0;
	half = half_of(tag->slot, tag->moved_epoch);
	moved = own_of(half, tag, task->pid);
	if (!half || !moved)
		return 0;
	bit = 1ull << (tag->moved_at & 63);
	if (!(__sync_fetch_and_and(&half->busy, ~bit) & bit))
		return 0; /* the controller has asked about it */
	sum = sum_of(half, moved->call);
	if (!sum) {
		__sync_fetch_and_add(&half->lost, 1);
		return 0;
	}
	__sync_fetch_and_add(&sum->read, task->ioac.rchar - moved->read);
	__sync_fetch_and_add(&sum->written, task->ioac.wchar - moved->written);
	__sync_fetch_and_add(&sum->sent, moved->sent);
	return 0;
}
