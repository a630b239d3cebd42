// SPDX-License-Identifier: Apache-2.0
/* What the doctor says of kernels, of what is loaded, and of policies. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor_report.h"

static const struct tree_file debian[] = {
	TREE_ROOT_LOOKS,
	{ "sys/firmware/efi/config_table", "" },
	{ "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor\n" },
	{ "proc/sys/kernel/osrelease", "6.1.0-30-amd64\n" },
	{ "sys/kernel/security/lsm", "lockdown,capability,landlock,yama,apparmor,tomoyo" },
	{ "sys/kernel/security/lockdown", "[none] integrity confidentiality\n" },
	{ "proc/sys/kernel/kptr_restrict", "0\n" },
	{ "proc/sys/kernel/sysrq", "438\n" },
	{ "proc/sys/user/max_user_namespaces", "15000\n" },
	{ "proc/sys/kernel/core_pattern", "|/usr/share/apport/apport %p\n" },
	{ "sys/class/dmi/id/sys_vendor", "QEMU\n" },
	TREE_END
};

#define GUARDED                                                                                    \
	"name: guarded\npii_redaction: { enabled: true }\n"                                        \
	"kernel: { tools: { act: { ask: true } } }\n"

Test(doctor, a_hardened_host_is_weak_only_where_it_is)
{
	static const unsigned char on[] = { 6, 0, 0, 0, 1 }, off[] = { 6, 0, 0, 0, 0 };
	struct policy *policy = policy_of(GUARDED);
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write_bytes(&t, SECURE_BOOT, on, sizeof(on));
	tree_write_bytes(&t, SETUP_MODE, off, sizeof(off));
	report = examined(&t, policy);
	expect(report, "hardware", "tpm", "ok", "TPM 2.0");
	expect(report, "hardware", "trail's TPM", "ok", "can be bound");
	expect(report, "hardware", "secure boot", "ok", "on");
	expect(report, "hardware", "memory", "ok", "SME");
	expect(report, "hardware", "processor", "ok", "2 known");
	expect(report, "kernel", "BPF LSM", "ok", "on");
	expect(report, "kernel", "AppArmor", "ok", "2 profiles enforce, 1 complain");
	expect(report, "kernel", "SELinux", "ok", "AppArmor is on");
	expect(report, "kernel", "kernel.sysrq", "ok", "0");
	expect(report, "kernel", "lockdown", "weak", "none");
	expect(report, "container", "machine", "ok", "a real one");
	expect(report, "runtime", "enforcement", "ok", "possible");
	expect(report, "prompt", "guards", "ok", "1 that ask");
	expect(report, "prompt", "redaction", "ok", "of arguments");
	cr_expect_eq(doctor_verdict(report), DOCTOR_WEAK);
	cJSON_Delete(report);
	tree_close(&t);
	policy_free(policy);
}

static int loads(void)
{
	return 0;
}
static int refuses(void)
{
	return -EPERM;
}
static int landlock(void)
{
	return 6;
}
static bool no_list(char *ret_text, size_t size)
{
	(void)size;
	*ret_text = '\0';
	return false;
}
static bool list(char *ret_text, size_t size)
{
	snprintf(ret_text, size, "lockdown,capability,bpf");
	return true;
}
static void no_hypervisor(char ret_name[13])
{
	*ret_name = '\0';
}
static bool log_is_silent(const char *word)
{
	(void)word;
	return false;
}
static bool has_no_library(const char *name)
{
	(void)name;
	return false;
}
static const struct host_kernel poor = { no_list,	landlock,      loads,
					 no_hypervisor, log_is_silent, has_no_library };
static const struct host_kernel willing = { no_list,	   landlock,	  loads,
					    no_hypervisor, log_is_silent, NULL };
static const struct host_kernel unwilling = { list,	     landlock,	    refuses,
					      no_hypervisor, log_is_silent, NULL };

Test(doctor, a_host_on_which_nothing_is_missing_is_fine)
{
	static const unsigned char on[] = { 6, 0, 0, 0, 1 };
	struct policy *policy = policy_of(GUARDED);
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write_bytes(&t, SECURE_BOOT, on, sizeof(on));
	tree_write(&t,
		   &(struct tree_file) { "sys/kernel/security/lockdown", "none [integrity]\n" });
	t.host.kernel = &willing;
	report = examined(&t, policy);
	expect(report, "kernel", "lockdown", "ok", "integrity");
	expect(report, "kernel", "LSM program", "ok", "for trial");
	cr_expect_eq(doctor_verdict(report), DOCTOR_FINE);
	cJSON_Delete(report);
	tree_close(&t);
	policy_free(policy);
}

Test(doctor, a_tpm_that_no_trail_can_be_bound_to_says_why)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	t.host.kernel = &poor;
	report = examined(&t, NULL);
	expect(report, "hardware", "trail's TPM", "weak", "library");
	cJSON_Delete(report);
	tree_remove(&t, "sys/class/tpm/tpm0/pcr-sha256/15");
	report = examined(&t, NULL);
	expect(report, "hardware", "tpm", "ok", "TPM 2.0");
	expect(report, "hardware", "trail's TPM", "weak", "no SHA-256 bank");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, a_kernel_that_refuses_cannot_enforce_whatever_securityfs_says)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_remove(&t, "sys/kernel/security/lsm");
	tree_remove(&t, "sys/kernel/security/lockdown");
	t.host.kernel = &unwilling;
	report = examined(&t, NULL);
	expect(report, "kernel", "LSMs", "ok", "lockdown,capability,bpf");
	expect(report, "kernel", "LSM program", "missing", "refused");
	expect(report, "kernel", "lockdown", "unknown", "securityfs");
	expect(report, "runtime", "enforcement", "missing", "locked down");
	cr_expect_eq(doctor_verdict(report), DOCTOR_CANNOT_ENFORCE);
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, of_a_copy_only_confidentiality_is_sure_to_refuse)
{
	struct tree_host t;

	tree_open(&t, hardened);
	tree_write(&t, &(struct tree_file) { "sys/kernel/security/lockdown",
					     "none [integrity] confidentiality\n" });
	cr_expect_null(host_obstacle(&t.host));
	tree_write(&t, &(struct tree_file) { "sys/kernel/security/lockdown",
					     "none integrity [confidentiality]\n" });
	cr_expect_not_null(host_obstacle(&t.host));
	tree_close(&t);
}

Test(doctor, a_debian_lacks_the_bpf_lsm_and_is_told_the_whole_command_line)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, debian);
	report = examined(&t, NULL);
	expect(report, "kernel", "BPF LSM", "missing", "not switched on");
	cr_expect(strstr(plain_text(find(report, "kernel", "BPF LSM"), "todo"),
			 "lsm=lockdown,capability,landlock,yama,apparmor,tomoyo,bpf"));
	expect(report, "hardware", "secure boot", "unknown", "UEFI");
	expect(report, "kernel", "kernel.sysrq", "weak", "438");
	expect(report, "kernel", "kernel.core_pattern", "weak", "|/usr/share/apport/apport");
	expect(report, "kernel", "user.max_user_namespaces", "weak", "15000");
	expect(report, "container", "machine", "ok", "QEMU");
	expect(report, "prompt", "guards", "missing", "none declared");
	cr_expect_eq(doctor_verdict(report), DOCTOR_CANNOT_ENFORCE);
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, debians_own_switch_of_user_namespaces_counts)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, debian);
	tree_write(&t, &(struct tree_file) { "proc/sys/kernel/unprivileged_userns_clone", "0\n" });
	report = examined(&t, NULL);
	expect(report, "kernel", "user.max_user_namespaces", "ok", "only for root");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, selinux_enforcing_permissive_and_unreadable)
{
	static const struct tree_file selinux[] = {
		{ "sys/kernel/security/lsm", "lockdown,capability,yama,selinux,bpf,landlock" },
		{ "sys/module/apparmor/parameters/enabled", "N\n" },
		{ "sys/fs/selinux/enforce", "1" },
		TREE_END
	};
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_add(&t, selinux);
	report = examined(&t, NULL);
	expect(report, "kernel", "SELinux", "ok", "enforcing");
	expect(report, "kernel", "AppArmor", "ok", "SELinux is on");
	cJSON_Delete(report);
	tree_write(&t, &(struct tree_file) { "sys/fs/selinux/enforce", "0" });
	report = examined(&t, NULL);
	expect(report, "kernel", "SELinux", "weak", "permissive");
	cJSON_Delete(report);
	tree_remove(&t, "sys/fs/selinux/enforce");
	report = examined(&t, NULL);
	expect(report, "kernel", "SELinux", "unknown", "cannot be read");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, kptr_restrict_2_hides_what_the_sensor_needs)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write(&t, &(struct tree_file) { "proc/sys/kernel/kptr_restrict", "2\n" });
	report = examined(&t, NULL);
	expect(report, "runtime", "enforcement", "missing", "kptr_restrict");
	cr_expect_eq(doctor_verdict(report), DOCTOR_CANNOT_ENFORCE);
	cJSON_Delete(report);
	tree_close(&t);
}

static cJSON *examined_with(const struct tree_host *t, const char *status_text)
{
	cJSON *status = cJSON_Parse(status_text), *report;

	cr_assert_not_null(status);
	report = doctor_examine(&t->host, status, NULL);
	cJSON_Delete(status);
	return report;
}

#define LOADED                                                                                     \
	"{\"loaded\":true,\"program_version\":8,\"sensor_version\":8,"                             \
	"\"pins\":{\"path\":\"/p\",\"programs\":90,\"maps\":12},\"agents\":"
#define AGENT(policy, alive, canary, lost, error)                                                  \
	"{\"policy\":\"" policy                                                                    \
	"\",\"mode\":\"enforce\",\"controller\":{\"pid\":7,\"alive\":" alive                       \
	"},\"canary\":{\"state\":\"" canary "\"},\"lost\":{\"denials\":" lost                      \
	",\"effects\":0},\"trail\":{\"path\":\"/t\",\"error\":" error "}}"

Test(doctor, what_is_loaded_is_told_as_status_found_it)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	report = examined_with(&t, LOADED "[" AGENT("a", "true", "ok", "0", "null") "]}");
	expect(report, "runtime", "pins", "ok", "90 programs and 12 maps in /p");
	expect(report, "runtime", "agents", "ok", "1 confined");
	expect(report, "runtime", "controllers", "ok", "");
	expect(report, "runtime", "canary", "ok", "");
	expect(report, "runtime", "drops", "ok", "");
	cJSON_Delete(report);
	report = examined_with(
		&t, LOADED "[" AGENT("a", "true", "ok", "0", "null") "," AGENT(
			    "b\\u001b", "false", "nobody looks", "0",
			    "null") "," AGENT("c", "true", "fails", "3", "\"No space\"") "]}");
	expect(report, "runtime", "controllers", "weak", "1 of 3 agents have none");
	expect(report, "runtime", "canary", "weak", "policy c");
	expect(report, "runtime", "drops", "weak", "1 of 3");
	expect(report, "runtime", "trail", "weak", "policy c");
	cJSON_Delete(report);
	report = examined_with(&t, "{\"loaded\":true,\"program_version\":8,\"sensor_version\":9}");
	expect(report, "runtime", "sensor", "weak", "version 9");
	cJSON_Delete(report);
	report = doctor_examine(&t.host, NULL, NULL);
	expect(report, "runtime", "sensor", "unknown", "");
	cJSON_Delete(report);
	tree_close(&t);
}

static char *printed(const cJSON *report, bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	doctor_print(report, colour, to);
	fclose(to);
	return text;
}

Test(doctor, marks_are_words_and_nothing_found_steers_a_terminal)
{
	struct tree_host t;
	cJSON *report;
	char *text;

	tree_open(&t, debian);
	tree_write(&t,
		   &(struct tree_file) { "proc/sys/kernel/core_pattern", "|\033[31mevil\007\n" });
	report = examined(&t, NULL);
	text = printed(report, false);
	cr_expect(strstr(text, "\n  missing   BPF LSM: not switched on\n"));
	cr_expect(strstr(text, "            to do: kernel command line: lsm=lockdown"));
	cr_expect(strstr(text, "|?[31mevil?"));
	cr_expect_null(strchr(text, '\033'));
	cr_expect(strstr(text, "hardware\n") == text && strstr(text, "\nprompt\n"));
	free(text);
	text = printed(report, true);
	cr_expect(strstr(text, "\033[31mmissing \033[0m  BPF LSM"));
	cr_expect_null(strstr(text, "\033[31mevil"));
	free(text);
	cJSON_Delete(report);
	tree_close(&t);
}

#define ASKS_GUARDS                                                                                \
	"name: g\nkernel:\n  guards:\n"                                                            \
	"    gone: { url: 'http://127.0.0.1:1', protocol: nemo }\n"                                \
	"    spare: { url: 'http://127.0.0.1:2', protocol: nemo }\n"                               \
	"  guard: gone\n  tools: { t: {}, u: { guard: [] } }\n"

Test(doctor, guards_that_a_policy_asks_are_listed)
{
	struct policy *policy = policy_of(ASKS_GUARDS);
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	report = examined(&t, policy);
	expect(report, "prompt", "guards", "ok", "1 that ask guards");
	expect(report, "prompt", "guard gone", "weak", "Connection refused; calls are refused");
	expect(report, "prompt", "guard spare", "missing", "no tool names it");
	cJSON_Delete(report);
	tree_close(&t);
	policy_free(policy);
}

static const cJSON *guard_of(const char *keys, int port)
{
	char text[400];
	struct policy *policy;
	struct tree_host t;
	static cJSON *report;

	snprintf(text, sizeof(text),
		 "name: g\nkernel: { guard: g, guards: { g: { url: 'http://127.0.0.1:%d', "
		 "protocol: nemo%s } } }\n",
		 port, keys);
	policy = policy_of(text);
	tree_open(&t, hardened);
	cJSON_Delete(report);
	report = examined(&t, policy);
	tree_close(&t);
	policy_free(policy);
	return find(report, "prompt", "guard g");
}

Test(doctor, guards_that_are_there_are_well_unless_they_are_set_to_be_weak)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), port;

	cr_assert_eq(bind(fd, (struct sockaddr *)&at, len), 0);
	cr_assert_eq(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&at, &len);
	port = ntohs(at.sin_port);
	cr_expect_str_eq(plain_text(guard_of("", port), "state"), "ok");
	cr_expect_str_eq(plain_text(guard_of(", on_error: allow", port), "todo"), "on_error: deny");
	cr_expect_str_eq(plain_text(guard_of(", shared: true", port), "state"), "weak");
	close(fd);
}
