// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * use.bpf.c - descriptors: used after the call that opened them, or come from
 * elsewhere. Each may refuse with EACCES.
 *
 * file_permission   reading, writing, listing by a descriptor, each time: also
 *                   sendfile, splice, copy_file_range and io_uring. Sending by
 *                   write, splice or sendfile while connections are shut
 *                   (before 6.5 the latter two do not call socket_sendmsg)
 * file_receive      SCM_RIGHTS and pidfd_getfd: as if it were opened here; a
 *                   socket as if it were connected, or made to listen
 *
 * Descriptors 0 to 2 that the agent was started with are its starter's choice:
 * what they are is labelled at its first effect on a path (ec_nodes, by the agent's uid). The
 * controller closes all others.
 */
#define EC_ASKS
#include "moved.bpf.h"
#include "use.bpf.h"
#include "resolve.bpf.h"
#include "socket.bpf.h"
#include "door.bpf.h"

#include <linux/errno.h>

#define MAY_WRITE 0x2
#define MAY_READ 0x4
#define S_IFMT 0170000
#define S_IFSOCK 0140000

static __always_inline int sending(const struct ec_self *self, struct file *file)
{
	struct ec_agent *agent = ec_agent_of(self);
	struct socket *sock;

	if (!agent)
		return -EACCES;
	if (!ec_shuts_connections(agent, self))
		return 0;
	sock = bpf_sock_from_file(file);
	if (!sock || ec_door_leads(self, sock->sk) || ec_lookup_leads(agent, sock->sk))
		return 0;
	return ec_socket_peer(sock, self->who);
}

SEC("lsm/file_permission")
int BPF_PROG(ec_file_permission, struct file *file, int mask, int ret)
{
	struct ec_self self;
	__u32 ops = 0;

	if (ret || !ec_tagged(&self))
		return ret;
	ec_moves(&self, 0);
	if ((file->f_inode->i_mode & S_IFMT) == S_IFSOCK)
		return mask & MAY_WRITE ? sending(&self, file) : 0;
	if (mask & MAY_READ)
		ops |= EC_OP_BIT(EC_OP_READ);
	if (mask & MAY_WRITE)
		ops |= EC_OP_BIT(EC_OP_WRITE);
	return EC_REFUSAL(ec_use_effect(&self, file, ops));
}

#define TCP_LISTEN 10 /* net/tcp_states.h */

/* Of its own an agent may pass around what came to a port that it may listen
 * on: such a peer is no place it went to. */
__noinline int ec_given_inet(__u64 socket, __u32 who)
{
	struct socket *sock = (void *)socket;
	struct sock *sk = BPF_CORE_READ(sock, sk);
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct ec_inet inet = {};

	ec_socket_own(sk, family, &inet);
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		return EC_REFUSAL(ec_judge_inet(&inet, who, EC_OP_LISTEN));
	if (ec_inet_quietly(&inet, who, EC_OP_LISTEN))
		return 0;
	return ec_socket_peer_inet(sk, family, who);
}

/* A socket that another process made. */
static __always_inline int given(const struct ec_self *self, __u64 socket)
{
	struct socket *sock = (void *)socket;
	struct sock *sk = BPF_CORE_READ(sock, sk);
	struct unix_sock *unix_sock = (void *)sk;
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u64 peer;

	if (!sk)
		return 0;
	if (family == AF_INET || family == AF_INET6)
		return EC_REFUSAL(ec_given_inet(socket, self->who));
	if (family != AF_UNIX)
		return ec_priv_effect(self, EC_PRIV_RAW_SOCKETS);
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		return EC_REFUSAL(ec_judge_unix((__u64)sk, self->who, EC_OP_LISTEN));
	peer = (__u64)BPF_CORE_READ(unix_sock, peer);
	return peer ? EC_REFUSAL(ec_judge_unix(peer, self->who, EC_OP_CONNECT)) : 0;
}

SEC("lsm/file_receive")
int BPF_PROG(ec_file_receive, struct file *file, int ret)
{
	struct ec_self self;
	__u32 ops = 0;

	if (ret || !ec_tagged(&self))
		return ret;
	if ((file->f_inode->i_mode & S_IFMT) == S_IFSOCK)
		return given(&self, ec_number(file->private_data));
	if (file->f_mode & FMODE_READ)
		ops |= EC_OP_BIT(EC_OP_READ);
	if (file->f_mode & FMODE_WRITE)
		ops |= EC_OP_BIT(EC_OP_WRITE);
	if (!ops)
		return 0;
	if (!ec_agent_of(&self))
		return -EACCES;
	return (__u32)ec_judge_path(ec_number(file->f_path.dentry), ec_number(file->f_path.mnt),
				    self.who, ops) == 1 ?
		       0 :
		       -EACCES;
}
