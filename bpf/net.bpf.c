// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * net.bpf.c - sockets. Each may refuse with EACCES, privileges with EPERM.
 *
 * socket_create        TCP (and MPTCP), UDP, unix; route netlink for reading;
 *                      everything else is a privilege
 * socket_connect       TCP, UDP; unix is judged on the peer, below. Port 53 leads
 *                      to the agent's resolver, if it has one (resolve.bpf.h)
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
 * socket_setsockopt    source routes and routing headers, also in the control
 *                      messages of sendmsg
 */
#define EC_ASKS
#include "door.bpf.h"
#include "endpoint.bpf.h"
#include "moved.bpf.h"
#include "resolve.bpf.h"
#include "socket.bpf.h"

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
	if ((op & 0xff) == EC_OP_CONNECT)
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

/* To an address, or to the agent's resolver. */
static __always_inline int connect_effect(const struct ec_self *self, const struct ec_agent *agent,
					  struct socket *sock, __u64 address, int len)
{
	enum ec_lookup_answer lookup = ec_lookup_enter(agent, sock->sk, address, len);

	if (lookup == EC_LOOKUP_OWN)
		return 0;
	return inet_address(self, sock, address, len,
			    EC_OP_CONNECT | (lookup == EC_LOOKUP_SHUT ? EC_LEADS_ASTRAY : 0));
}

SEC("lsm/socket_connect")
int BPF_PROG(ec_socket_connect, struct socket *sock, struct sockaddr *address, int addrlen, int ret)
{
	struct ec_agent *agent;
	__u16 family = 0;
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	agent = ec_agent_of(&self);
	if (!agent)
		return -EACCES;
	if (!is_inet(sock))
		return 0;
	bpf_probe_read_kernel(&family, sizeof(family), address);
	if (family == AF_UNSPEC)
		return 0; /* dissolves an association, connect(2) */
	return connect_effect(&self, agent, sock, (__u64)address, addrlen);
}

/* Options that send a packet by way of somewhere else than its address:
 * source routes (ip(7)), routing headers (RFC 3542). */
#define SOL_IP 0
#define SOL_IPV6 41
#define IP_OPTIONS 4
#define IP_RETOPTS 7
#define IPV6_2292RTHDR 5
#define IPV6_2292PKTOPTIONS 6
#define IPV6_RTHDR 57

static __always_inline bool is_detour(int level, int name)
{
	if (level == SOL_IP)
		return name == IP_OPTIONS || name == IP_RETOPTS;
	return level == SOL_IPV6 &&
	       (name == IPV6_RTHDR || name == IPV6_2292RTHDR || name == IPV6_2292PKTOPTIONS);
}

SEC("lsm/socket_setsockopt")
int BPF_PROG(ec_socket_setsockopt, struct socket *sock, int level, int name, int ret)
{
	struct ec_self self;

	if (ret || !is_detour(level, name) || !ec_tagged(&self))
		return ret;
	return ec_priv_effect(&self, EC_PRIV_RAW_SOCKETS);
}

/* The same in control messages, which the kernel has copied by now. */
#define CONTROLS_MAX 16
static __always_inline bool takes_detour(const struct msghdr *msg)
{
	__u64 at = ec_number(msg->msg_control), end = at + msg->msg_controllen;
	struct cmsghdr head;
	int i;

	for (i = 0; i < CONTROLS_MAX; i++) {
		if (at + sizeof(head) > end)
			return false;
		if (bpf_probe_read_kernel(&head, sizeof(head), (void *)at) ||
		    head.cmsg_len < sizeof(head) || is_detour(head.cmsg_level, head.cmsg_type))
			return true;
		at += (head.cmsg_len + 7) & ~7ul;
	}
	return true;
}

static __always_inline int sending(const struct ec_self *self, struct socket *sock,
				   struct msghdr *msg)
{
	struct ec_agent *agent = ec_agent_of(self);

	if (!agent)
		return -EACCES;
	if (is_inet(sock) && msg->msg_controllen && takes_detour(msg) &&
	    ec_priv_effect(self, EC_PRIV_RAW_SOCKETS))
		return -EPERM;
	if (!msg->msg_name)
		return ec_shuts_connections(agent, self) && !ec_door_leads(self, sock->sk) &&
				       !ec_lookup_leads(agent, sock->sk) ?
			       ec_socket_peer(sock, self->who) :
			       0;
	if (!is_inet(sock))
		return 0;
	return connect_effect(self, agent, sock, (__u64)msg->msg_name, msg->msg_namelen);
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(ec_socket_sendmsg, struct socket *sock, struct msghdr *msg, int size, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	ret = sending(&self, sock, msg);
	if (!ret && size > 0)
		ec_moves(&self, size);
	return ret;
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

static __always_inline int offers(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct ec_self self;

	if (!ec_tagged(&self))
		return 0;
	if (!sk || !ec_agent_of(&self))
		return -EACCES;
	return ec_socket_offers(sk, self.who);
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
