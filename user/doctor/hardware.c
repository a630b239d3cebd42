// SPDX-License-Identifier: Apache-2.0
/* hardware.c - what lies below the kernel. Rules and their sources: README.md. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "finding.h"
#include "layers.h"
#include "user/tpm/tss_names.h"
#include "user/util.h"

/* EFI_GLOBAL_VARIABLE; a file has four bytes of attributes, then the value (efivarfs) */
#define EFI_VARIABLE(name) "sys/firmware/efi/efivars/" name "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

#define SHA256_BANK "sys/class/tpm/tpm0/pcr-sha256/15" /* since 5.12 */

/* What `--tpm` needs beside the TPM. */
static void examine_quotes(const struct host *host, struct cJSON *layer)
{
	bool known = host->kernel && host->kernel->has_library;

	if (!host_has(host, SHA256_BANK))
		finding(layer, FINDING_WEAK, "trail's TPM",
			"switch on its SHA-256 bank in the firmware",
			"no SHA-256 bank: it cannot quote a trail");
	else if (known &&
		 (!host->kernel->has_library(TSS_ESYS) || !host->kernel->has_library(TSS_TCTILDR) ||
		  !host->kernel->has_library(TSS_DEVICE)))
		finding(layer, FINDING_WEAK, "trail's TPM",
			"install tpm2-tss (Debian: libtss2-esys-3.0.2-0, libtss2-tctildr0, "
			"libtss2-tcti-device0)",
			"no trail can be bound to it: its library is not there");
	else
		finding(layer, FINDING_OK, "trail's TPM", NULL, "%s: run --tpm, mcp --tpm",
			known ? "trails can be bound to it" :
				"trails can be bound to it where tpm2-tss is installed");
}

static void examine_tpm(const struct host *host, struct cJSON *layer)
{
	long version = host_number(host, "sys/class/tpm/tpm0/tpm_version_major");

	if (version >= 2 && host_has(host, "dev/tpmrm0"))
		finding(layer, FINDING_OK, "tpm", NULL, "TPM %ld.0, /dev/tpmrm0", version);
	else if (version >= 2)
		finding(layer, FINDING_WEAK, "tpm", "load the resource manager: CONFIG_TCG_TPM2",
			"TPM 2.0, without /dev/tpmrm0");
	else if (version == 1)
		finding(layer, FINDING_WEAK, "tpm", "use a TPM 2.0: 1.2 has only SHA-1", "TPM 1.2");
	else if (host_has(host, "sys/class/tpm/tpm0") || host_has(host, "dev/tpm0"))
		finding(layer, FINDING_UNKNOWN, "tpm", "ask tpm2_getcap properties-fixed",
			"a TPM whose version the kernel does not tell");
	else
		finding(layer, FINDING_MISSING, "tpm",
			"switch it on in the firmware, or give the machine a virtual one",
			"no TPM");
	if (version >= 2 && host_has(host, "dev/tpmrm0"))
		examine_quotes(host, layer);
}

/* 0 or 1, -1: the variable is not there. */
static int efi_flag(const struct host *host, const char *path)
{
	uint8_t bytes[8];

	return host_bytes(host, path, bytes, sizeof(bytes)) == 5 ? bytes[4] : -1;
}

static void examine_secure_boot(const struct host *host, struct cJSON *layer)
{
	int on = efi_flag(host, EFI_VARIABLE("SecureBoot"));
	int setup = efi_flag(host, EFI_VARIABLE("SetupMode"));

	if (on == 1 && setup != 1)
		finding(layer, FINDING_OK, "secure boot", NULL, "on");
	else if (on == 1)
		finding(layer, FINDING_WEAK, "secure boot", "enrol a platform key",
			"on, in setup mode: whoever is root may change its keys");
	else if (on == 0)
		finding(layer, FINDING_WEAK, "secure boot", "switch it on in the firmware", "off");
	else if (host_has(host, "sys/firmware/efi"))
		finding(layer, FINDING_UNKNOWN, "secure boot",
			"mount -t efivarfs efivarfs /sys/firmware/efi/efivars, as root",
			"UEFI, whose variables cannot be read");
	else
		finding(layer, FINDING_MISSING, "secure boot",
			"boot by UEFI with secure boot, or measure the kernel from outside (a "
			"microVM's)",
			"not booted by UEFI");
}

static bool cpu_has(const char *cpuinfo, const char *flag)
{
	const char *flags = strstr(cpuinfo, "\nflags");
	char line[8192];

	if (!flags)
		return false;
	flags += strcspn(flags + 1, ":") + 2;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(flags, "\n"), flags);
	return host_has_word(line, flag);
}

static void examine_memory(const struct host *host, struct cJSON *layer)
{
	char cpuinfo[HOST_TEXT_MAX], cmdline[4096];
	const char *guest = NULL;

	host_text(host, "proc/cpuinfo", cpuinfo, sizeof(cpuinfo));
	host_text(host, "proc/cmdline", cmdline, sizeof(cmdline));
	if (cpu_has(cpuinfo, "tdx_guest") || host_has(host, "dev/tdx_guest"))
		guest = "a TDX guest";
	else if (host_has(host, "dev/sev-guest") || host_has(host, "sys/devices/system/cpu/sev"))
		guest = "an SEV-SNP guest";
	if (guest)
		finding(layer, FINDING_OK, "memory", NULL, "%s: memory is encrypted", guest);
	else if (cpu_has(cpuinfo, "sme") && host_has_word(cmdline, "mem_encrypt=on"))
		finding(layer, FINDING_OK, "memory", NULL, "SME is on: memory is encrypted");
	else if (cpu_has(cpuinfo, "sme") || cpu_has(cpuinfo, "sev"))
		finding(layer, FINDING_WEAK, "memory",
			"kernel command line: mem_encrypt=on (unless the kernel is built with "
			"AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT)",
			"the processor could encrypt memory (SME), and is not told to");
	else if (cpu_has(cpuinfo, "tme"))
		finding(layer, FINDING_UNKNOWN, "memory", "look in the firmware's settings",
			"the processor has TME; only the firmware knows whether it is on");
	else
		finding(layer, FINDING_MISSING, "memory",
			"a machine with SME, SEV-SNP, TDX or TME, where who runs the hardware is "
			"not trusted",
			"no encryption of memory seen (SME, SEV-SNP, TDX, TME)");
}

#define VULNERABILITIES "sys/devices/system/cpu/vulnerabilities"

static void examine_cpu(const struct host *host, struct cJSON *layer)
{
	int fd = openat(host->root_fd, VULNERABILITIES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char names[256] = "", path[512], text[256];
	unsigned int open = 0, all = 0;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), VULNERABILITIES "/%s", entry->d_name);
		if (entry->d_name[0] == '.' || host_text(host, path, text, sizeof(text)) < 0)
			continue;
		all++;
		if (strncmp(text, "Vulnerable", 10))
			continue;
		open++;
		if (strlen(names) + strlen(entry->d_name) + 3 < sizeof(names))
			strcat(strcat(names, names[0] ? ", " : ""), entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (open)
		finding(layer, FINDING_WEAK, "processor",
			"newer microcode and kernel; no mitigations=off on the command line",
			"vulnerable: %s", names);
	else if (all)
		finding(layer, FINDING_OK, "processor", NULL,
			"none of %u known vulnerabilities is open", all);
	else
		finding(layer, FINDING_UNKNOWN, "processor",
			"a kernel with "
			"/sys/devices/system/cpu/vulnerabilities",
			"the kernel does not tell of its vulnerabilities");
}

void hardware_examine(const struct host *host, struct cJSON *layer)
{
	examine_tpm(host, layer);
	examine_secure_boot(host, layer);
	examine_memory(host, layer);
	examine_cpu(host, layer);
}
