// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * socket.bpf.c - sockets, from their system calls. No hooks.
 *
 * Where inet.bpf.c is loaded, inet addresses come from there, as the kernel copied
 * them. Where it is not, a socket that is connected says where; else only
 * the caller's memory does. Unix sockets: the peer's name, the bound name.
 */
#include "watch.bpf.h"
#include "../socket.bpf.h"

/* inet.bpf.c is loaded: set before loading. */
extern const volatile __u8 ec_watches_inet;

static __always_inline struct sock *sock_of(__s32 fd)
{
	struct file *file = ec_file_of(fd);
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & 0170000) != 0140000)
		return (void *)0;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline int inet_peer(struct sock *sk, __u16 family, struct ec_found *ret_found)
{
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_dport);

	if (!port)
		return EC_FOUND_NOTHING;
	__builtin_memcpy(ret_found->inet.port, &port, 2);
	if (family == AF_INET)
		ec_inet_v4(&ret_found->inet, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	else
		BPF_CORE_READ_INTO(&ret_found->inet.addr, sk, __sk_common.skc_v6_daddr);
	ret_found->ops = EC_OP_CONNECT;
	return EC_FOUND_INET;
}

/* A sockaddr in the caller's memory. */
static __always_inline int inet_said(__u64 address, __u16 family, __u32 op,
				     struct ec_found *ret_found)
{
	__u8 raw[28] = {};
	__u16 said = 0;
	__u32 v4;

	if (bpf_probe_read_user(&said, sizeof(said), (void *)address) || said != family ||
	    bpf_probe_read_user(raw, family == AF_INET ? 16 : 28, (void *)address))
		return EC_FOUND_NOTHING;
	ret_found->inet.port[0] = raw[2];
	ret_found->inet.port[1] = raw[3];
	if (family == AF_INET) {
		__builtin_memcpy(&v4, raw + 4, 4);
		ec_inet_v4(&ret_found->inet, v4);
	} else {
		__builtin_memcpy(ret_found->inet.addr, raw + 8, 16);
	}
	if (op == EC_OP_CONNECT)
		ec_inet_target(&ret_found->inet);
	ret_found->ops = op;
	ret_found->flags = EC_OBS_SAID;
	return EC_FOUND_INET;
}

static __always_inline bool is_inet_family(__u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

/* EINPROGRESS, EALREADY, EINTR and its like: on its way */
static __always_inline bool is_under_way(__s64 ret)
{
	return !ret || ret == -115 || ret == -114 || ret == -4 || ret == -512;
}

static __always_inline int connected(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct sock *sk = sock_of(ec_argument(call, 0));
	struct unix_sock *unix_sock = (void *)sk;
	__u16 family;

	if (!sk || call->ret == -14) /* EFAULT */
		return EC_FOUND_NOTHING;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (is_inet_family(family)) {
		if (ec_watches_inet)
			return EC_FOUND_NOTHING;
		if (is_under_way(call->ret) && inet_peer(sk, family, ret_found))
			return EC_FOUND_INET;
		return inet_said(ec_argument(call, 1), family, EC_OP_CONNECT, ret_found);
	}
	if (family != AF_UNIX || call->ret)
		return EC_FOUND_NOTHING;
	ret_found->a = (__u64)BPF_CORE_READ(unix_sock, peer);
	ret_found->ops = EC_OP_CONNECT;
	return ret_found->a ? EC_FOUND_UNIX : EC_FOUND_NOTHING;
}

static __always_inline int bound(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct sock *sk = sock_of(ec_argument(call, 0));
	struct unix_sock *unix_sock = (void *)sk;
	__u16 family;

	if (!sk || call->ret)
		return EC_FOUND_NOTHING;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (is_inet_family(family)) {
		if (ec_watches_inet ||
		    !inet_said(ec_argument(call, 1), family, EC_OP_LISTEN, ret_found) ||
		    (!ret_found->inet.port[0] && !ret_found->inet.port[1]))
			return EC_FOUND_NOTHING;
		ec_socket_own(sk, family, &ret_found->inet);
		ret_found->flags = 0;
		return EC_FOUND_INET;
	}
	if (family != AF_UNIX)
		return EC_FOUND_NOTHING;
	ret_found->a = (__u64)BPF_CORE_READ(unix_sock, path.dentry);
	ret_found->b = (__u64)BPF_CORE_READ(unix_sock, path.mnt);
	ret_found->ops = EC_OP_BIT(EC_OP_WRITE) | EC_MAY_LISTEN;
	if (ret_found->a)
		return EC_FOUND_PATH;
	ret_found->a = (__u64)sk;
	ret_found->ops = EC_OP_LISTEN;
	return EC_FOUND_UNIX;
}

static __always_inline int offered(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct sock *sk = sock_of(ec_argument(call, 0));
	__u16 family;

	if (!sk || call->ret < 0)
		return EC_FOUND_NOTHING;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ret_found->ops = EC_OP_LISTEN;
	if (family == AF_UNIX) {
		ret_found->a = (__u64)sk;
		return EC_FOUND_UNIX;
	}
	if (!is_inet_family(family))
		return EC_FOUND_NOTHING;
	ec_socket_own(sk, family, &ret_found->inet);
	return EC_FOUND_INET;
}

/* The address that a message goes to, in the caller's memory; 0: none. */
static __always_inline __u64 sent_to(const struct ec_returned *call)
{
	__u64 name = 0;

	if (call->kind == EC_WATCHED_SEND_TO)
		return ec_argument(call, 4);
	bpf_probe_read_user(&name, call->compat ? 4 : 8, (void *)ec_argument(call, 1));
	return name;
}

static __always_inline int sent(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct sock *sk = sock_of(ec_argument(call, 0));
	__u64 address = sent_to(call);
	__u16 family;
	char first = 0;

	if (!sk || !address || call->ret < 0)
		return EC_FOUND_NOTHING;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (is_inet_family(family))
		return ec_watches_inet ? EC_FOUND_NOTHING :
					 inet_said(address, family, EC_OP_CONNECT, ret_found);
	if (family != AF_UNIX || bpf_probe_read_user(&first, 1, (void *)address + 2) || !first)
		return EC_FOUND_NOTHING;
	ret_found->a = address + 2;
	ret_found->b = (__u64)EC_AT_FDCWD;
	ret_found->ops = EC_OP_BIT(EC_OP_CONNECT);
	ret_found->flags = EC_OBS_SAID;
	return EC_FOUND_SAID;
}

__noinline int ec_watch_socket(struct ec_returned *call, struct ec_found *ret_found)
{
	if (!call || !ret_found)
		return EC_FOUND_NOTHING;
	switch (call->kind) {
	case EC_WATCHED_CONNECT:
		return connected(call, ret_found);
	case EC_WATCHED_BIND:
		return bound(call, ret_found);
	case EC_WATCHED_LISTEN:
	case EC_WATCHED_ACCEPT:
		return offered(call, ret_found);
	}
	return sent(call, ret_found);
}
