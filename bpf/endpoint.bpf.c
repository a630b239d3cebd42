// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* endpoint.bpf.c - see endpoint.bpf.h. No hooks. */
#include "endpoint.bpf.h"
#include "resolve.bpf.h"

#include <linux/errno.h>

#define ABSTRACT_MAX 107u /* unix(7): sun_path without its leading NUL */

/* No work area: refused, unless this agent is only observed. */
static __always_inline int doubt(__u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);

	if (!agent)
		return -EACCES;
	ec_count(agent, EC_COUNT_DOUBTS);
	ec_count(agent, EC_COUNT_DENIED);
	ec_count(agent, EC_COUNT_LOST_DENIALS);
	return ec_generation_of(agent, who)->flags & EC_GENERATION_OBSERVE ? 0 : -EACCES;
}

static __always_inline int run(__u32 who, struct ec_scratch *scratch)
{
	struct ec_agent *agent = ec_agent_at(who);

	if (!agent)
		return -1;
	scratch->dir_len = 0;
	ec_run(scratch, ec_generation_of(agent, who)->start);
	return 0;
}

static __always_inline int decide_inet(__u32 who, struct ec_scratch *scratch, __u32 op)
{
	scratch->path[0] = EC_STRING_INET;
	__builtin_memcpy(&scratch->path[1], scratch->inet, sizeof(scratch->inet));
	__builtin_memcpy(&scratch->path[17], &scratch->port, sizeof(scratch->port));
	scratch->path_len = 1 + sizeof(struct ec_inet);
	return run(who, scratch) ? 0 : ec_decide(scratch, who, op, 0, scratch->state);
}

/* Into scratch->named. A function of its own would be one too deep: ec_decide
 * calls five more. */
static __always_inline void decide_names(__u32 who, struct ec_scratch *scratch)
{
	__u32 i, at;

	scratch->named.seen = 0;
	scratch->named.at = 0;
	scratch->named.good = 0;
	scratch->named.never = 0;
	for (i = 0; i < EC_NAMES_PROBE; i++) {
		at = ec_name_next(scratch, who, scratch->named.at);
		if (!at)
			break;
		scratch->named.at = at;
		if (run(who, scratch))
			break;
		scratch->named.state[i] = scratch->state;
		scratch->named.seen++;
		if (ec_decide(scratch, who, EC_OP_CONNECT, 0, scratch->state)) {
			if (!scratch->named.good)
				scratch->named.good = at;
		} else if (scratch->reason == EC_REASON_NEVER) {
			scratch->named.never = 1;
			break;
		}
	}
}

/* The address is not refused by `never`; allowed: it is permitted by itself. */
static __always_inline int judge_named(__u32 who, struct ec_scratch *scratch, __u32 allowed,
				       __u32 state)
{
	__u32 target = EC_TARGET_HOST, i;

	decide_names(who, scratch);
	if (scratch->named.never) {
		allowed = 0;
	} else if (scratch->named.seen && !scratch->port) {
		return 1; /* which route leads there? nothing is sent (getaddrinfo(3)) */
	} else if (scratch->named.good) {
		allowed = 1;
		if (scratch->named.good != scratch->named.at) {
			ec_name_next(scratch, who, scratch->named.good - 1);
			run(who, scratch);
			allowed = ec_decide(scratch, who, EC_OP_CONNECT, 0, scratch->state);
		}
	} else if (allowed || !scratch->named.seen) {
		target = EC_TARGET_INET;
		if (scratch->named.seen)
			allowed = decide_inet(who, scratch, EC_OP_CONNECT);
	}
	if (target == EC_TARGET_HOST)
		scratch->path_len += sizeof(scratch->inet);
	if (!ec_conclude(scratch, who, EC_OP_CONNECT | target << 8, allowed, 0))
		return 0;
	ec_trip(scratch, who, EC_OP_CONNECT | target << 8, state);
	/* whichever of its names permits it, it is a connection to all of them */
	for (i = 0; i < EC_NAMES_PROBE && i < scratch->named.seen; i++)
		ec_trip(scratch, who, EC_OP_CONNECT | target << 8, scratch->named.state[i]);
	return 1;
}

static __always_inline int judge_inet(__u32 who, struct ec_scratch *scratch, __u32 op)
{
	struct ec_agent *agent = ec_agent_at(who);
	__u32 allowed = decide_inet(who, scratch, op & 0xff), state = scratch->state;

	if (!agent)
		return 0;
	if (allowed && op & EC_LEADS_ASTRAY) {
		allowed = 0;
		scratch->reason = EC_REASON_DOUBT;
	} else if (op == EC_OP_CONNECT && agent->resolver &&
		   (allowed || scratch->reason == EC_REASON_UNDECLARED ||
		    scratch->reason == EC_REASON_FLOW)) {
		return judge_named(who, scratch, allowed, state);
	}
	op &= 0xff;
	if (!ec_conclude(scratch, who, op | EC_TARGET_INET << 8, allowed, 0))
		return 0;
	ec_trip(scratch, who, op | EC_TARGET_INET << 8, state);
	return 1;
}

__noinline int ec_judge_inet(struct ec_inet *inet, __u32 who, __u32 op)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;
	int allowed;

	if (!inet || index < 0)
		return doubt(who);
	scratch = ec_scratch_at(index);
	if (!scratch)
		return -EACCES;
	__builtin_memcpy(scratch->inet, inet->addr, sizeof(inet->addr));
	__builtin_memcpy(&scratch->port, inet->port, sizeof(inet->port));
	allowed = judge_inet(who, scratch, op);
	ec_scratch_put(scratch);
	return allowed ? 0 : -EACCES;
}

__noinline int ec_inet_quietly(struct ec_inet *inet, __u32 who, __u32 op)
{
	struct ec_agent *agent = ec_agent_at(who);
	int index = ec_scratch_take();
	struct ec_scratch *scratch;
	int allowed;

	if (!inet || !agent || index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	scratch->path[0] = EC_STRING_INET;
	__builtin_memcpy(&scratch->path[1], inet, sizeof(*inet));
	scratch->path_len = 1 + sizeof(*inet);
	scratch->dir_len = 0;
	ec_run(scratch, ec_generation_of(agent, who)->start);
	allowed = ec_decide(scratch, who, op, 0, scratch->state);
	ec_scratch_put(scratch);
	return allowed;
}

__noinline int ec_judge_abstract(__u64 name, __u32 len, __u32 who, __u32 op)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;
	int allowed;

	if (index < 0)
		return doubt(who);
	scratch = ec_scratch_at(index);
	if (!scratch)
		return -EACCES;
	if (len > ABSTRACT_MAX)
		len = ABSTRACT_MAX;
	scratch->path[0] = EC_STRING_ABSTRACT;
	if (len && bpf_probe_read_kernel(&scratch->path[1], len, (void *)name))
		len = 0;
	scratch->path_len = 1 + len;
	allowed = ec_judge_string(scratch, who, op, EC_TARGET_ABSTRACT);
	ec_scratch_put(scratch);
	return allowed ? 0 : -EACCES;
}

__noinline int ec_judge_unix(__u64 sock, __u32 who, __u32 op)
{
	struct unix_sock *unix_sock = (void *)sock;
	struct dentry *dentry = BPF_CORE_READ(unix_sock, path.dentry);
	struct unix_address *addr;
	int len;

	if (dentry)
		return (__u32)ec_judge_path((__u64)dentry,
					    (__u64)BPF_CORE_READ(unix_sock, path.mnt), who,
					    1u << (op - 1 & 7)) == 1 ?
			       0 :
			       -EACCES;
	addr = BPF_CORE_READ(unix_sock, addr);
	if (!addr)
		return 0;
	len = BPF_CORE_READ(addr, len) - 3;
	return ec_judge_abstract((__u64)addr->name[0].sun_path + 1, len < 0 ? 0 : len, who, op);
}
