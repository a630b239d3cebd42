// SPDX-License-Identifier: Apache-2.0
/* host_kernel.c - what is asked of the running kernel by system calls. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "host.h"
#include "user/util.h"

#define LSM_LIST_MODULES 461	/* lsm_list_modules(2), since 6.8 */
#define LANDLOCK_CREATE 444	/* landlock_create_ruleset(2) */
#define LANDLOCK_ASK_VERSION 1u /* LANDLOCK_CREATE_RULESET_VERSION */
#define KLOG_READ_ALL 3		/* SYSLOG_ACTION_READ_ALL, syslog(2) */
#define KLOG_SIZE 10
#define KLOG_MAX (1 << 22)

/* uapi/linux/lsm.h: LSM_ID_* begin with 100 */
static const char *const lsm_names[] = { "capability", "selinux", "smack",    "tomoyo",
					 "apparmor",   "yama",	  "loadpin",  "safesetid",
					 "lockdown",   "bpf",	  "landlock", "ima",
					 "evm",	       "ipe" };

/* In a container's own /sys there is no securityfs. A mount that no path leads to takes
 * what loading takes, CAP_SYS_ADMIN. */
static bool lsms_of_securityfs(char *ret_text, size_t size)
{
	_cleanup_close_ int fs = fsopen("securityfs", FSOPEN_CLOEXEC), mount = -1, fd = -1;
	ssize_t len;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return false;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	fd = mount < 0 ? -1 : openat(mount, "lsm", O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, ret_text, size - 1);
	ret_text[len < 0 ? 0 : len] = '\0';
	return len > 0;
}

static bool lsms(char *ret_text, size_t size)
{
	uint64_t ids[32];
	uint32_t bytes = sizeof(ids);
	long len = syscall(LSM_LIST_MODULES, ids, &bytes, 0);
	size_t used = 0;

	*ret_text = '\0';
	for (long i = 0; i < len; i++) {
		bool known = ids[i] >= 100 && ids[i] - 100 < sizeof(lsm_names) / sizeof(*lsm_names);
		int n = snprintf(ret_text + used, size - used, "%s%s", used ? "," : "",
				 known ? lsm_names[ids[i] - 100] : "?");

		if (n < 0 || (size_t)n >= size - used)
			return false;
		used += (size_t)n;
	}
	return len > 0 || lsms_of_securityfs(ret_text, size);
}

static int landlock_abi(void)
{
	long abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_ASK_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

static int load_lsm(void)
{
	/* bpf_probe_read_kernel(r10 - 8, 8, NULL), which lockdown=confidentiality forbids; return 0 */
	struct bpf_insn reads[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_prog_load_opts how = { .sz = sizeof(how), .expected_attach_type = BPF_LSM_MAC };
	int id = libbpf_find_vmlinux_btf_id("file_open", BPF_LSM_MAC);
	_cleanup_close_ int fd = -1;

	if (id < 0)
		return id;
	how.attach_btf_id = (uint32_t)id;
	fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "ec_trial", "GPL", reads,
			   sizeof(reads) / sizeof(*reads), &how);
	return fd < 0 ? fd : 0;
}

static void hypervisor(char ret_name[13])
{
	memset(ret_name, 0, 13);
#if defined(__x86_64__) || defined(__i386__)
	unsigned int a, b, c, d;

	/* leaf 1, ECX bit 31: a hypervisor is there; its leaf 0x40000000 has the name */
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31))
		return;
	__cpuid(0x40000000, a, b, c, d);
	memcpy(ret_name, &b, 4);
	memcpy(ret_name + 4, &c, 4);
	memcpy(ret_name + 8, &d, 4);
	for (char *at = ret_name; *at; at++)
		if (*at < 0x20 || *at >= 0x7f)
			*at = '?';
	if (!*ret_name)
		ret_name[0] = '?';
#endif
}

static bool log_says(const char *word)
{
	int size = klogctl(KLOG_SIZE, NULL, 0);
	_cleanup_free_ char *text = NULL;
	int len;

	if (size <= 0 || size > KLOG_MAX)
		return false;
	text = malloc((size_t)size);
	len = text ? klogctl(KLOG_READ_ALL, text, size) : -1;
	return len > 0 && memmem(text, (size_t)len, word, strlen(word));
}

static bool has_library(const char *name)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

	if (library)
		dlclose(library);
	return library != NULL;
}

const struct host_kernel host_running_kernel = { lsms,	     landlock_abi, load_lsm,
						 hypervisor, log_says,	   has_library };
