/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_report.h - a host on which almost all is well, and what the doctor says of hosts. */
#ifndef EC_DOCTOR_REPORT_H
#define EC_DOCTOR_REPORT_H

#include "doctor_tree.h"
#include "policy/policy.h"
#include "user/doctor/doctor.h"
#include "user/host/host_enforce.h"
#include "user/plain.h"

#define SECURE_BOOT "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SETUP_MODE "sys/firmware/efi/efivars/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define VULNERABILITY(name) "sys/devices/system/cpu/vulnerabilities/" name

static const struct tree_file hardened[] = {
	TREE_ROOT_LOOKS,
	{ "sys/class/tpm/tpm0/tpm_version_major", "2\n" },
	{ "dev/tpmrm0", "" },
	{ "sys/class/tpm/tpm0/pcr-sha256/15", "00\n" },
	{ "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sme sev nx\n" },
	{ "proc/cmdline", "quiet mem_encrypt=on lsm=x\n" },
	{ VULNERABILITY("meltdown"), "Not affected\n" },
	{ VULNERABILITY("spectre_v2"), "Mitigation: Retpolines\n" },
	{ "proc/sys/kernel/osrelease", "6.12.9+deb13-amd64\n" },
	{ "proc/version", "Linux version 6.12.9+deb13-amd64 (debian)\n" },
	{ "sys/kernel/security/lsm", "lockdown,capability,landlock,yama,apparmor,bpf" },
	{ "sys/kernel/security/lockdown", "[none] integrity confidentiality\n" },
	{ "proc/sys/kernel/seccomp/actions_avail", "kill_process trap errno allow\n" },
	{ "sys/module/apparmor/parameters/enabled", "Y\n" },
	{ "sys/kernel/security/apparmor/profiles", "a (enforce)\nb (complain)\nc (enforce)\n" },
	{ "proc/sys/kernel/unprivileged_bpf_disabled", "2\n" },
	{ "proc/sys/kernel/yama/ptrace_scope", "1\n" },
	{ "proc/sys/kernel/kptr_restrict", "1\n" },
	{ "proc/sys/kernel/perf_event_paranoid", "3\n" },
	{ "proc/sys/kernel/sysrq", "0\n" },
	{ "proc/sys/user/max_user_namespaces", "0\n" },
	{ "proc/sys/kernel/core_pattern", "core\n" },
	TREE_END
};

static inline cJSON *examined(const struct tree_host *t, const struct policy *policy)
{
	cJSON *status = cJSON_Parse("{\"loaded\":false,\"program_version\":8}");
	cJSON *report = doctor_examine(&t->host, status, policy);

	cr_assert_not_null(report);
	cJSON_Delete(status);
	return report;
}

/* NULL: the report has no such finding. */
static inline const cJSON *find(const cJSON *report, const char *layer, const char *name)
{
	const cJSON *one, *at;

	cJSON_ArrayForEach (at, cJSON_GetObjectItem(report, "layers"))
		if (!strcmp(plain_text(at, "layer"), layer))
			cJSON_ArrayForEach (one, cJSON_GetObjectItem(at, "findings"))
				if (!strcmp(plain_text(one, "name"), name))
					return one;
	return NULL;
}

static inline void expect(const cJSON *report, const char *layer, const char *name,
			  const char *state, const char *found)
{
	const cJSON *one = find(report, layer, name);

	cr_assert_not_null(one, "%s: no finding %s", layer, name);
	cr_expect_str_eq(plain_text(one, "state"), state, "%s: %s", name, plain_text(one, "state"));
	cr_expect(strstr(plain_text(one, "found"), found), "%s: %s", name,
		  plain_text(one, "found"));
	cr_expect_eq(!strcmp(state, "ok"), !*plain_text(one, "todo"), "%s: %s", name,
		     plain_text(one, "todo"));
}

static inline struct policy *policy_of(const char *text)
{
	struct policy *policy = NULL;
	struct policy_diag diag;

	cr_assert_eq(policy_load_buffer("p", text, strlen(text), NULL, &policy, &diag), 0, "%s",
		     diag.text);
	return policy;
}

#endif
