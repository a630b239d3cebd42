// SPDX-License-Identifier: Apache-2.0
/*
 * saboteur.c - root that wants the controller gone. Reads lines "WHAT [ARGUMENT...]"
 * from standard input, does each in a child of its own, and answers with one line:
 * what it got hold of, or how it went.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/kcmp.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define IOPRIO_IDLE (3 << 13)
#define BPF_COMMANDS 48

static char **word; /* the arguments */

static int number(int i)
{
	return atoi(word[i]);
}

/* ---- files ---- */

static long put(int flags)
{
	int fd = open(word[0], O_WRONLY | O_CLOEXEC | flags, 0600);

	return fd < 0 ? -1 : write(fd, word[1], strlen(word[1]));
}

static long do_write(void)
{
	return put(0);
}

static long do_create(void)
{
	return put(O_CREAT | O_APPEND);
}

static long do_read(void)
{
	char text[64] = "";
	int fd = open(word[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	printf("got %s\n", text);
	return 1;
}

static long do_unlink(void)
{
	return unlink(word[0]);
}

static long do_rename(void)
{
	return rename(word[0], word[1]);
}

static long do_mkdir(void)
{
	return mkdir(word[0], 0700);
}

static long do_chmod(void)
{
	return chmod(word[0], 0777);
}

static long do_symlink(void)
{
	return symlink(word[1], word[0]);
}

static long do_truncate(void)
{
	return truncate(word[0], 0);
}

static long do_flock(void)
{
	int fd = open(word[0], O_RDONLY | O_CLOEXEC);

	return fd < 0 || flock(fd, LOCK_SH | LOCK_NB) ? -1 : 0;
}

static long do_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", word[0]);
	return connect(fd, (struct sockaddr *)&to, sizeof(to));
}

/* ---- processes ---- */

static long do_kill(void)
{
	return kill(number(0), number(1));
}

static long do_tgkill(void)
{
	return syscall(SYS_tgkill, number(0), number(0), number(1));
}

static long do_pidfd_kill(void)
{
	return pidfd_send_signal(pidfd_open(number(0), 0), number(1), NULL, 0);
}

static long do_queue(void)
{
	siginfo_t info = { .si_signo = number(1), .si_code = SI_QUEUE };

	return syscall(SYS_rt_sigqueueinfo, number(0), number(1), &info);
}

static long do_nice(void)
{
	return setpriority(PRIO_PROCESS, (id_t)number(0), 5);
}

static long do_group_nice(void)
{
	return setpriority(PRIO_PGRP, (id_t)getpgid(number(0)), 5);
}

static long do_scheduler(void)
{
	return sched_setscheduler(number(0), SCHED_IDLE, &(struct sched_param) { 0 });
}

static long do_sched_attr(void)
{
	struct {
		__u32 size, policy;
		__u64 flags;
		__s32 nice;
		__u32 priority;
		__u64 rest[3];
	} attr = { .size = 48, .policy = SCHED_BATCH };

	return syscall(SYS_sched_setattr, number(0), &attr, 0);
}

static long do_affinity(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(1, &set);
	return sched_setaffinity(number(0), sizeof(set), &set);
}

static long do_ioprio(void)
{
	return syscall(SYS_ioprio_set, 1, number(0), IOPRIO_IDLE);
}

static long do_rlimit(void)
{
	struct rlimit64 limit = { .rlim_cur = 7, .rlim_max = 4096 };

	return syscall(SYS_prlimit64, number(0), RLIMIT_NOFILE, &limit, NULL);
}

static long do_pages(void)
{
	unsigned long all = 1;

	return syscall(SYS_migrate_pages, number(0), 64, &all, &all);
}

/* Before everybody else, for good. */
static long do_real_time(void)
{
	if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param) { 50 }))
		return -1;
	printf("got a real-time priority\n");
	return 1;
}

/* Who opens it waits for us. */
static long do_lease(void)
{
	int fd = open(word[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK))
		return -1;
	printf("got a lease\n");
	return 1;
}

/* Whether Ctrl-Alt-Del reboots at once, /proc/sys/kernel/ctrl-alt-del. */
static long do_reboot(void)
{
	return syscall(SYS_reboot, 0xfee1dead, 672274793, 0x89abcdef, NULL);
}

static long do_hang_up(void)
{
	long r = vhangup();

	if (r == 0)
		printf("got hung up\n");
	return r == 0 ? 1 : -1;
}

/* ---- tracing ---- */

static long do_seize(void)
{
	long r = ptrace(PTRACE_SEIZE, number(0), 0, 0);

	if (r == 0)
		usleep(300000); /* for whoever looks at TracerPid */
	return r;
}

static long do_vm_read(void)
{
	char path[64], text[64] = "";
	unsigned long at;
	struct iovec local = { text, 16 }, remote = { NULL, 16 };
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/maps", word[0]);
	maps = fopen(path, "re");
	/* where it is without one: the programs here are position-independent,
	 * addresses are not randomised in the lab */
	at = 0x555555554000ul;
	if (maps && fscanf(maps, "%lx", &at) != 1)
		return -1;
	remote.iov_base = (void *)at;
	if (process_vm_readv(number(0), &local, 1, &remote, 1, 0) != 16)
		return -1;
	printf("got %.3s\n", text + 1);
	return 1;
}

static long do_getfd(void)
{
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd_open(number(0), 0), 2, 0);

	if (fd < 0)
		return -1;
	printf("got a descriptor\n");
	return 1;
}

static long do_kcmp(void)
{
	long r = syscall(SYS_kcmp, getpid(), number(0), KCMP_FILES, 0, 0);

	if (r < 0)
		return -1;
	printf("got an order\n");
	return 1;
}

/* Its memory, out to swap: slow, and seen by nobody. */
static long do_page_out(void)
{
	struct iovec range = { (void *)0x555555554000ul, 4096 };

	if (syscall(SYS_process_madvise, pidfd_open(number(0), 0), &range, 1, MADV_PAGEOUT, 0) < 0)
		return -1;
	printf("got its pages\n");
	return 1;
}

/* ---- bpf ---- */

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* Every command that there is: which are not refused outright? */
static long do_bpf_all(void)
{
	int refused = 0;

	for (int cmd = 0; cmd < BPF_COMMANDS; cmd++) {
		union bpf_attr attr = { 0 };

		refused += bpf(cmd, &attr) < 0 && errno == EPERM;
	}
	printf(refused == BPF_COMMANDS ? "all refused\n" : "got %d\n", BPF_COMMANDS - refused);
	return 1;
}

static int map_named(const char *name)
{
	for (__u32 id = 0;;) {
		union bpf_attr attr = { .start_id = id };
		struct bpf_map_info info = { 0 };
		int fd;

		if (bpf(BPF_MAP_GET_NEXT_ID, &attr))
			return -1;
		id = attr.next_id;
		attr = (union bpf_attr) { .map_id = id };
		fd = bpf(BPF_MAP_GET_FD_BY_ID, &attr);
		if (fd < 0)
			return -1;
		attr = (union bpf_attr) { .info.bpf_fd = (__u32)fd,
					  .info.info_len = sizeof(info),
					  .info.info = (__u64)(unsigned long)&info };
		if (!bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) && !strcmp(info.name, name))
			return fd;
		close(fd);
	}
}

/* The host-wide counter of doubts, which nobody needs: 4711. */
static long do_map_by_id(void)
{
	__u64 control[8];
	__u32 zero = 0;
	union bpf_attr attr = { .map_fd = (__u32)map_named("ec_control"),
				.key = (__u64)(unsigned long)&zero,
				.value = (__u64)(unsigned long)control };

	if ((int)attr.map_fd < 0 || bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		return -1;
	control[2] = 4711;
	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

/* ---- mounts ---- */

static long do_umount(void)
{
	return umount2(word[0], MNT_DETACH);
}

static long do_cover(void)
{
	return mount("tmpfs", word[0], "tmpfs", 0, NULL);
}

static long do_read_only(void)
{
	return mount(NULL, word[0], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static long do_mount_attr(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return syscall(SYS_mount_setattr, AT_FDCWD, word[0], 0, &attr, sizeof(attr));
}

/* Another mount of cgroup2 that no path leads to. */
static long do_detached(void)
{
	int fs = (int)syscall(SYS_fsopen, "cgroup2", 0), mnt, fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	mnt = (int)syscall(SYS_fsmount, fs, 0, 0);
	fd = mnt < 0 ? -1 : openat(mnt, word[0], O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -1 : write(fd, word[1], strlen(word[1]));
}

static const struct {
	const char *name;
	long (*act)(void);
} acts[] = {
	{ "write", do_write },	     { "create", do_create },	    { "read", do_read },
	{ "unlink", do_unlink },     { "rename", do_rename },	    { "mkdir", do_mkdir },
	{ "chmod", do_chmod },	     { "symlink", do_symlink },	    { "truncate", do_truncate },
	{ "flock", do_flock },	     { "connect", do_connect },	    { "kill", do_kill },
	{ "tgkill", do_tgkill },     { "pidfd-kill", do_pidfd_kill }, { "queue", do_queue },
	{ "nice", do_nice },	     { "group-nice", do_group_nice }, { "scheduler", do_scheduler },
	{ "sched-attr", do_sched_attr }, { "affinity", do_affinity }, { "ioprio", do_ioprio },
	{ "rlimit", do_rlimit },     { "pages", do_pages },	    { "seize", do_seize },
	{ "vm-read", do_vm_read },   { "getfd", do_getfd },	    { "kcmp", do_kcmp },
	{ "bpf-all", do_bpf_all },   { "map-by-id", do_map_by_id }, { "umount", do_umount },
	{ "cover", do_cover },	     { "read-only", do_read_only }, { "mount-attr", do_mount_attr },
	{ "detached", do_detached }, { "real-time", do_real_time }, { "lease", do_lease },
	{ "reboot", do_reboot }, { "hang-up", do_hang_up }, { "page-out", do_page_out },
};

static int act(const char *what)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		long r;

		if (strcmp(acts[i].name, what))
			continue;
		errno = 0;
		r = acts[i].act();
		if (r != 1 || (!strncmp(what, "write", 5) || !strcmp(what, "detached") || !strcmp(what, "create")))
			printf("%s\n", r < 0 ? strerrorname_np(errno) : "done");
		return 0;
	}
	printf("what is %s?\n", what);
	return 1;
}

int main(void)
{
	char line[8192], *words[8] = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		size_t n = 0;
		pid_t pid;

		line[strcspn(line, "\n")] = '\0';
		for (char *at = strtok(line, "\t"); at && n < 7; at = strtok(NULL, "\t"))
			words[n++] = at;
		word = words + 1;
		pid = fork();
		if (pid == 0) {
			int r = act(words[0]);

			fflush(stdout);
			_exit(r);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}
