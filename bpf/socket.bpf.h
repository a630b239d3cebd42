/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * socket.bpf.h - a socket that exists: where it leads, what it offers. Inline:
 * the verifier allows eight frames in all.
 */
#ifndef EC_SOCKET_BPF_H
#define EC_SOCKET_BPF_H

#include "endpoint.bpf.h"

/* Where a connected inet socket leads. */
static __always_inline int ec_socket_peer_inet(struct sock *sk, __u16 family, __u32 who)
{
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	struct ec_inet inet = {};

	if ((family != AF_INET && family != AF_INET6) || !port)
		return 0;
	__builtin_memcpy(inet.port, &port, 2);
	if (family == AF_INET)
		ec_inet_v4(&inet, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	else
		BPF_CORE_READ_INTO(&inet.addr, sk, __sk_common.skc_v6_daddr);
	ec_inet_target(&inet);
	return EC_REFUSAL(ec_judge_inet(&inet, who, EC_OP_CONNECT));
}

/* Where any connected socket leads. A pair without names leads nowhere new. */
static __always_inline int ec_socket_peer(struct socket *sock, __u32 who)
{
	struct sock *sk = BPF_CORE_READ(sock, sk);
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct unix_sock *unix_sock = (void *)sk;
	__u64 peer;

	if (family != AF_UNIX)
		return ec_socket_peer_inet(sk, family, who);
	peer = (__u64)BPF_CORE_READ(unix_sock, peer);
	return peer ? EC_REFUSAL(ec_judge_unix(peer, who, EC_OP_CONNECT)) : 0;
}

/* The name an inet socket has here. */
static __always_inline void ec_socket_own(struct sock *sk, __u16 family, struct ec_inet *ret_inet)
{
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_num);

	ret_inet->port[0] = port >> 8;
	ret_inet->port[1] = port;
	if (family == AF_INET)
		ec_inet_v4(ret_inet, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	else
		BPF_CORE_READ_INTO(&ret_inet->addr, sk, __sk_common.skc_v6_rcv_saddr);
}

/* Offering the name a socket has: listen and accept. */
static __always_inline int ec_socket_offers(struct sock *sk, __u32 who)
{
	struct ec_inet inet = {};
	__u16 family;

	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family == AF_UNIX)
		return EC_REFUSAL(ec_judge_unix(ec_number(sk), who, EC_OP_LISTEN));
	if (family != AF_INET && family != AF_INET6)
		return 0;
	ec_socket_own(sk, family, &inet);
	return EC_REFUSAL(ec_judge_inet(&inet, who, EC_OP_LISTEN));
}

/* Connections that were made before are to be judged again. */
static __always_inline bool ec_shuts_connections(struct ec_agent *agent, const struct ec_self *self)
{
	return agent->flags & EC_AGENT_SPENT ||
	       ec_generation_of(agent, self->who)->tripped_ops & EC_OP_BIT(EC_OP_CONNECT);
}

#endif
