// SPDX-License-Identifier: Apache-2.0
/* sysctl.c - settings of the kernel that weaken what is confined, or the one who confines. */
#include <stdio.h>
#include <string.h>

#include "finding.h"
#include "layers.h"

struct sysctl {
	const char *name;
	const char *path;
	long least, most; /* what is well; most -1: no limit */
	const char *why;  /* of what is not */
	const char *todo;
	const char *absent; /* NULL: a kernel without it has nothing to weaken */
};

/* Sources: Documentation/admin-guide/sysctl/{kernel,fs,net,vm,user}.rst, LSM/Yama.rst, proc(5). */
static const struct sysctl sysctls[] = {
	{ "kernel.unprivileged_bpf_disabled", "proc/sys/kernel/unprivileged_bpf_disabled", 1, 2,
	  "anybody may load BPF programs", "sysctl -w kernel.unprivileged_bpf_disabled=2", NULL },
	{ "kernel.yama.ptrace_scope", "proc/sys/kernel/yama/ptrace_scope", 1, 3,
	  "a process may trace any other of its user", "sysctl -w kernel.yama.ptrace_scope=1",
	  "no Yama: a process may trace any other of its user" },
	{ "kernel.kptr_restrict", "proc/sys/kernel/kptr_restrict", 1, 1,
	  "1 is what is wanted: 0 shows addresses to all, 2 hides those that the sensor needs",
	  "sysctl -w kernel.kptr_restrict=1", NULL },
	{ "kernel.dmesg_restrict", "proc/sys/kernel/dmesg_restrict", 1, 1,
	  "anybody may read the kernel's log", "sysctl -w kernel.dmesg_restrict=1", NULL },
	{ "kernel.perf_event_paranoid", "proc/sys/kernel/perf_event_paranoid", 2, -1,
	  "anybody may measure the kernel", "sysctl -w kernel.perf_event_paranoid=2", NULL },
	{ "kernel.kexec_load_disabled", "proc/sys/kernel/kexec_load_disabled", 1, 1,
	  "root may start another kernel", "sysctl -w kernel.kexec_load_disabled=1", NULL },
	{ "kernel.randomize_va_space", "proc/sys/kernel/randomize_va_space", 2, 2,
	  "addresses are not fully randomised", "sysctl -w kernel.randomize_va_space=2", NULL },
	{ "kernel.sysrq", "proc/sys/kernel/sysrq", 0, 0,
	  "keys on a console, and root by /proc/sysrq-trigger, command the kernel",
	  "sysctl -w kernel.sysrq=0", NULL },
	{ "net.core.bpf_jit_harden", "proc/sys/net/core/bpf_jit_harden", 1, 2,
	  "constants of BPF programs of users are not blinded",
	  "sysctl -w net.core.bpf_jit_harden=1", NULL },
	{ "vm.unprivileged_userfaultfd", "proc/sys/vm/unprivileged_userfaultfd", 0, 0,
	  "anybody may stop the kernel in the middle of a copy",
	  "sysctl -w vm.unprivileged_userfaultfd=0", NULL },
	{ "fs.suid_dumpable", "proc/sys/fs/suid_dumpable", 0, 0,
	  "programs with more rights dump core", "sysctl -w fs.suid_dumpable=0", NULL },
	{ "fs.protected_symlinks", "proc/sys/fs/protected_symlinks", 1, 1,
	  "links of others in /tmp are followed", "sysctl -w fs.protected_symlinks=1", NULL },
	{ "fs.protected_hardlinks", "proc/sys/fs/protected_hardlinks", 1, 1,
	  "files of others may be linked", "sysctl -w fs.protected_hardlinks=1", NULL },
	{ "fs.protected_regular", "proc/sys/fs/protected_regular", 1, 2,
	  "files of others in /tmp are opened for O_CREAT", "sysctl -w fs.protected_regular=2",
	  NULL },
	{ "fs.protected_fifos", "proc/sys/fs/protected_fifos", 1, 2,
	  "pipes of others in /tmp are opened for O_CREAT", "sysctl -w fs.protected_fifos=2",
	  NULL },
};

static void examine(const struct host *host, const struct sysctl *sysctl, struct cJSON *layer)
{
	long value = host_number(host, sysctl->path);

	if (value < 0 && !host_has(host, sysctl->path)) {
		if (sysctl->absent)
			finding(layer, FINDING_MISSING, sysctl->name, "a kernel that has it", "%s",
				sysctl->absent);
	} else if (value >= sysctl->least && (sysctl->most < 0 || value <= sysctl->most)) {
		finding(layer, FINDING_OK, sysctl->name, NULL, "%ld", value);
	} else {
		finding(layer, FINDING_WEAK, sysctl->name, sysctl->todo, "%ld: %s", value,
			sysctl->why);
	}
}

/* Whoever may make a user namespace is root in it, and meets code of the kernel that users
 * do not meet else. Debian and Ubuntu have switches of their own. */
static void examine_userns(const struct host *host, struct cJSON *layer)
{
	static const char name[] = "user.max_user_namespaces";
	long most = host_number(host, "proc/sys/user/max_user_namespaces");

	if (most < 0)
		return;
	if (!most)
		finding(layer, FINDING_OK, name, NULL, "0");
	else if (host_number(host, "proc/sys/kernel/unprivileged_userns_clone") == 0)
		finding(layer, FINDING_OK, name, NULL,
			"%ld, only for root: kernel.unprivileged_userns_clone=0", most);
	else if (host_number(host, "proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		finding(layer, FINDING_OK, name, NULL,
			"%ld, as AppArmor permits: kernel.apparmor_restrict_unprivileged_userns=1",
			most);
	else
		finding(layer, FINDING_WEAK, name,
			"sysctl -w user.max_user_namespaces=0, where no container or browser needs "
			"them (a policy refuses them to agents)",
			"%ld: anybody may make user namespaces", most);
}

static void examine_core(const struct host *host, struct cJSON *layer)
{
	char pattern[256];

	if (host_text(host, "proc/sys/kernel/core_pattern", pattern, sizeof(pattern)) < 0)
		return;
	if (pattern[0] == '|')
		finding(layer, FINDING_WEAK, "kernel.core_pattern",
			"sysctl -w kernel.core_pattern=core, or trust that program with what "
			"agents "
			"have in memory",
			"%s: root runs a program outside every agent for a process that crashes",
			pattern);
	else
		finding(layer, FINDING_OK, "kernel.core_pattern", NULL, "%s", pattern);
}

void sysctl_examine(const struct host *host, struct cJSON *layer)
{
	for (size_t i = 0; i < sizeof(sysctls) / sizeof(*sysctls); i++)
		examine(host, &sysctls[i], layer);
	examine_userns(host, layer);
	examine_core(host, layer);
}
