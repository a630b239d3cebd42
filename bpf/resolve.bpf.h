/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * resolve.bpf.h - look-ups go to the agent's own resolver, and a connection is
 * judged by the names that it has answered for the address.
 *
 * Whoever sends to port 53 has his socket marked by the LSM hook, which comes
 * first and knows the task; the cgroup hooks of resolve.bpf.c, which come
 * second and may change the address, look at nothing but the mark. So what the
 * mark says and where it leads is decided once, and a socket without it (all
 * of the host's) is not touched.
 */
#ifndef EC_RESOLVE_BPF_H
#define EC_RESOLVE_BPF_H

#include "endpoint.bpf.h"

#define EC_PORT_DNS 53
#define EC_IPPROTO_TCP 6
#define EC_IPPROTO_UDP 17

/* Puts the name that the agent looked up in entry `at` of those for
 * scratch->inet, or in one behind it, and scratch->port as a host string into
 * the scratch, 16 address bytes behind it. Returns one more than where it was,
 * 0: there is none. */
int ec_name_next(struct ec_scratch *scratch, __u32 who, __u32 at);

#define EC_CGROUP_DEPTH 16

/* The cgroup hooks are in force for this socket: it belongs to a cgroup below
 * the one they are attached to (nearly always the first). */
static __always_inline bool ec_redirected(struct sock *sk)
{
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);
	struct cgroup *cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup), *ancestor = (void *)0;
	__u64 at = (__u64)cgroup + bpf_core_field_offset(struct cgroup, ancestors);
	int i, level;

	if (!control || !control->redirect_cgroup || !cgroup)
		return false;
	level = BPF_CORE_READ(cgroup, level);
	for (i = 0; i < EC_CGROUP_DEPTH && i <= level; i++) {
		if (bpf_probe_read_kernel(&ancestor, sizeof(ancestor),
					  (void *)(at + i * sizeof(ancestor))))
			return false;
		if (BPF_CORE_READ(ancestor, kn, id) == control->redirect_cgroup)
			return true;
	}
	return false;
}

enum ec_lookup_answer {
	EC_LOOKUP_NONE = 0, /* no look-up: the policy decides */
	EC_LOOKUP_OWN = 1,  /* will come to the agent's resolver */
	EC_LOOKUP_SHUT = 2, /* it cannot be led there */
};

/* `address` is a kernel address. Only plain TCP and UDP over the family that the
 * socket has can be led elsewhere (MPTCP connects through another socket,
 * which bears no mark). */
static __always_inline enum ec_lookup_answer
ec_lookup_enter(const struct ec_agent *agent, struct sock *sk, __u64 address, int len)
{
	__u16 head[2] = {}, family, protocol;
	struct ec_lookup *mark;

	if (!agent->resolver || !sk || len < 8 ||
	    bpf_probe_read_kernel(head, sizeof(head), (void *)address) ||
	    head[1] != __builtin_bswap16(EC_PORT_DNS))
		return EC_LOOKUP_NONE;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	protocol = BPF_CORE_READ(sk, sk_protocol);
	if (family != AF_INET && family != AF_INET6)
		return EC_LOOKUP_NONE;
	if ((protocol != EC_IPPROTO_TCP && protocol != EC_IPPROTO_UDP) || head[0] != family ||
	    agent->flags & (EC_AGENT_QUARANTINE | EC_AGENT_SPENT) || !ec_redirected(sk))
		return EC_LOOKUP_SHUT;
	mark = bpf_sk_storage_get(&ec_lookups, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!mark)
		return EC_LOOKUP_SHUT;
	mark->port = agent->resolver;
	if (family == AF_INET) {
		mark->addr[0] = 0;
		mark->addr[1] = 0;
		mark->addr[2] = __builtin_bswap32(0xffff);
		bpf_probe_read_kernel(&mark->addr[3], 4, (void *)address + 4);
	} else if (len < 24 || bpf_probe_read_kernel(mark->addr, 16, (void *)address + 8)) {
		return EC_LOOKUP_SHUT;
	}
	return EC_LOOKUP_OWN;
}

/* A connection that leads to the agent's resolver: whether a flow that is
 * tripped lets a name be looked up is the resolver's to say. */
static __always_inline bool ec_lookup_leads(const struct ec_agent *agent, struct sock *sk)
{
	struct ec_lookup *mark;

	if (!agent->resolver || !sk || agent->flags & EC_AGENT_SPENT)
		return false;
	mark = bpf_sk_storage_get(&ec_lookups, sk, 0, 0);
	return mark && mark->port == agent->resolver &&
	       BPF_CORE_READ(sk, __sk_common.skc_dport) == agent->resolver;
}

#endif
