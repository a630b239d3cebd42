/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * endpoint.bpf.h - socket addresses as strings of the automaton (bpf/rule.h).
 * Addresses that lead to the same place read the same.
 */
#ifndef EC_ENDPOINT_BPF_H
#define EC_ENDPOINT_BPF_H

#include "judge.bpf.h"

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16

struct ec_inet {
	__u8 addr[16]; /* IPv4 as ::ffff:a.b.c.d */
	__u8 port[2];  /* network order */
};

static __always_inline void ec_inet_v4(struct ec_inet *inet, __u32 addr)
{
	__builtin_memset(inet->addr, 0, 10);
	inet->addr[10] = 0xff;
	inet->addr[11] = 0xff;
	__builtin_memcpy(inet->addr + 12, &addr, 4);
}

static __always_inline bool ec_zero(const __u8 *bytes, int len)
{
	__u8 any = 0;
	int i;

	for (i = 0; i < len; i++)
		any |= bytes[i];
	return !any;
}

/* Where a connection really goes: the unspecified address is this host
 * (ip(7)), 64:ff9b::/96 is the IPv4 address it embeds (RFC 6052). */
static __always_inline void ec_inet_target(struct ec_inet *inet)
{
	static const __u8 nat64[12] = { 0, 0x64, 0xff, 0x9b };
	bool embedded = true;
	int i;

	for (i = 0; i < 12; i++)
		embedded &= inet->addr[i] == nat64[i];
	if (embedded) {
		__builtin_memset(inet->addr, 0, 10);
		inet->addr[10] = 0xff;
		inet->addr[11] = 0xff;
	}
	if (ec_zero(inet->addr, 16))
		inet->addr[15] = 1;
	if (ec_zero(inet->addr, 10) && inet->addr[10] == 0xff && inet->addr[11] == 0xff &&
	    ec_zero(inet->addr + 12, 4)) {
		inet->addr[12] = 127;
		inet->addr[15] = 1;
	}
}

/* From 6.12 the verifier wants to see that a hook returns 0 or an errno. */
#define EC_REFUSAL(judged) ((judged) ? -13 : 0)

/* With op: a look-up that cannot be led to the agent's resolver, whoever may be
 * connected to. */
#define EC_LEADS_ASTRAY 0x100u

static __always_inline int ec_ask_inet(const struct ec_inet *inet, __u32 who, __u32 what, __u32 op)
{
	__u64 high, low;
	__u16 port;

	__builtin_memcpy(&high, inet->addr, sizeof(high));
	__builtin_memcpy(&low, inet->addr + 8, sizeof(low));
	__builtin_memcpy(&port, inet->port, sizeof(port));
	return ec_ask(high, low, who, what, (op & 0xffff) | (__u32)port << 16);
}

/* Judges op at an inet address, by the names that were looked up for it, too: it
 * is refused when `never` names the address or one of them, and permitted where
 * the policy permits any. 0 or -EACCES. */
EC_ASKED(ec_judge_inet(struct ec_inet *inet, __u32 who, __u32 op))
EC_BY(ec_ask_inet(inet, who, EC_ASK_INET, op) == 1 ? 0 : -13)
/* The name a unix socket is bound to, its path or its abstract name. An
 * unnamed socket has only the peer it was made with: 0. */
EC_ASKED(ec_judge_unix(__u64 sock, __u32 who, __u32 op))
EC_BY(ec_ask(sock, 0, who, EC_ASK_UNIX, op) == 1 ? 0 : -13)
/* Does the policy permit it? Nothing is recorded; 1 = yes. */
EC_ASKED(ec_inet_quietly(struct ec_inet *inet, __u32 who, __u32 op))
EC_BY(ec_ask_inet(inet, who, EC_ASK_INET_QUIETLY, op) == 1)
/* An abstract name of len bytes at kernel address name. */
EC_ASKED(ec_judge_abstract(__u64 name, __u32 len, __u32 who, __u32 op))
EC_BY(ec_ask(name, len, who, EC_ASK_ABSTRACT, op) == 1 ? 0 : -13)

#endif
