// SPDX-License-Identifier: Apache-2.0
/* kernel.c - the kernel and its other guards. Rules and their sources: README.md. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "layers.h"
#include "user/host/host_enforce.h"
#include "user/util.h"

#define LSMS_MAX 512
#define OLDEST "6.1" /* what is tested: tests/vm/README.md */

static void examine_version(const struct host *host, struct cJSON *layer)
{
	unsigned int major = 0, minor = 0;
	char release[128];

	if (host_text(host, "proc/sys/kernel/osrelease", release, sizeof(release)) < 0 ||
	    sscanf(release, "%u.%u", &major, &minor) != 2)
		finding(layer, FINDING_UNKNOWN, "version", "mount /proc", "no release is told");
	else if (major < 6 || (major == 6 && minor < 1))
		finding(layer, FINDING_WEAK, "version", "use Linux " OLDEST " or newer",
			"Linux %s: older than what EnforceCore is tested on", release);
	else
		finding(layer, FINDING_OK, "version", NULL, "Linux %s", release);
}

static void examine_lsms(const struct host *host, struct cJSON *layer)
{
	char lsms[LSMS_MAX], todo[LSMS_MAX + 64];

	if (!host_lsms(host, lsms, sizeof(lsms))) {
		finding(layer, FINDING_UNKNOWN, "LSMs",
			"mount -t securityfs securityfs /sys/kernel/security",
			"securityfs is not mounted, and the kernel is older than 6.8");
		return;
	}
	finding(layer, FINDING_OK, "LSMs", NULL, "in this order: %s", lsms);
	/* capability is always on and stands in no lsm= */
	snprintf(todo, sizeof(todo), "kernel command line: lsm=%s,bpf",
		 !strncmp(lsms, "capability,", 11) ? lsms + 11 : lsms);
	if (host_has_word(lsms, "bpf"))
		finding(layer, FINDING_OK, "BPF LSM", NULL, "switched on");
	else
		finding(layer, FINDING_MISSING, "BPF LSM", todo, "not switched on");
}

static void examine_lockdown(const struct host *host, struct cJSON *layer)
{
	char lsms[LSMS_MAX];

	switch (host_lockdown(host)) {
	case HOST_LOCKDOWN_INTEGRITY:
		finding(layer, FINDING_OK, "lockdown", NULL, "integrity");
		break;
	case HOST_LOCKDOWN_CONFIDENTIALITY:
		finding(layer, FINDING_WEAK, "lockdown",
			"lockdown=integrity: EnforceCore's programs have to read kernel objects",
			"confidentiality, which keeps BPF programs from reading");
		break;
	case HOST_LOCKDOWN_NONE:
		finding(layer, FINDING_WEAK, "lockdown",
			"kernel command line: lockdown=integrity, so that root cannot change the "
			"kernel",
			"none: root can change the running kernel");
		break;
	default:
		if (!host_lsms(host, lsms, sizeof(lsms)))
			finding(layer, FINDING_UNKNOWN, "lockdown",
				"mount -t securityfs securityfs /sys/kernel/security",
				"securityfs is not mounted");
		else if (!host_has_word(lsms, "lockdown"))
			finding(layer, FINDING_MISSING, "lockdown",
				"kernel command line: lsm=lockdown,..., lockdown=integrity",
				"not among the LSMs: root can change the running kernel");
		else
			finding(layer, FINDING_UNKNOWN, "lockdown",
				"mount -t securityfs securityfs /sys/kernel/security",
				"among the LSMs; securityfs, which tells its mode, is not mounted");
	}
}

static void examine_programs(const struct host *host, struct cJSON *layer)
{
	int r;

	if (host_has(host, "sys/kernel/btf/vmlinux"))
		finding(layer, FINDING_OK, "BTF", NULL, "/sys/kernel/btf/vmlinux");
	else
		finding(layer, FINDING_MISSING, "BTF", "a kernel with CONFIG_DEBUG_INFO_BTF",
			"no /sys/kernel/btf/vmlinux");
	if (!host->kernel) {
		finding(layer, FINDING_UNKNOWN, "LSM program", "run doctor on the host itself",
			"cannot be tried on a copy");
		return;
	}
	r = host->kernel->load_lsm();
	if (r >= 0)
		finding(layer, FINDING_OK, "LSM program", NULL, "one was loaded, for trial");
	else if (r == -EPERM && !host_capable(host, CAP_SYS_ADMIN))
		finding(layer, FINDING_UNKNOWN, "LSM program", "run doctor as root",
			"may not be tried without root");
	else
		finding(layer, FINDING_MISSING, "LSM program",
			host_lockdown(host) == HOST_LOCKDOWN_CONFIDENTIALITY ?
				"lockdown=integrity, which lets them read kernel memory" :
			r == -EPERM ? "a kernel without this lockdown: lockdown=none, or one whose "
				      "integrity mode permits BPF" :
				      "a kernel with CONFIG_BPF_LSM and CONFIG_DEBUG_INFO_BTF",
			"the kernel refused one: %s", strerror(-r));
}

static void examine_seccomp(const struct host *host, struct cJSON *layer)
{
	char actions[256];

	if (host_text(host, "proc/sys/kernel/seccomp/actions_avail", actions, sizeof(actions)) < 0)
		finding(layer, FINDING_MISSING, "seccomp", "a kernel with CONFIG_SECCOMP_FILTER",
			"no filters");
	else
		finding(layer, FINDING_OK, "seccomp", NULL, "filters: %s", actions);
}

/* "profile (enforce)" and "profile (complain)", a line each. */
static unsigned int profiles(const char *text, const char *mode)
{
	unsigned int n = 0;

	while ((text = strstr(text, mode)))
		n++, text++;
	return n;
}

static bool examine_apparmor(const struct host *host, struct cJSON *layer)
{
	static char text[HOST_TEXT_MAX * 4];
	char on[8];

	if (host_text(host, "sys/module/apparmor/parameters/enabled", on, sizeof(on)) < 0 ||
	    on[0] != 'Y')
		return false;
	if (host_text(host, "sys/kernel/security/apparmor/profiles", text, sizeof(text)) < 0)
		finding(layer, FINDING_UNKNOWN, "AppArmor", "run doctor as root, with securityfs",
			"on; its profiles cannot be read");
	else if (!profiles(text, "(enforce)"))
		finding(layer, FINDING_WEAK, "AppArmor",
			"load profiles: aa-enforce /etc/apparmor.d/*",
			"on, and no profile enforces (%u complain)", profiles(text, "(complain)"));
	else
		finding(layer, FINDING_OK, "AppArmor", NULL, "%u profiles enforce, %u complain",
			profiles(text, "(enforce)"), profiles(text, "(complain)"));
	return true;
}

static bool examine_selinux(const struct host *host, struct cJSON *layer)
{
	long enforces = host_number(host, "sys/fs/selinux/enforce");
	char lsms[LSMS_MAX];

	if (enforces == 1) {
		finding(layer, FINDING_OK, "SELinux", NULL, "enforcing");
		return true;
	}
	if (enforces == 0) {
		finding(layer, FINDING_WEAK, "SELinux", "setenforce 1", "permissive");
		return true;
	}
	if (!host_lsms(host, lsms, sizeof(lsms)) || !host_has_word(lsms, "selinux"))
		return false;
	finding(layer, FINDING_UNKNOWN, "SELinux", "mount -t selinuxfs selinuxfs /sys/fs/selinux",
		"on; its mode cannot be read");
	return true;
}

static void examine_mac(const struct host *host, struct cJSON *layer)
{
	bool apparmor = examine_apparmor(host, layer), selinux = examine_selinux(host, layer);

	if (!apparmor)
		finding(layer, selinux ? FINDING_OK : FINDING_MISSING, "AppArmor",
			"switch on AppArmor or SELinux: a second opinion for all processes",
			selinux ? "off; SELinux is on" : "off");
	if (!selinux)
		finding(layer, apparmor ? FINDING_OK : FINDING_MISSING, "SELinux",
			"switch on AppArmor or SELinux: a second opinion for all processes",
			apparmor ? "off; AppArmor is on" : "off");
}

static void examine_landlock(const struct host *host, struct cJSON *layer)
{
	int abi = host->kernel ? host->kernel->landlock_abi() : 0;
	char lsms[LSMS_MAX];

	if (abi > 0)
		finding(layer, FINDING_OK, "Landlock", NULL, "ABI %d", abi);
	else if (!host->kernel && host_lsms(host, lsms, sizeof(lsms)) &&
		 host_has_word(lsms, "landlock"))
		finding(layer, FINDING_OK, "Landlock", NULL, "on");
	else
		finding(layer, FINDING_MISSING, "Landlock",
			"kernel command line: lsm=landlock,... (agents confine themselves with it)",
			"off");
}

void kernel_examine(const struct host *host, struct cJSON *layer)
{
	examine_version(host, layer);
	examine_lsms(host, layer);
	examine_lockdown(host, layer);
	examine_programs(host, layer);
	examine_seccomp(host, layer);
	examine_mac(host, layer);
	examine_landlock(host, layer);
	sysctl_examine(host, layer);
}
