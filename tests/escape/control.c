// SPDX-License-Identifier: Apache-2.0
/* control.c - files of the kernel that stop, kill, redirect or blind: written by
 * a root that the policy lets read all of /proc and /sys. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

/* A file with one value: what the observer sets, and what the attacker writes. */
struct knob {
	const char *path, *rest, *turned;
};
static const struct knob *knob;

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		note(path);
	close(fd);
}

static void read_knob(const char *path, char text[64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, 63);

	close(fd);
	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
}

static char before[64];
static void knob_set(const struct knob *which)
{
	knob = which;
	if (knob->rest)
		put(knob->path, knob->rest);
	read_knob(knob->path, before);
}

static bool knob_turned(void)
{
	char now[64];

	read_knob(knob->path, now);
	return strcmp(now, before) != 0;
}

static void knob_mend(void)
{
	put(knob->path, before);
}

#define KNOB(name, ...)                                                                            \
	static const struct knob name = { __VA_ARGS__ };                                           \
	static void name##_set(void)                                                               \
	{                                                                                          \
		knob_set(&name);                                                                   \
	}                                                                                          \
	static void name##_turn(void)                                                              \
	{                                                                                          \
		write_to(name.path, name.turned);                                                  \
	}
#define KERNEL_FILE "/proc/sys/kernel/"
KNOB(core_pattern, KERNEL_FILE "core_pattern", "core", "|" BORN)
KNOB(modprobe, KERNEL_FILE "modprobe", "/sbin/modprobe", BORN)
KNOB(ftrace_enabled, KERNEL_FILE "ftrace_enabled", NULL, "0")
KNOB(perf_event_paranoid, KERNEL_FILE "perf_event_paranoid", "3", "-1")
KNOB(bpf_stats, KERNEL_FILE "bpf_stats_enabled", "0", "1")
KNOB(sysrq, KERNEL_FILE "sysrq", "1", "0")
KNOB(randomize_va_space, KERNEL_FILE "randomize_va_space", "0", "2")
KNOB(panic_on_oops, KERNEL_FILE "panic_on_oops", NULL, "0")
KNOB(hostname, KERNEL_FILE "hostname", "vm", "pwned")
KNOB(overcommit_memory, "/proc/sys/vm/overcommit_memory", "0", "2")
KNOB(accept_source_route, "/proc/sys/net/ipv4/conf/lo/accept_source_route", "0", "1")
KNOB(tracing_on, "/sys/kernel/tracing/tracing_on", "1", "0")
KNOB(kprobes_enabled, "/sys/kernel/debug/kprobes/enabled", "1", "0")
KNOB(suid_dumpable, "/proc/sys/fs/suid_dumpable", "0", "1")
KNOB(protected_hardlinks, "/proc/sys/fs/protected_hardlinks", "1", "0")

KNOB(module_parameter, "/sys/module/printk/parameters/time", "Y", "N")

/* Files that grow a line. */
static void by_kprobe_event(void)
{
	write_to("/sys/kernel/tracing/kprobe_events", "p:ec_escape do_nanosleep\n");
}

static void by_uprobe_event(void)
{
	write_to("/sys/kernel/tracing/uprobe_events", "p:ec_escape " BORN ":0x1000\n");
}

static bool probed(void)
{
	return has("/sys/kernel/tracing/kprobe_events", "ec_escape") ||
	       has("/sys/kernel/tracing/uprobe_events", "ec_escape");
}

static void unprobe(void)
{
	put("/sys/kernel/tracing/kprobe_events", "\n");
	put("/sys/kernel/tracing/uprobe_events", "\n");
}

static int log_fd;
static void set_log(void)
{
	close(log_fd);
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lseek(log_fd, 0, SEEK_END);
}

static bool logged_text(const char *text)
{
	char line[8192];
	ssize_t n;

	while ((n = read(log_fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[n > 0 ? n : 0] = 0;
		if (strstr(line, text))
			return true;
	}
	return false;
}

static bool helped(void)
{
	return logged_text("sysrq: HELP");
}

static void by_sysrq(void)
{
	write_to("/proc/sysrq-trigger", "h");
}

static bool forged(void)
{
	return logged_text("forged by ec-escape");
}

static void by_kmsg(void)
{
	write_to("/dev/kmsg", "forged by ec-escape\n");
}

/* A cgroup of the bystander's, and what can be done to it from there. */
#define GROUP "/sys/fs/cgroup/ec-bystander"
static void set_group(void)
{
	char number[16];

	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids +cpu");
	mkdir(GROUP, 0755);
	mkdir("/sys/fs/cgroup/ec-other", 0755);
	snprintf(number, sizeof(number), "%d", bystander());
	put(GROUP "/cgroup.procs", number);
}

static void mend_group(void)
{
	put(GROUP "/cgroup.freeze", "0");
	put(GROUP "/memory.max", "max");
	put(GROUP "/pids.max", "max");
	put(GROUP "/cpu.max", "max 100000");
}

static void by_cgroup_kill(void)
{
	write_to(GROUP "/cgroup.kill", "1");
}

static void by_freeze(void)
{
	write_to(GROUP "/cgroup.freeze", "1");
}

static void by_memory_max(void)
{
	write_to(GROUP "/memory.max", "4096");
}

static void by_pids_max(void)
{
	write_to(GROUP "/pids.max", "0");
}

static void by_cpu_max(void)
{
	write_to(GROUP "/cpu.max", "1000 100000");
}

static bool frozen(void)
{
	return has(GROUP "/cgroup.freeze", "1");
}

static bool starved(void)
{
	return !has(GROUP "/memory.max", "max") || !has(GROUP "/pids.max", "max") ||
	       !has(GROUP "/cpu.max", "max");
}

static void by_moving(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", stranger);
	write_to("/sys/fs/cgroup/ec-other/cgroup.procs", number);
}

static bool moved(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d\n", bystander());
	return has("/sys/fs/cgroup/ec-other/cgroup.procs", number);
}

static void by_oom_score(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", stranger);
	write_to(path, "1000");
}

static bool scored(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", bystander());
	return has(path, "1000");
}

static void unscore(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", bystander());
	put(path, "0");
}

#define TURN(knob)                                                                                 \
	{                                                                                          \
#knob, "file_open", "EACCES", ROOTS, 0, 0, NULL, knob##_set, knob##_turn,          \
			knob_turned, knob_mend                                                     \
	}
#define CONTROL(name, set, attempt, happened, mend)                                                \
	{                                                                                          \
		name, "file_open", "EACCES", ROOTS, 0, 0, NULL, set, attempt, happened, mend       \
	}
static const struct technique techniques[] = {
	TURN(core_pattern),
	TURN(modprobe),
	TURN(ftrace_enabled),
	TURN(perf_event_paranoid),
	TURN(bpf_stats),
	TURN(sysrq),
	TURN(randomize_va_space),
	TURN(panic_on_oops),
	TURN(hostname),
	TURN(overcommit_memory),
	TURN(accept_source_route),
	TURN(tracing_on),
	TURN(kprobes_enabled),
	TURN(suid_dumpable),
	TURN(protected_hardlinks),
	TURN(module_parameter),
	CONTROL("kprobe_events", NULL, by_kprobe_event, probed, unprobe),
	CONTROL("uprobe_events", NULL, by_uprobe_event, probed, unprobe),
	CONTROL("sysrq-trigger", set_log, by_sysrq, helped, NULL),
	CONTROL("/dev/kmsg", set_log, by_kmsg, forged, NULL),
	CONTROL("cgroup.kill", set_group, by_cgroup_kill, bystander_hurt, mend_group),
	CONTROL("cgroup.freeze", set_group, by_freeze, frozen, mend_group),
	CONTROL("memory.max", set_group, by_memory_max, starved, mend_group),
	CONTROL("pids.max", set_group, by_pids_max, starved, mend_group),
	CONTROL("cpu.max", set_group, by_cpu_max, starved, mend_group),
	CONTROL("cgroup.procs", set_group, by_moving, moved, mend_group),
	CONTROL("oom_score_adj", NULL, by_oom_score, scored, unscore),
};
const struct subject subject_control = SUBJECT("control", techniques);
