// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * resolve.bpf.c - port 53 leads to the agent's resolver.
 *
 * cgroup/connect4,6      a marked socket's look-up goes to the loopback address,
 * cgroup/sendmsg4,6      at the resolver's port. One of another family than the
 *                        socket's, which could not be changed, is refused (EPERM)
 * cgroup/recvmsg4,6      its answer comes from whom the agent asked
 * cgroup/getpeername4,6  and so does the peer's name read
 *
 * With no mark (ec_lookup_enter) nothing is changed. They are attached to the
 * top of the cgroup hierarchy; where they are not, ec_redirected() says so and
 * the LSM hook refuses.
 */
#include "resolve.bpf.h"

#define SOCK_OK 1
#define SOCK_REFUSED 0
#define LOOPBACK4 __builtin_bswap32(0x7f000001)
#define MAPPED __builtin_bswap32(0xffff)
#define DNS_PORT __builtin_bswap16(EC_PORT_DNS)

struct probe {
	__u64 uid;
	__u64 now;
	__u64 addr[2];
	__u32 place;
	__u32 found; /* the entry's index + 1 */
	__u32 offset;
};

static long probe_one(__u32 i, struct probe *probe)
{
	__u32 at = (probe->place + i) & (EC_NAMES_MAX - 1);
	struct ec_name *name = bpf_map_lookup_elem(&ec_names, &at);

	if (!name)
		return 1;
	if (name->uid != probe->uid || name->addr[1] != probe->addr[1] ||
	    name->addr[0] != probe->addr[0] || name->expires_ns <= probe->now)
		return 0;
	probe->found = at + 1;
	probe->offset = i;
	return 1;
}

__noinline int ec_name_next(struct ec_scratch *scratch, __u32 who, __u32 from)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct probe probe = {};
	struct ec_name *name;
	__u32 at, zero = 0, len;
	__u64 seq;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	if (!agent || !scratch || !control || from >= EC_NAMES_PROBE)
		return 0;
	probe.uid = agent->uid;
	probe.now = bpf_ktime_get_boot_ns();
	probe.addr[0] = scratch->inet[0];
	probe.addr[1] = scratch->inet[1];
	probe.place = ec_name_place(control->name_seed, agent->uid, scratch->inet[0],
				    scratch->inet[1]) +
		      from;
	bpf_loop(EC_NAMES_PROBE - from, probe_one, &probe, 0);
	if (!probe.found)
		return 0;
	at = probe.found - 1;
	name = bpf_map_lookup_elem(&ec_names, &at);
	if (!name)
		return 0;
	seq = *(volatile __u64 *)&name->seq;
	len = name->text_len;
	if (len > EC_NAME_TEXT)
		return 0;
	__builtin_memcpy(scratch->path, name->text, EC_NAME_TEXT);
	/* rewritten meanwhile: not this name's text, perhaps */
	if (seq & 1 || *(volatile __u64 *)&name->uid != probe.uid ||
	    *(volatile __u64 *)&name->expires_ns <= probe.now ||
	    *(volatile __u64 *)&name->seq != seq)
		scratch->path[0] = 0;
	scratch->path[len] = scratch->port;
	scratch->path[len + 1] = scratch->port >> 8;
	__builtin_memcpy(&scratch->path[len + 2], scratch->inet, 16);
	scratch->path_len = len + 2;
	return from + probe.offset + 1;
}

static __always_inline bool is_mapped(const struct ec_lookup *mark)
{
	return !mark->addr[0] && !mark->addr[1] && mark->addr[2] == MAPPED;
}

static __always_inline int lead4(struct bpf_sock_addr *ctx)
{
	struct ec_lookup *mark;

	if (ctx->user_port != DNS_PORT || !ctx->sk)
		return SOCK_OK;
	mark = bpf_sk_storage_get(&ec_lookups, ctx->sk, 0, 0);
	if (!mark)
		return SOCK_OK;
	if (ctx->user_family != AF_INET)
		return SOCK_REFUSED;
	ctx->user_ip4 = LOOPBACK4;
	ctx->user_port = mark->port;
	return SOCK_OK;
}

static __always_inline int lead6(struct bpf_sock_addr *ctx)
{
	struct ec_lookup *mark;
	bool mapped;

	if (ctx->user_port != DNS_PORT || !ctx->sk)
		return SOCK_OK;
	mark = bpf_sk_storage_get(&ec_lookups, ctx->sk, 0, 0);
	if (!mark)
		return SOCK_OK;
	if (ctx->user_family != AF_INET6)
		return SOCK_REFUSED;
	mapped = !ctx->user_ip6[0] && !ctx->user_ip6[1] && ctx->user_ip6[2] == MAPPED;
	ctx->user_ip6[0] = 0;
	ctx->user_ip6[1] = 0;
	ctx->user_ip6[2] = mapped ? MAPPED : 0;
	ctx->user_ip6[3] = mapped ? LOOPBACK4 : __builtin_bswap32(1);
	ctx->user_port = mark->port;
	return SOCK_OK;
}

/* What comes from the resolver comes from whom it is taken for. */
static __always_inline int pass4(struct bpf_sock_addr *ctx)
{
	struct ec_lookup *mark;

	if (ctx->user_ip4 != LOOPBACK4 || !ctx->sk)
		return SOCK_OK;
	mark = bpf_sk_storage_get(&ec_lookups, ctx->sk, 0, 0);
	if (!mark || ctx->user_port != mark->port)
		return SOCK_OK;
	ctx->user_ip4 = mark->addr[3];
	ctx->user_port = DNS_PORT;
	return SOCK_OK;
}

static __always_inline int pass6(struct bpf_sock_addr *ctx)
{
	struct ec_lookup *mark;

	if (!ctx->sk)
		return SOCK_OK;
	mark = bpf_sk_storage_get(&ec_lookups, ctx->sk, 0, 0);
	if (!mark || ctx->user_port != mark->port || ctx->user_ip6[0] || ctx->user_ip6[1])
		return SOCK_OK;
	if (is_mapped(mark) ? ctx->user_ip6[2] != MAPPED || ctx->user_ip6[3] != LOOPBACK4 :
			      ctx->user_ip6[2] || ctx->user_ip6[3] != __builtin_bswap32(1))
		return SOCK_OK;
	ctx->user_ip6[0] = mark->addr[0];
	ctx->user_ip6[1] = mark->addr[1];
	ctx->user_ip6[2] = mark->addr[2];
	ctx->user_ip6[3] = mark->addr[3];
	ctx->user_port = DNS_PORT;
	return SOCK_OK;
}

SEC("cgroup/connect4")
int ec_lookup_connect4(struct bpf_sock_addr *ctx)
{
	return lead4(ctx);
}

SEC("cgroup/connect6")
int ec_lookup_connect6(struct bpf_sock_addr *ctx)
{
	return lead6(ctx);
}

SEC("cgroup/sendmsg4")
int ec_lookup_sendmsg4(struct bpf_sock_addr *ctx)
{
	return lead4(ctx);
}

SEC("cgroup/sendmsg6")
int ec_lookup_sendmsg6(struct bpf_sock_addr *ctx)
{
	return lead6(ctx);
}

SEC("cgroup/recvmsg4")
int ec_lookup_recvmsg4(struct bpf_sock_addr *ctx)
{
	return pass4(ctx);
}

SEC("cgroup/recvmsg6")
int ec_lookup_recvmsg6(struct bpf_sock_addr *ctx)
{
	return pass6(ctx);
}

SEC("cgroup/getpeername4")
int ec_lookup_getpeername4(struct bpf_sock_addr *ctx)
{
	return pass4(ctx);
}

SEC("cgroup/getpeername6")
int ec_lookup_getpeername6(struct bpf_sock_addr *ctx)
{
	return pass6(ctx);
}
