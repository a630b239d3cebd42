// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* endpoint.bpf.c - see endpoint.bpf.h. No hooks. */
#include "endpoint.bpf.h"

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
	scratch->path[0] = EC_STRING_INET;
	__builtin_memcpy(&scratch->path[1], inet, sizeof(*inet));
	scratch->path_len = 1 + sizeof(*inet);
	allowed = ec_judge_string(index, who, op, EC_TARGET_INET);
	ec_scratch_put(index);
	return allowed ? 0 : -EACCES;
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
	allowed = ec_judge_string(index, who, op, EC_TARGET_ABSTRACT);
	ec_scratch_put(index);
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
