// SPDX-License-Identifier: Apache-2.0
/* What the doctor says of what is below the kernel and around it. */
#include "doctor_report.h"

static const struct tree_file gvisor[] = {
	{ "proc/self/status", "Name:\tx\nCapEff:\t00000000a80425fb\n" },
	{ "proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n" },
	{ "proc/sys/kernel/osrelease", "4.4.0\n" },
	TREE_END
};

static const struct tree_file pod[] = {
	TREE_ROOT_LOOKS,
	{ "proc/self/ns/pid", "-> pid:[4026532401]" },
	{ "proc/self/cgroup",
	  "0::/kubepods.slice/kubepods-besteffort.slice/cri-containerd-0a1b.scope\n" },
	{ "var/run/secrets/kubernetes.io/serviceaccount/token", "eyJ" },
	{ "proc/self/mountinfo", "21 1 0:90 / / rw - overlay overlay rw,lowerdir=/var/lib/x\n"
				 "31 25 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n" },
	TREE_END
};

Test(doctor, gvisor_is_named_and_cannot_enforce)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, gvisor);
	report = examined(&t, NULL);
	expect(report, "container", "sandbox", "weak", "gVisor");
	expect(report, "container", "sandbox", "weak", "dry-run");
	expect(report, "container", "sandbox", "weak", "connections and processes are not seen");
	expect(report, "runtime", "enforcement", "missing", "this is gVisor");
	expect(report, "kernel", "version", "weak", "4.4.0");
	expect(report, "kernel", "LSMs", "unknown", "");
	cr_expect(!strncmp(plain_text(report, "obstacle"), "this is gVisor", 14));
	cr_expect_eq(doctor_verdict(report), DOCTOR_CANNOT_ENFORCE);
	cJSON_Delete(report);
	tree_close(&t);
}

static bool gvisors_log(const char *word)
{
	return strstr("[    0.000000] Starting gVisor...\n", word) != NULL;
}

static bool linuxs_log(const char *word)
{
	return strstr("[    0.000000] Linux version 6.1.0\n", word) != NULL;
}

Test(doctor, gvisor_that_shows_another_version_is_known_by_its_log)
{
	struct host_kernel kernel = { .log_says = gvisors_log };
	struct tree_host t;

	tree_open(&t, (struct tree_file[]) { { "proc/version", "Linux version 6.1.0 (x)\n" },
					     TREE_END });
	t.host.kernel = &kernel;
	cr_expect(host_is_gvisor(&t.host));
	kernel.log_says = linuxs_log;
	cr_expect_not(host_is_gvisor(&t.host));
	tree_write(&t, &(struct tree_file) { "proc/version", "Linux version 4.19.0-gvisor\n" });
	cr_expect(host_is_gvisor(&t.host));
	tree_close(&t);
}

Test(doctor, a_pod_has_a_runtime_and_a_token)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_add(&t, pod);
	report = examined(&t, NULL);
	expect(report, "container", "container", "ok", "containerd");
	expect(report, "container", "Kubernetes", "weak", "token");
	expect(report, "runtime", "bpffs", "weak", "not mounted");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, marks_of_docker_in_the_first_namespaces_are_left_over)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write(&t, &(struct tree_file) { ".dockerenv", "" });
	report = examined(&t, NULL);
	expect(report, "container", "container", "ok",
	       "none: these are the host's own processes (");
	cr_expect_null(find(report, "container", "Kubernetes"));
	cJSON_Delete(report);
	tree_write(&t, &(struct tree_file) { "proc/self/ns/pid", "-> pid:[4026532401]" });
	report = examined(&t, NULL);
	expect(report, "container", "container", "ok", "Docker, with its own processes");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, machines_are_told_by_acpi_dmi_or_the_lack_of_it)
{
	char table[36] = "FACP";
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write(&t, &(struct tree_file) { "proc/cpuinfo", "flags\t\t: fpu hypervisor nx\n" });
	report = examined(&t, NULL);
	expect(report, "container", "machine", "ok", "without DMI");
	cJSON_Delete(report);
	memcpy(table + 10, "FIRECK", 6);
	tree_write_bytes(&t, "sys/firmware/acpi/tables/FACP", table, sizeof(table));
	report = examined(&t, NULL);
	expect(report, "container", "machine", "ok", "Firecracker");
	cJSON_Delete(report);
	tree_write(&t, &(struct tree_file) { "proc/cmdline", "quiet agent.log=debug\n" });
	report = examined(&t, NULL);
	expect(report, "container", "machine", "ok", "Kata");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, another_user_namespace_cannot_enforce)
{
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write(&t, &(struct tree_file) { "proc/self/ns/user", "-> user:[4026532400]" });
	report = examined(&t, NULL);
	expect(report, "container", "user namespace", "weak", "not the first");
	expect(report, "runtime", "enforcement", "missing", "user namespace");
	cr_expect_eq(doctor_verdict(report), DOCTOR_CANNOT_ENFORCE);
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, setup_mode_and_other_lengths_are_no_secure_boot)
{
	static const unsigned char on[] = { 6, 0, 0, 0, 1, 1 }, off[] = { 6, 0, 0, 0, 0 };
	struct tree_host t;
	cJSON *report;

	tree_open(&t, hardened);
	tree_write_bytes(&t, SECURE_BOOT, on, 5);
	tree_write_bytes(&t, SETUP_MODE, on, 5);
	report = examined(&t, NULL);
	expect(report, "hardware", "secure boot", "weak", "setup mode");
	cJSON_Delete(report);
	tree_write_bytes(&t, SECURE_BOOT, on, 6);
	report = examined(&t, NULL);
	expect(report, "hardware", "secure boot", "unknown", "cannot be read");
	cJSON_Delete(report);
	tree_write_bytes(&t, SECURE_BOOT, off, 5);
	report = examined(&t, NULL);
	expect(report, "hardware", "secure boot", "weak", "off");
	cJSON_Delete(report);
	tree_close(&t);
}

Test(doctor, of_a_host_that_shows_nothing_nothing_is_ok)
{
	struct tree_host t;
	cJSON *report, *layer;
	const cJSON *one;

	tree_open(&t, (struct tree_file[]) { TREE_END });
	report = doctor_examine(&t.host, NULL, NULL);
	cJSON_ArrayForEach (layer, cJSON_GetObjectItem(report, "layers")) {
		cJSON_ArrayForEach (one, cJSON_GetObjectItem(layer, "findings"))
			cr_expect_str_neq(plain_text(one, "state"), "ok", "%s: %s",
					  plain_text(one, "name"), plain_text(one, "found"));
	}
	cr_expect_eq(doctor_verdict(report), DOCTOR_CANNOT_ENFORCE);
	cJSON_Delete(report);
	tree_close(&t);
}
