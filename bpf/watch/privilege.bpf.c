// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * privilege.bpf.c - system calls that take a privilege of the policy, as
 * guard.bpf.c, root.bpf.c and starve.bpf.c have it. No hooks.
 *
 * Told when it was tried, unless the arguments made no sense: whether the kernel
 * let it happen does not matter, as with the LSM hooks.
 */
#include "watch.bpf.h"
#include "../guard.bpf.h"

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_MPTCP 262
#define PTRACE_TRACEME 0 /* linux/ptrace.h */
#define PTRACE_ATTACH 16
#define PTRACE_SEIZE 0x4206
#define CLONE_NEWUSER 0x10000000u /* linux/sched.h */
#define CLONE_NEW_ANY 0x7e020080u

static __always_inline __u32 socket_priv(const struct ec_returned *call)
{
	__u32 type = ec_argument(call, 1) & 0xf, protocol = ec_argument(call, 2);

	switch ((__u32)ec_argument(call, 0)) {
	case AF_UNIX:
		return EC_PRIV_NONE;
	case AF_INET:
	case AF_INET6:
		if (type == SOCK_STREAM &&
		    (!protocol || protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP))
			return EC_PRIV_NONE;
		if (type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP))
			return EC_PRIV_NONE;
		break;
	case AF_NETLINK: /* NETLINK_ROUTE */
		return protocol ? EC_PRIV_NETLINK : EC_PRIV_NONE;
	}
	return EC_PRIV_RAW_SOCKETS;
}

/* A task's first user namespace takes no capability; others do. */
static __always_inline __u32 namespaces_priv(__u32 flags)
{
	if (flags & CLONE_NEWUSER)
		return EC_PRIV_NAMESPACES;
	return flags & CLONE_NEW_ANY ? EC_PRIV_ADMIN : EC_PRIV_NONE;
}

static __always_inline __u32 traced(const struct ec_returned *call)
{
	__u32 request = ec_argument(call, 0);

	if (request != PTRACE_ATTACH && request != PTRACE_SEIZE)
		return EC_PRIV_NONE;
	return ec_stranger(ec_argument(call, 1), call->who) ? EC_PRIV_PTRACE : EC_PRIV_NONE;
}

static __always_inline __u32 priv_of(const struct ec_returned *call)
{
	if (call->kind > EC_WATCHED_PRIV)
		return call->kind - EC_WATCHED_PRIV;
	switch (call->kind) {
	case EC_WATCHED_SOCKET:
		return socket_priv(call);
	case EC_WATCHED_PTRACE:
		return traced(call);
	case EC_WATCHED_REACH:
		return ec_stranger(ec_argument(call, 0), call->who) ? EC_PRIV_PTRACE : EC_PRIV_NONE;
	case EC_WATCHED_LIMIT:
		if (!ec_argument(call, 2))
			return EC_PRIV_NONE;
		/* fallthrough */
	case EC_WATCHED_STARVE:
		return ec_stranger(ec_argument(call, 0), call->who) ? EC_PRIV_SIGNAL : EC_PRIV_NONE;
	case EC_WATCHED_UNSHARE:
		return namespaces_priv(ec_argument(call, 0));
	case EC_WATCHED_SETNS:
		return EC_PRIV_ADMIN;
	}
	return EC_PRIV_NONE;
}

__noinline int ec_watch_privilege(struct ec_returned *call, struct ec_found *ret_found)
{
	if (!call || !ret_found)
		return EC_FOUND_NOTHING;
	/* EFAULT, ENOSYS: nothing was asked for */
	if (call->ret == -14 || call->ret == -38)
		return EC_FOUND_NOTHING;
	ret_found->a = priv_of(call);
	return ret_found->a ? EC_FOUND_PRIV : EC_FOUND_NOTHING;
}
