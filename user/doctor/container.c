// SPDX-License-Identifier: Apache-2.0
/* container.c - what runs around us: container, sandbox, virtual machine. Rules and their
 * sources: README.md. Names are hints, which images and operators can forge or leave
 * behind; namespaces are the kernel's own word. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "layers.h"
#include "user/host/host_enforce.h"
#include "user/util.h"

/* PROC_PID_INIT_INO: the first PID namespace's, on every kernel */
#define FIRST_PIDNS "pid:[4026531836]"

struct hint {
	const char *word;
	const char *runtime;
};

/* In paths of cgroups and of the layers of the root file system; the first that is found counts. */
static const struct hint paths[] = {
	{ "crio", "CRI-O" },
	{ "io.containerd", "containerd" },
	{ "cri-containerd", "containerd" },
	{ "libpod", "Podman" },
	{ "docker", "Docker" },
	{ "lxc", "LXC" },
	{ "machine.slice", "systemd-nspawn" },
	{ "containers/storage", "Podman or CRI-O" },
};

static const char *hint_in(const char *text)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (strstr(text, paths[i].word))
			return paths[i].runtime;
	return NULL;
}

/* The line of the root itself: what else is mounted says nothing of us. */
static const char *root_hint(const struct host *host)
{
	_cleanup_free_ char *text = malloc(HOST_TEXT_MAX * 16);
	char *save = NULL;

	if (!text || host_text(host, "proc/self/mountinfo", text, HOST_TEXT_MAX * 16) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, " / / "))
			return hint_in(line);
	return NULL;
}

/* container=NAME of PID 1 (systemd's CONTAINER_INTERFACE), or what it has left in a file. */
static bool told_by_init(const struct host *host, char *ret_name, size_t size)
{
	char text[8192];
	int len = host_bytes(host, "proc/1/environ", text, sizeof(text) - 1);

	for (int at = 0; at < len; at += (int)strnlen(text + at, (size_t)(len - at)) + 1) {
		text[len] = '\0';
		if (!strncmp(text + at, "container=", 10) && text[at + 10]) {
			snprintf(ret_name, size, "%s", text + at + 10);
			return true;
		}
	}
	return host_text(host, "run/systemd/container", ret_name, size) == 0 && *ret_name;
}

/* false: none. */
static bool find_runtime(const struct host *host, char *ret_name, size_t size)
{
	char cgroups[4096];
	const char *hint;

	if (told_by_init(host, ret_name, size))
		return true;
	host_text(host, "proc/self/cgroup", cgroups, sizeof(cgroups));
	hint = hint_in(cgroups);
	if (!hint)
		hint = root_hint(host);
	if (!hint && host_has(host, "run/.containerenv"))
		hint = "Podman";
	if (!hint && host_has(host, ".dockerenv"))
		hint = "Docker";
	snprintf(ret_name, size, "%s", hint ? hint : "");
	return hint != NULL;
}

static void examine_runtime(const struct host *host, struct cJSON *layer)
{
	char name[128], pids[64];
	bool hinted = find_runtime(host, name, sizeof(name));
	bool known = host_link(host, "proc/self/ns/pid", pids, sizeof(pids)) == 0;
	bool first = known && !strcmp(pids, FIRST_PIDNS);

	if (first && !hinted)
		finding(layer, FINDING_OK, "container", NULL,
			"none: these are the host's own processes");
	else if (first)
		finding(layer, FINDING_OK, "container", NULL,
			"none: these are the host's own processes (its image has marks of %s)",
			name);
	else if (known)
		finding(layer, FINDING_OK, "container", NULL, "%s, with its own processes",
			hinted ? name : "one of an unknown kind");
	else
		finding(layer, FINDING_UNKNOWN, "container", "mount /proc",
			"the PID namespace cannot be seen (marks: %s)", hinted ? name : "none");
	if (host_has(host, "var/run/secrets/kubernetes.io/serviceaccount/token"))
		finding(layer, FINDING_WEAK, "Kubernetes",
			"automountServiceAccountToken: false, where the pod does not ask the API",
			"a pod, with a token of its service account in reach of every process");
	else if (host_has(host, "run/secrets/kubernetes.io") || strstr(name, "kube"))
		finding(layer, FINDING_OK, "Kubernetes", NULL, "a pod, without a token");
}

static void examine_sandbox(const struct host *host, struct cJSON *layer)
{
	if (host_is_gvisor(host))
		finding(layer, FINDING_WEAK, "sandbox",
			"run EnforceCore on the host, which holds runsc as a whole, or the agent "
			"in "
			"a microVM whose kernel has BPF LSM",
			"gVisor: system calls end in its own kernel, which has no BPF. Here what "
			"is "
			"declared can be checked (validate, dry-run, explain, policy test) and "
			"trails be read (verify, inspect, audit); files, programs, connections and "
			"processes are not seen, and nothing is refused. From the host one sees "
			"runsc's effects, not which of the agent's processes caused them");
	else if (!host_has(host, "proc/version"))
		finding(layer, FINDING_UNKNOWN, "sandbox", "mount /proc",
			"no version of a kernel is told");
	else
		finding(layer, FINDING_OK, "sandbox", NULL,
			"no gVisor: system calls reach this kernel");
}

/* The six bytes at 10 of an ACPI table are who made it (ACPI, 5.2.6). */
static void acpi_maker(const struct host *host, char ret_maker[7])
{
	char table[36];

	memset(ret_maker, 0, 7);
	if (host_bytes(host, "sys/firmware/acpi/tables/FACP", table, sizeof(table)) == 36 ||
	    host_bytes(host, "sys/firmware/acpi/tables/APIC", table, sizeof(table)) == 36)
		memcpy(ret_maker, table + 10, 6);
}

static const char *firmware_says(const struct host *host)
{
	static const struct hint makers[] = {
		{ "QEMU", "QEMU" },
		{ "Amazon EC2", "Amazon EC2" },
		{ "Google", "Google" },
		{ "VMware", "VMware" },
		{ "innotek", "VirtualBox" },
		{ "Xen", "Xen" },
		{ "Microsoft", "Hyper-V" },
		{ "Cloud Hypervisor", "Cloud Hypervisor" },
		{ "KVM", "KVM" },
	};
	char vendor[128], product[128], maker[7];

	acpi_maker(host, maker);
	if (!strcmp(maker, "FIRECK"))
		return "Firecracker";
	host_text(host, "sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor));
	host_text(host, "sys/class/dmi/id/product_name", product, sizeof(product));
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		if (strstr(vendor, makers[i].word) || strstr(product, makers[i].word))
			return makers[i].runtime;
	return !strcmp(maker, "BOCHS ") ? "QEMU" : NULL;
}

/* Kata's agent shares a directory with its host and is named on the command line. */
static bool is_kata(const struct host *host)
{
	char cmdline[4096];

	host_text(host, "proc/cmdline", cmdline, sizeof(cmdline));
	return strstr(cmdline, "agent.log=") || strstr(cmdline, "kata-containers.target") ||
	       host_has(host, "run/kata-containers");
}

static void examine_machine(const struct host *host, struct cJSON *layer)
{
	const char *firmware = firmware_says(host);
	char cpuinfo[HOST_TEXT_MAX], name[13] = "";
	bool hypervisor;

	host_text(host, "proc/cpuinfo", cpuinfo, sizeof(cpuinfo));
	hypervisor = host_has_word(cpuinfo, "hypervisor");
	if (host->kernel)
		host->kernel->hypervisor(name);
	if (is_kata(host))
		finding(layer, FINDING_OK, "machine", NULL, "a Kata container's VM%s%s",
			firmware ? ", of " : "", firmware ? firmware : "");
	else if (firmware && strcmp(firmware, "Google") && strcmp(firmware, "Microsoft"))
		finding(layer, FINDING_OK, "machine", NULL, "a virtual one: %s%s%s%s", firmware,
			*name ? " (CPUID: " : "", name, *name ? ")" : "");
	else if (hypervisor || *name)
		/* QEMU's microvm has no DMI, and need not have ACPI */
		finding(layer, FINDING_OK, "machine", NULL, "a virtual one%s%s%s%s",
			host_has(host, "sys/class/dmi/id") ? "" : " without DMI, as microVMs are",
			*name ? " (CPUID: " : "", name, *name ? ")" : "");
	else if (!*cpuinfo)
		finding(layer, FINDING_UNKNOWN, "machine", "mount /proc and /sys",
			"neither firmware nor processor are told");
	else
		finding(layer, FINDING_OK, "machine", NULL,
			"a real one: what gets out of the kernel is on the hardware");
}

static void examine_namespaces(const struct host *host, struct cJSON *layer)
{
	char map[256];

	if (host_first_userns(host))
		finding(layer, FINDING_OK, "user namespace", NULL, "the first one");
	else if (host_text(host, "proc/self/uid_map", map, sizeof(map)) < 0)
		finding(layer, FINDING_UNKNOWN, "user namespace", "mount /proc",
			"it cannot be seen");
	else
		finding(layer, FINDING_WEAK, "user namespace",
			"run EnforceCore on the host, outside the user namespace: it confines what "
			"is in it",
			"not the first one: its root may load nothing");
}

static void examine_cgroups(const struct host *host, struct cJSON *layer)
{
	if (host_mounted(host, "cgroup2", "/sys/fs/cgroup"))
		finding(layer, FINDING_OK, "cgroups", NULL, "version 2, /sys/fs/cgroup");
	else if (host_mounted(host, "cgroup2", NULL))
		finding(layer, FINDING_WEAK, "cgroups",
			"kernel command line: systemd.unified_cgroup_hierarchy=1",
			"hybrid: version 2 without controllers beside version 1");
	else
		finding(layer, FINDING_MISSING, "cgroups",
			"mount -t cgroup2 cgroup2 /sys/fs/cgroup (agents are found by it)",
			"version 2 is not mounted");
}

void container_examine(const struct host *host, struct cJSON *layer)
{
	examine_runtime(host, layer);
	examine_sandbox(host, layer);
	examine_machine(host, layer);
	examine_namespaces(host, layer);
	examine_cgroups(host, layer);
}
