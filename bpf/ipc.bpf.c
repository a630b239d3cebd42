// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * ipc.bpf.c - ways to processes outside that are neither files nor sockets.
 * Each may refuse with EPERM (ipc_permission: EACCES).
 *
 * shm_alloc_security, sem_alloc_security,
 * msg_queue_alloc_security               note whose it is; their *_free_security
 *                                        forget; nothing is refused
 * ipc_permission                         attaching, sending, receiving, waiting
 * shm_shmctl, sem_semctl, msg_queue_msgctl   removing, changing owner and mode
 * key_alloc, key_permission              the kernel's keyrings, which are shared
 *                                        with everything of the same user; a key
 *                                        that is not there has a program started
 *                                        outside the tree
 *
 * POSIX queues are files: see file_open.
 */
#define EC_ASKS
#include "judge.bpf.h"

#define IPC_RMID 0 /* linux/ipc.h */
#define IPC_SET 1
#define SETVAL 16 /* linux/sem.h */
#define SETALL 17

static __always_inline int created(struct kern_ipc_perm *perm)
{
	struct ec_self self;
	__u64 key;

	if (!ec_tagged(&self))
		return 0;
	key = ec_number(perm);
	/* full: then it is not known to be the agent's own */
	bpf_map_update_elem(&ec_ipcs, &key, &self.uid, BPF_ANY);
	return 0;
}

static __always_inline int removed(struct kern_ipc_perm *perm)
{
	__u64 key = ec_number(perm);

	bpf_map_delete_elem(&ec_ipcs, &key);
	return 0;
}

static __always_inline int used(struct kern_ipc_perm *perm)
{
	struct ec_self self;
	__u64 key, *uid;

	if (!ec_tagged(&self))
		return 0;
	key = ec_number(perm);
	uid = bpf_map_lookup_elem(&ec_ipcs, &key);
	return uid && *uid == self.uid ? 0 : ec_priv_effect(&self, EC_PRIV_IPC);
}

/* perm is NULL when the question is about the system, not about one of them. */
static __always_inline int controlled(struct kern_ipc_perm *perm, int cmd)
{
	if (!perm || (cmd != IPC_RMID && cmd != IPC_SET && cmd != SETVAL && cmd != SETALL))
		return 0;
	return used(perm);
}

SEC("lsm/shm_alloc_security")
int BPF_PROG(ec_shm_alloc, struct kern_ipc_perm *perm, int ret)
{
	return ret ? ret : created(perm);
}

SEC("lsm/sem_alloc_security")
int BPF_PROG(ec_sem_alloc, struct kern_ipc_perm *perm, int ret)
{
	return ret ? ret : created(perm);
}

SEC("lsm/msg_queue_alloc_security")
int BPF_PROG(ec_msg_queue_alloc, struct kern_ipc_perm *perm, int ret)
{
	return ret ? ret : created(perm);
}

SEC("lsm/shm_free_security")
int BPF_PROG(ec_shm_free, struct kern_ipc_perm *perm)
{
	return removed(perm);
}

SEC("lsm/sem_free_security")
int BPF_PROG(ec_sem_free, struct kern_ipc_perm *perm)
{
	return removed(perm);
}

SEC("lsm/msg_queue_free_security")
int BPF_PROG(ec_msg_queue_free, struct kern_ipc_perm *perm)
{
	return removed(perm);
}

SEC("lsm/ipc_permission")
int BPF_PROG(ec_ipc_permission, struct kern_ipc_perm *perm, short flag, int ret)
{
	return ret ? ret : used(perm);
}

SEC("lsm/shm_shmctl")
int BPF_PROG(ec_shmctl, struct kern_ipc_perm *perm, int cmd, int ret)
{
	return ret ? ret : controlled(perm, cmd);
}

SEC("lsm/sem_semctl")
int BPF_PROG(ec_semctl, struct kern_ipc_perm *perm, int cmd, int ret)
{
	return ret ? ret : controlled(perm, cmd);
}

SEC("lsm/msg_queue_msgctl")
int BPF_PROG(ec_msgctl, struct kern_ipc_perm *perm, int cmd, int ret)
{
	return ret ? ret : controlled(perm, cmd);
}

static __always_inline int keys(void)
{
	struct ec_self self;

	if (!ec_tagged(&self) || ec_by_layer())
		return 0;
	return ec_priv_effect(&self, EC_PRIV_KEYS);
}

/* no ret in these two: the sizes of what comes before it differ */
SEC("lsm/key_alloc")
int BPF_PROG(ec_key_alloc)
{
	return keys();
}

SEC("lsm/key_permission")
int BPF_PROG(ec_key_permission)
{
	return keys();
}
