/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * door.bpf.h - control sockets (user/PROTOCOL.md). The listening socket carries
 * the mark of its agent; a connection to it carries the stamp of who made it,
 * which nothing that is sent can change. Socket storage, since 6.1 usable here.
 *
 * It is also where a task becomes an exact call: when the controller has
 * offered one to it, its next connection takes the offer, in its own context.
 */
#ifndef EC_DOOR_BPF_H
#define EC_DOOR_BPF_H

#include "moved.bpf.h"

enum ec_door_answer {
	EC_DOOR_NONE = 0, /* no control socket: the policy decides */
	EC_DOOR_OWN = 1,
	EC_DOOR_SHUT = 2, /* another agent's, or no stamp could be made */
};

/* The call that was offered to this task, now taken; 0 = none. */
static __always_inline __u64 ec_door_take(const struct ec_agent *agent, __u32 who, __u64 task)
{
	__u64 open = agent->open_calls & agent->exact_calls, id, seq;
	__u32 i, first = EC_SLOT(who) * EC_MAX_CALLS, index;
	struct ec_call *call;

	for (i = 0; i < EC_MAX_CALLS && open; i++, open >>= 1) {
		if (!(open & 1))
			continue;
		index = first + i;
		call = bpf_map_lookup_elem(&ec_calls, &index);
		if (!call || *(volatile __u64 *)&call->task != task)
			continue;
		seq = *(volatile __u64 *)&call->seq;
		id = *(volatile __u64 *)&call->id;
		if (seq & 1 || __sync_val_compare_and_swap(&call->task, task, EC_TASK_NONE) != task)
			return 0;
		/* closed meanwhile: then it is a call that is closed */
		return *(volatile __u64 *)&call->seq == seq ? id : EC_TASK_NONE;
	}
	return 0;
}

static __always_inline enum ec_door_answer
ec_door_enter(const struct ec_self *self, struct sock *sock, struct sock *other, struct sock *newsk)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ec_door stamp = { .uid = self->uid, .kind = EC_DOOR_STAMPED };
	struct ec_agent *agent = ec_agent_of(self);
	struct ec_door *door;
	struct ec_tag *tag;
	__u64 call;

	door = bpf_sk_storage_get(&ec_doors, other, 0, 0);
	if (!door || door->kind != EC_DOOR_LISTENS)
		return EC_DOOR_NONE;
	if (!agent || door->uid != self->uid)
		return EC_DOOR_SHUT;
	/* NULL: its lock is busy (before 6.x); the caller may try again */
	tag = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!tag)
		return EC_DOOR_SHUT;
	call = tag->call ? 0 : ec_door_take(agent, self->who, tag->task);
	if (call) {
		tag->call = call;
		ec_moved_becomes(call);
	}
	stamp.task = tag->task;
	stamp.call = tag->call;
	stamp.pid = bpf_get_current_pid_tgid() >> 32;
	if (!bpf_sk_storage_get(&ec_doors, newsk, &stamp, BPF_SK_STORAGE_GET_F_CREATE))
		return EC_DOOR_SHUT;
	stamp.kind = EC_DOOR_CALLER;
	return bpf_sk_storage_get(&ec_doors, sock, &stamp, BPF_SK_STORAGE_GET_F_CREATE) ?
		       EC_DOOR_OWN :
		       EC_DOOR_SHUT;
}

/* A connection of this agent to its own control socket: not even a flow that
 * is tripped shuts it. */
static __always_inline bool ec_door_leads(const struct ec_self *self, struct sock *sk)
{
	struct ec_door *door;

	if (!sk)
		return false;
	door = bpf_sk_storage_get(&ec_doors, sk, 0, 0);
	return door && door->kind == EC_DOOR_CALLER && door->uid == self->uid;
}

#endif
