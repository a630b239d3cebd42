// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * inet.bpf.c - inet addresses as the kernel copied them, also of io_uring. They
 * are attached to the top of the cgroup hierarchy, and let everything pass.
 * Only where such programs may ask for a task's tag: 6.12 refuses it, 6.18 does not.
 *
 * cgroup/connect4,6   connect, and TCP fast open
 * cgroup/sendmsg4,6   UDP with an address
 * cgroup/bind4,6      a port; any free one is not told
 */
#include "watch.bpf.h"

#define PASS 1

static __always_inline int tell(struct ec_inet *inet, __u32 op)
{
	struct ec_self self;

	if (!ec_tagged(&self) || !ec_watched_agent(&self))
		return PASS;
	if (op == EC_OP_CONNECT)
		ec_inet_target(inet);
	else if (!inet->port[0] && !inet->port[1])
		return PASS;
	ec_judge_inet(inet, self.who, op);
	return PASS;
}

static __always_inline void port_of(const struct bpf_sock_addr *ctx, struct ec_inet *ret_inet)
{
	__u16 port = ctx->user_port;

	__builtin_memcpy(ret_inet->port, &port, 2);
}

static __always_inline int tell4(const struct bpf_sock_addr *ctx, __u32 op)
{
	struct ec_inet inet = {};

	if (!bpf_get_current_task_btf()->bpf_storage)
		return PASS;
	port_of(ctx, &inet);
	ec_inet_v4(&inet, ctx->user_ip4);
	return tell(&inet, op);
}

static __always_inline int tell6(const struct bpf_sock_addr *ctx, __u32 op)
{
	struct ec_inet inet = {};
	__u32 addr[4];

	if (!bpf_get_current_task_btf()->bpf_storage)
		return PASS;
	port_of(ctx, &inet);
	addr[0] = ctx->user_ip6[0];
	addr[1] = ctx->user_ip6[1];
	addr[2] = ctx->user_ip6[2];
	addr[3] = ctx->user_ip6[3];
	__builtin_memcpy(inet.addr, addr, sizeof(addr));
	return tell(&inet, op);
}

SEC("?cgroup/connect4")
int ec_watch_connect4(struct bpf_sock_addr *ctx)
{
	return tell4(ctx, EC_OP_CONNECT);
}

SEC("?cgroup/connect6")
int ec_watch_connect6(struct bpf_sock_addr *ctx)
{
	return tell6(ctx, EC_OP_CONNECT);
}

SEC("?cgroup/sendmsg4")
int ec_watch_sendmsg4(struct bpf_sock_addr *ctx)
{
	return tell4(ctx, EC_OP_CONNECT);
}

SEC("?cgroup/sendmsg6")
int ec_watch_sendmsg6(struct bpf_sock_addr *ctx)
{
	return tell6(ctx, EC_OP_CONNECT);
}

SEC("?cgroup/bind4")
int ec_watch_bind4(struct bpf_sock_addr *ctx)
{
	return tell4(ctx, EC_OP_LISTEN);
}

SEC("?cgroup/bind6")
int ec_watch_bind6(struct bpf_sock_addr *ctx)
{
	return tell6(ctx, EC_OP_LISTEN);
}
