// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * net.bpf.c - sockets. Each may refuse with EACCES, privileges with EPERM.
 *
 * socket_create        TCP (and MPTCP), UDP, unix; route netlink for reading;
 *                      everything else is a privilege
 * socket_connect       TCP, UDP; unix is judged on the peer, below
 * socket_sendmsg       with an address: UDP, and TCP fast open, which never
 *                      calls socket_connect; without one when a flow rule now
 *                      refuses connections, or a budget is spent: those made
 *                      before are shut too
 * unix_stream_connect  the peer's bound name, not the caller's string; the
 *                      agent's own control socket is always open to it
 * unix_may_send        the same for datagrams
 * socket_bind          a port or an abstract name (a path: path_mknod)
 * socket_listen        also without bind
 * socket_accept        also on a listening socket that was inherited
 * netlink_send         route netlink: only questions
 */
#include "door.bpf.h"
#include "endpoint.bpf.h"

#include <linux/errno.h>

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_MPTCP 262
#define NETLINK_ROUTE 0

SEC("lsm/socket_create")
int BPF_PROG(ec_socket_create, int family, int type, int protocol, int kern, int ret)
{
	struct ec_self self;
	bool plain = false;

	if (ret || kern || !ec_tagged(&self))
		return ret;
	type &= 0xf;
	switch (family) {
	case AF_UNIX:
		return 0;
	case AF_INET:
	case AF_INET6:
		plain = (type == SOCK_STREAM &&
			 (!protocol || protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP)) ||
			(type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP));
		break;
	case AF_NETLINK:
		if (protocol == NETLINK_ROUTE)
			return 0;
		return ec_priv_effect(&self, EC_PRIV_NETLINK);
	}
	return plain ? 0 : ec_priv_effect(&self, EC_PRIV_RAW_SOCKETS);
}

/* The inet address in a sockaddr of this family. False: too short or not one. */
static __always_inline bool inet_of(__u64 address, int len, int family, struct ec_inet *ret_inet)
{
	__u8 raw[28] = {};
	__u32 v4;

	if (len < 8 || bpf_probe_read_kernel(raw, sizeof(raw), (void *)address))
		return false;
	ret_inet->port[0] = raw[2];
	ret_inet->port[1] = raw[3];
	if (family == AF_INET) {
		__builtin_memcpy(&v4, raw + 4, 4);
		ec_inet_v4(ret_inet, v4);
		return true;
	}
	if (len < 24)
		return false;
	__builtin_memcpy(ret_inet->addr, raw + 8, 16);
	return true;
}

static __always_inline int inet_address(const struct ec_self *self, struct socket *sock,
					__u64 address, int len, __u32 op)
{
	__u16 own = BPF_CORE_READ(sock, sk, __sk_common.skc_family);
	__u16 family = 0;
	struct ec_inet inet = {};

	if (bpf_probe_read_kernel(&family, sizeof(family), (void *)address))
		return -EACCES;
	if (own == AF_INET)
		family = AF_INET; /* AF_UNSPEC counts as AF_INET there */
	if ((family != AF_INET && family != AF_INET6) || !inet_of(address, len, family, &inet))
		return -EACCES;
	if (op == EC_OP_CONNECT)
		ec_inet_target(&inet);
	else if (!inet.port[0] && !inet.port[1])
		return 0; /* any free port: nobody is told which */
	return EC_REFUSAL(ec_judge_inet(&inet, self->who, op));
}

static __always_inline bool is_inet(struct socket *sock)
{
	__u16 family = BPF_CORE_READ(sock, sk, __sk_common.skc_family);

	return family == AF_INET || family == AF_INET6;
}

SEC("lsm/socket_connect")
int BPF_PROG(ec_socket_connect, struct socket *sock, struct sockaddr *address, int addrlen, int ret)
{
	__u16 family = 0;
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	if (!ec_agent_of(&self))
		return -EACCES;
	if (!is_inet(sock))
		return 0;
	bpf_probe_read_kernel(&family, sizeof(family), address);
	if (family == AF_UNSPEC)
		return 0; /* dissolves an association, connect(2) */
	return inet_address(&self, sock, (__u64)address, addrlen, EC_OP_CONNECT);
}

/* Where a connected socket leads. A pair without names leads nowhere new. */
static __always_inline int peer_effect(const struct ec_self *self, struct socket *sock)
{
	struct sock *sk = BPF_CORE_READ(sock, sk);
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	struct unix_sock *unix_sock = (void *)sk;
	struct ec_inet inet = {};
	__u64 peer;

	if (family == AF_UNIX) {
		peer = (__u64)BPF_CORE_READ(unix_sock, peer);
		return peer ? EC_REFUSAL(ec_judge_unix(peer, self->who, EC_OP_CONNECT)) : 0;
	}
	if ((family != AF_INET && family != AF_INET6) || !port)
		return 0;
	__builtin_memcpy(inet.port, &port, 2);
	if (family == AF_INET)
		ec_inet_v4(&inet, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	else
		BPF_CORE_READ_INTO(&inet.addr, sk, __sk_common.skc_v6_daddr);
	ec_inet_target(&inet);
	return EC_REFUSAL(ec_judge_inet(&inet, self->who, EC_OP_CONNECT));
}

/* Connections that were made before are to be judged again. */
static __always_inline bool shuts_connections(struct ec_agent *agent, const struct ec_self *self)
{
	return agent->flags & EC_AGENT_SPENT ||
	       ec_generation_of(agent, self->who)->tripped_ops & EC_OP_BIT(EC_OP_CONNECT);
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(ec_socket_sendmsg, struct socket *sock, struct msghdr *msg, int size, int ret)
{
	struct ec_agent *agent;
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	agent = ec_agent_of(&self);
	if (!agent)
		return -EACCES;
	if (!msg->msg_name)
		return shuts_connections(agent, &self) && !ec_door_leads(&self, sock->sk) ?
			       peer_effect(&self, sock) :
			       0;
	if (!is_inet(sock))
		return 0;
	return inet_address(&self, sock, (__u64)msg->msg_name, msg->msg_namelen, EC_OP_CONNECT);
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(ec_unix_stream_connect, struct sock *sock, struct sock *other, struct sock *newsk,
	     int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	if (!ec_agent_of(&self))
		return -EACCES;
	switch (ec_door_enter(&self, sock, other, newsk)) {
	case EC_DOOR_OWN:
		return 0;
	case EC_DOOR_SHUT:
		return -EACCES;
	case EC_DOOR_NONE:
		break;
	}
	return EC_REFUSAL(ec_judge_unix(ec_number(other), self.who, EC_OP_CONNECT));
}

SEC("lsm/unix_may_send")
int BPF_PROG(ec_unix_may_send, struct socket *sock, struct socket *other, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	if (!ec_agent_of(&self))
		return -EACCES;
	return EC_REFUSAL(ec_judge_unix(ec_number(other->sk), self.who, EC_OP_CONNECT));
}

SEC("lsm/socket_bind")
int BPF_PROG(ec_socket_bind, struct socket *sock, struct sockaddr *address, int addrlen, int ret)
{
	struct sockaddr_un *un = (void *)address;
	struct ec_self self;
	char first = 0;

	if (ret || !ec_tagged(&self))
		return ret;
	if (!ec_agent_of(&self))
		return -EACCES;
	if (is_inet(sock))
		return inet_address(&self, sock, (__u64)address, addrlen, EC_OP_LISTEN);
	if (BPF_CORE_READ(sock, sk, __sk_common.skc_family) != AF_UNIX)
		return 0;
	if (addrlen > 2)
		bpf_probe_read_kernel(&first, 1, un->sun_path);
	if (addrlen > 2 && first)
		return 0; /* path_mknod judges it */
	return EC_REFUSAL(ec_judge_abstract(ec_number(un) + 3, addrlen > 3 ? addrlen - 3 : 0,
					    self.who, EC_OP_LISTEN));
}

/* Offering the name a socket has: listen and accept. */
static __always_inline int offers(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct ec_inet inet = {};
	struct ec_self self;
	__u16 family, port;

	if (!ec_tagged(&self))
		return 0;
	if (!sk || !ec_agent_of(&self))
		return -EACCES;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family == AF_UNIX)
		return EC_REFUSAL(ec_judge_unix(ec_number(sk), self.who, EC_OP_LISTEN));
	if (family != AF_INET && family != AF_INET6)
		return 0;
	port = BPF_CORE_READ(sk, __sk_common.skc_num);
	inet.port[0] = port >> 8;
	inet.port[1] = port;
	if (family == AF_INET)
		ec_inet_v4(&inet, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	else
		BPF_CORE_READ_INTO(&inet.addr, sk, __sk_common.skc_v6_rcv_saddr);
	return EC_REFUSAL(ec_judge_inet(&inet, self.who, EC_OP_LISTEN));
}

SEC("lsm/socket_listen")
int BPF_PROG(ec_socket_listen, struct socket *sock, int backlog, int ret)
{
	return ret ? ret : offers(sock);
}

SEC("lsm/socket_accept")
int BPF_PROG(ec_socket_accept, struct socket *sock, struct socket *newsock, int ret)
{
	return ret ? ret : offers(sock);
}

SEC("lsm/netlink_send")
int BPF_PROG(ec_netlink_send, struct sock *sk, struct sk_buff *skb, int ret)
{
	struct {
		__u32 len;
		__u16 type;
		__u16 flags;
	} head = {};
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	bpf_probe_read_kernel(&head, sizeof(head), skb->data);
	/* rtnetlink(7): in groups of four from 16: NEW, DEL, GET, SET; one
	 * message only, or a second could hide behind the first */
	if (sk->sk_protocol == NETLINK_ROUTE && head.type >= 16 && (head.type & 3) == 2 &&
	    ((head.len + 3) & ~3u) >= skb->len)
		return 0;
	return ec_priv_effect(&self, EC_PRIV_NETLINK);
}
