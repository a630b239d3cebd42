// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * root.bpf.c - what only root can do, and no hook of its own is about:
 * refused with EPERM unless the policy's `allow` lists a privilege for it.
 *
 * capable                 mount_setattr, open_tree, fsopen, setns, unshare,
 *                         swapon, acct, quotactl, reboot, adjtimex, iopl, real-time
 *                         priorities, the
 *                         ioctls that set routes and addresses, ...
 * kernel_module_request   modules that the kernel would have modprobe load
 *
 * A capability over a user namespace is not root's: only those that reach the
 * network are asked about there. Whether a task may override the permissions of
 * files (CAP_DAC_OVERRIDE and its like) is none of this: files have rules.
 */
#define EC_ASKS
#include "judge.bpf.h"

#define CAP_OPT_NOAUDIT 0x2u /* linux/security.h: asked in passing, no record */
#define BIT(priv) (1ull << (priv))

/* include/uapi/linux/capability.h; those that the sensor uses */
enum {
	NET_ADMIN = 12,
	NET_RAW = 13,
	SYS_MODULE = 16,
	SYS_RAWIO = 17,
	SYS_PACCT = 20,
	SYS_ADMIN = 21,
	SYS_BOOT = 22,
	SYS_NICE = 23,
	SYS_TIME = 25,
	SYS_TTY_CONFIG = 26,
	MAC_OVERRIDE = 32,
	MAC_ADMIN = 33,
	SYSLOG = 34,
	WAKE_ALARM = 35,
	PERFMON = 38,
	BPF = 39,
	CHECKPOINT_RESTORE = 40,
};

/* The privileges of which any grants it; the lowest bit is the one to name. */
static __always_inline __u64 grants(int cap)
{
	switch (cap) {
	case NET_ADMIN:
		return BIT(EC_PRIV_NETLINK) | BIT(EC_PRIV_ADMIN);
	case NET_RAW:
		return BIT(EC_PRIV_RAW_SOCKETS);
	case SYS_MODULE:
		return BIT(EC_PRIV_MODULES);
	case SYS_TIME:
		return BIT(EC_PRIV_TIME);
	case SYS_NICE: /* who runs before all others starves them */
		return BIT(EC_PRIV_SIGNAL) | BIT(EC_PRIV_ADMIN);
	case PERFMON:
	case BPF:
		return BIT(EC_PRIV_BPF);
	case SYS_ADMIN:
		return BIT(EC_PRIV_ADMIN) | BIT(EC_PRIV_MOUNT) | BIT(EC_PRIV_NAMESPACES);
	case SYS_RAWIO:
	case SYS_PACCT:
	case SYS_BOOT:
	case SYS_TTY_CONFIG:
	case MAC_OVERRIDE:
	case MAC_ADMIN:
	case SYSLOG:
	case WAKE_ALARM:
	case CHECKPOINT_RESTORE:
		return BIT(EC_PRIV_ADMIN);
	}
	return 0;
}

static __always_inline __u32 named(int cap)
{
	switch (cap) {
	case NET_ADMIN:
		return EC_PRIV_NETLINK;
	case NET_RAW:
		return EC_PRIV_RAW_SOCKETS;
	case SYS_MODULE:
		return EC_PRIV_MODULES;
	case SYS_TIME:
		return EC_PRIV_TIME;
	case SYS_NICE:
		return EC_PRIV_SIGNAL;
	case PERFMON:
	case BPF:
		return EC_PRIV_BPF;
	}
	return EC_PRIV_ADMIN;
}

static __always_inline bool passes(const struct ec_generation *generation, int cap,
				   const struct user_namespace *ns)
{
	__u64 grant = grants(cap);

	return !grant || generation->allow & grant ||
	       (ns->parent && cap != NET_ADMIN && cap != NET_RAW);
}

SEC("lsm/capable")
int BPF_PROG(ec_capable, const struct cred *cred, struct user_namespace *ns, int cap,
	     unsigned int opts, int ret)
{
	struct ec_generation *generation;
	struct ec_agent *agent;
	struct ec_self self;

	if (ret || !ec_tagged(&self) || ec_by_layer())
		return ret;
	agent = ec_agent_of(&self);
	if (!agent)
		return -1;
	generation = ec_generation_of(agent, self.who);
	if (passes(generation, cap, ns))
		return 0;
	if (opts & CAP_OPT_NOAUDIT)
		return generation->flags & EC_GENERATION_OBSERVE ? 0 : -1;
	return ec_priv_effect(&self, named(cap));
}

SEC("lsm/kernel_module_request")
int BPF_PROG(ec_module_request, char *name, int ret)
{
	struct ec_self self;

	if (ret || !ec_tagged(&self))
		return ret;
	return ec_priv_effect(&self, EC_PRIV_MODULES);
}
