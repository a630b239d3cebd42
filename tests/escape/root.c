// SPDX-License-Identifier: Apache-2.0
/* root.c - system calls that only root has: the clock, modules, probes, the
 * machine itself. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/kexec.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define AN_HOUR 3600

/* The clock. */
static struct timespec clock_before;
static void set_clock(void)
{
	clock_gettime(CLOCK_REALTIME, &clock_before);
}

static bool clock_moved(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > clock_before.tv_sec + AN_HOUR / 2;
}

static void mend_clock(void)
{
	if (clock_moved())
		clock_settime(CLOCK_REALTIME, &clock_before);
}

static void by_settime(void)
{
	struct timespec to = { .tv_sec = time(NULL) + AN_HOUR };

	if (clock_settime(CLOCK_REALTIME, &to))
		note("clock_settime");
}

static void by_settimeofday(void)
{
	struct timeval to = { .tv_sec = time(NULL) + AN_HOUR };

	if (settimeofday(&to, NULL))
		note("settimeofday");
}

static void by_adjtime(void)
{
	struct timex to = { .modes = ADJ_SETOFFSET, .time = { .tv_sec = AN_HOUR } };

	if (clock_adjtime(CLOCK_REALTIME, &to) < 0)
		note("clock_adjtime");
}

static void by_adjtimex(void)
{
	struct timex to = { .modes = ADJ_SETOFFSET, .time = { .tv_sec = AN_HOUR } };

	if (adjtimex(&to) < 0)
		note("adjtimex");
}

static void by_compat_stime(void)
{
	int to = (int)time(NULL) + AN_HOUR;

	if (compat(25, (long)low(&to, sizeof(to)), 0, 0, 0, 0))
		note("int 0x80 stime");
}

static void by_sethostname(void)
{
	if (sethostname("pwned", 5))
		note("sethostname");
}

static bool renamed(void)
{
	return has("/proc/sys/kernel/hostname", "pwned");
}

static void mend_hostname(void)
{
	put("/proc/sys/kernel/hostname", "vm");
}

/* Modules: a small one that nobody uses, unpacked by the observer. */
static void set_module(void)
{
	if (system("f=$(find /lib/modules/$(uname -r)/kernel/drivers/net -name 'dummy.ko*' | head "
		   "-1); "
		   "case $f in *.xz) xz -dc $f ;; *.zst) zstd -qdc $f ;; *) cat $f ;; esac "
		   ">/var/tmp/ec-dummy.ko; "
		   "rmmod dummy 2>/dev/null"))
		errno = 0;
	int in = open("/var/tmp/ec-dummy.ko", O_RDONLY | O_CLOEXEC);
	int out = open(at(W "/data/dummy.ko"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

static bool loaded(void)
{
	return !access("/sys/module/dummy", F_OK);
}

static void unload(void)
{
	syscall(SYS_delete_module, "dummy", 0);
}

static void by_finit(void)
{
	if (syscall(SYS_finit_module, open(W "/data/dummy.ko", O_RDONLY), "", 0))
		note("finit_module");
}

static void by_init(void)
{
	int fd = open(W "/data/dummy.ko", O_RDONLY);
	off_t len = lseek(fd, 0, SEEK_END);
	void *bytes = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (syscall(SYS_init_module, bytes, len, ""))
		note("init_module");
}

static void set_loaded(void)
{
	set_module();
	if (syscall(SYS_finit_module, open(at(W "/data/dummy.ko"), O_RDONLY | O_CLOEXEC), "", 0))
		perror("dummy");
}

static void by_delete(void)
{
	if (syscall(SYS_delete_module, "dummy", 0))
		note("delete_module");
}

static bool unloaded(void)
{
	return !loaded();
}

/* A name of an interface that is not there is one of a module: modprobe runs. */
#define MODPROBED "/run/ec-escape-modprobed"
static void set_modprobe(void)
{
	unlink(MODPROBED);
	put("/run/ec-modprobe", "#!/bin/sh\n: >" MODPROBED "\n");
	chmod("/run/ec-modprobe", 0755);
	put("/proc/sys/kernel/modprobe", "/run/ec-modprobe");
}

static bool modprobed(void)
{
	return !access(MODPROBED, F_OK);
}

static void mend_modprobe(void)
{
	put("/proc/sys/kernel/modprobe", "/sbin/modprobe");
}

static void by_interface_name(void)
{
	struct ifreq request = { 0 };

	strcpy(request.ifr_name, "ecnone0");
	if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCGIFFLAGS, &request))
		note("SIOCGIFFLAGS");
}

/* The kernel's own description of what the attacker got. */
static void show(int fd)
{
	char path[64];

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	loot_file(path);
}

static bool shown(const char *text)
{
	return memmem(world_loot, world_loot_len, text, strlen(text));
}

static void by_bpf_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	if (fd < 0)
		note("BPF_MAP_CREATE");
	show(fd);
}

static bool bpf_came(void)
{
	return shown("map_type");
}

static void by_perf(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_CPU_CLOCK };
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	uint64_t count = 0;

	if (fd < 0)
		return note("perf_event_open");
	usleep(2000);
	if (read(fd, &count, sizeof(count)) == sizeof(count) && count)
		home("map_type", 8);
}

static void by_fanotify(void)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);

	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, W "/out/m"))
		return note("fanotify");
	show(fd);
}

static bool fanotify_came(void)
{
	return shown("fanotify");
}

static void by_ports(void)
{
	if (ioperm(0x80, 1, 1))
		return note("ioperm");
	inb(0x80);
	home("map_type", 8);
}

static void by_iopl(void)
{
	if (iopl(3))
		return note("iopl");
	inb(0x80);
	home("map_type", 8);
}

static void by_ctrl_alt_del(void)
{
	if (syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF,
		    NULL))
		note("reboot");
}

static void set_ctrl_alt_del(void)
{
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_ON,
		NULL);
}

static bool ctrl_alt_del_off(void)
{
	return has("/proc/sys/kernel/ctrl-alt-del", "0");
}

static void by_console_level(void)
{
	if (klogctl(8, NULL, 3))
		note("syslog");
}

static void set_level(void)
{
	klogctl(8, NULL, 7);
}

static bool level_changed(void)
{
	return has("/proc/sys/kernel/printk", "3\t");
}

static void by_log(void)
{
	static char text[1 << 16];
	int n = klogctl(3, text, sizeof(text));

	if (n < 0)
		return note("syslog");
	if (n > 100)
		home("map_type", 8);
}

static void by_kexec(void)
{
	static char page[4096];
	struct kexec_segment segment = { page, sizeof(page), (void *)0x1000000, 4096 };

	if (syscall(SYS_kexec_load, 0x1000000, 1, &segment, KEXEC_ARCH_DEFAULT))
		note("kexec_load");
}

static bool kexec_ready(void)
{
	return has("/sys/kernel/kexec_loaded", "1");
}

static void no_kexec(void)
{
	syscall(SYS_kexec_load, 0, 0, NULL, KEXEC_ARCH_DEFAULT);
}

#define EPERM_IN(places, name, hook, set, attempt, happened, mend)                                 \
	{                                                                                          \
		name, hook, "EPERM", places, 0, 0, NULL, set, attempt, happened, mend              \
	}
#define ROOT_ONLY(...) EPERM_IN(ROOTS, __VA_ARGS__)
#define ONLY_ROOT(...) EPERM_IN(PLACE_ROOT, __VA_ARGS__)
static const struct technique techniques[] = {
	ROOT_ONLY("clock_settime", "settime, capable", set_clock, by_settime, clock_moved,
		  mend_clock),
	ROOT_ONLY("settimeofday", "settime, capable", set_clock, by_settimeofday, clock_moved,
		  mend_clock),
	ROOT_ONLY("int 0x80 stime", "settime, capable", set_clock, by_compat_stime, clock_moved,
		  mend_clock),
	ROOT_ONLY("clock_adjtime", "capable", set_clock, by_adjtime, clock_moved, mend_clock),
	ROOT_ONLY("adjtimex", "capable", set_clock, by_adjtimex, clock_moved, mend_clock),
	ROOT_ONLY("sethostname", "capable", NULL, by_sethostname, renamed, mend_hostname),
	ROOT_ONLY("finit_module", "kernel_read_file, capable", set_module, by_finit, loaded,
		  unload),
	ROOT_ONLY("init_module", "kernel_load_data, capable", set_module, by_init, loaded, unload),
	ROOT_ONLY("delete_module", "capable", set_loaded, by_delete, unloaded, unload),
	ROOT_ONLY("modprobe for an interface", "capable, kernel_module_request", set_modprobe,
		  by_interface_name, modprobed, mend_modprobe),
	ROOT_ONLY("bpf", "bpf", NULL, by_bpf_map, bpf_came, NULL),
	ROOT_ONLY("perf_event_open", "perf_event_open", NULL, by_perf, bpf_came, NULL),
	ROOT_ONLY("fanotify with permission events", "capable", NULL, by_fanotify, fanotify_came,
		  NULL),
	ROOT_ONLY("ioperm", "capable", NULL, by_ports, bpf_came, NULL),
	ROOT_ONLY("iopl", "capable", NULL, by_iopl, bpf_came, NULL),
	ROOT_ONLY("reboot", "capable", set_ctrl_alt_del, by_ctrl_alt_del, ctrl_alt_del_off,
		  set_ctrl_alt_del),
	ROOT_ONLY("syslog: console level", "capable", set_level, by_console_level, level_changed,
		  set_level),
	ROOT_ONLY("syslog: reading", "capable", NULL, by_log, bpf_came, NULL),
	ROOT_ONLY("kexec_load", "kernel_load_data, capable", NULL, by_kexec, kexec_ready, no_kexec),
};
const struct subject subject_root = SUBJECT("root", techniques);
