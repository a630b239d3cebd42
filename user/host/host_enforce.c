// SPDX-License-Identifier: Apache-2.0
#include "host_enforce.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* PROC_USER_INIT_INO of the kernel: the first user namespace's, on every kernel */
#define FIRST_USERNS "user:[4026531837]"

bool host_lsms(const struct host *host, char *ret_text, size_t size)
{
	if (host_text(host, "sys/kernel/security/lsm", ret_text, size) == 0 && *ret_text)
		return true;
	return host->kernel && host->kernel->lsms(ret_text, size);
}

enum host_lockdown host_lockdown(const struct host *host)
{
	char text[128];

	if (host_text(host, "sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return HOST_LOCKDOWN_UNKNOWN;
	return host_has_word(text, "[integrity]")	? HOST_LOCKDOWN_INTEGRITY :
	       host_has_word(text, "[confidentiality]") ? HOST_LOCKDOWN_CONFIDENTIALITY :
	       host_has_word(text, "[none]")		? HOST_LOCKDOWN_NONE :
							  HOST_LOCKDOWN_UNKNOWN;
}

bool host_first_userns(const struct host *host)
{
	char text[64];

	return host_link(host, "proc/self/ns/user", text, sizeof(text)) == 0 &&
	       !strcmp(text, FIRST_USERNS);
}

bool host_capable(const struct host *host, unsigned int capability)
{
	char text[4096];
	const char *at;

	if (host_text(host, "proc/self/status", text, sizeof(text)) < 0)
		return false;
	at = strstr(text, "\nCapEff:");
	return at && strtoull(at + 8, NULL, 16) >> capability & 1;
}

/* runsc's kernel says so in its log, and of itself what no Linux of that age would (gVisor,
 * pkg/sentry/kernel/version.go and fsimpl/proc: "Linux version 4.4.0 #1 SMP Sun Jan 10 ..."). */
bool host_is_gvisor(const struct host *host)
{
	char version[512];

	host_text(host, "proc/version", version, sizeof(version));
	return strstr(version, "gvisor") || strstr(version, "Sun Jan 10 15:06:54 PST 2016") ||
	       (host->kernel && host->kernel->log_says("Starting gVisor"));
}

static const char *privilege(const struct host *host)
{
	if (!host_capable(host, CAP_SYS_ADMIN))
		return "loading the sensor needs root (CAP_SYS_ADMIN and CAP_BPF)";
	if (!host_first_userns(host))
		return "this is a user namespace, whose root the kernel lets load nothing";
	return NULL;
}

#define LOCKED "the kernel is locked down and refuses BPF LSM programs"

/* Which modes of lockdown refuse them depends on the kernel: Debian's 6.1 takes them with
 * integrity, others do not. The running one is tried; of a copy only what none takes is known. */
static const char *refusal(const struct host *host, const char *lsms)
{
	enum host_lockdown lockdown = host_lockdown(host);
	int r;

	/* nothing is loaded without need: each agent's start comes by here */
	if (lockdown == HOST_LOCKDOWN_NONE && *lsms)
		return NULL;
	if (!host->kernel)
		return lockdown == HOST_LOCKDOWN_CONFIDENTIALITY ? LOCKED : NULL;
	r = host->kernel->load_lsm();
	if (r >= 0)
		return NULL;
	return lockdown == HOST_LOCKDOWN_INTEGRITY || lockdown == HOST_LOCKDOWN_CONFIDENTIALITY ||
			       (r == -EPERM && host_has_word(lsms, "lockdown")) ?
		       LOCKED :
		       "the kernel refuses BPF LSM programs";
}

const char *host_obstacle(const struct host *host)
{
	const char *problem;
	char lsms[512];

	/* before privileges: root changes nothing there */
	if (host_is_gvisor(host))
		return HOST_GVISOR;
	problem = privilege(host);
	if (problem)
		return problem;
	if (!host_has(host, "sys/kernel/btf/vmlinux"))
		return "the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)";
	if (!host_lsms(host, lsms, sizeof(lsms)))
		*lsms = '\0';
	if ((problem = refusal(host, lsms)))
		return problem;
	if (!*lsms)
		return "the kernel does not say whether the BPF LSM is switched on: mount "
		       "securityfs (mount -t securityfs securityfs /sys/kernel/security)";
	if (!host_has_word(lsms, "bpf"))
		return "the BPF LSM is not switched on (kernel command line: lsm=...,bpf)";
	if (host_number(host, "proc/sys/kernel/kptr_restrict") == 2)
		return "kernel.kptr_restrict=2 hides the addresses that the sensor needs (1 does "
		       "not)";
	return NULL;
}
