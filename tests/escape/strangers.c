// SPDX-License-Identifier: Apache-2.0
/* strangers.c - processes outside the tree: read, changed, stopped, killed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define SAME_USER (STRICT | PLACE_LOOSE)

static void ready(void)
{
	bystander();
}

static const char *proc(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", stranger, name);
	return path;
}

static void by_kill(void)
{
	if (kill(stranger, SIGKILL))
		note("kill");
}

static void by_stop(void)
{
	if (kill(stranger, SIGSTOP))
		note("kill");
}

static void by_compat_kill(void)
{
	if (compat(37, stranger, SIGKILL, 0, 0, 0))
		note("int 0x80 kill");
}

static void by_tgkill(void)
{
	if (syscall(SYS_tgkill, stranger, stranger, SIGKILL))
		note("tgkill");
}

static void by_queue(void)
{
	siginfo_t info = { .si_code = SI_QUEUE, .si_signo = SIGKILL };

	if (syscall(SYS_rt_sigqueueinfo, stranger, SIGKILL, &info))
		note("rt_sigqueueinfo");
}

static void by_pidfd(void)
{
	int fd = pidfd_open(stranger, 0);

	if (fd < 0 || pidfd_send_signal(fd, SIGKILL, NULL, 0))
		note("pidfd_send_signal");
}

/* The kernel sends it when the pipe becomes readable, as whoever set it up. */
static void signal_by_pipe(int set_owner, long owner)
{
	int fds[2];

	if (pipe(fds) || fcntl(fds[0], set_owner, owner))
		note("owner");
	if (fcntl(fds[0], F_SETSIG, SIGKILL) || fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK))
		note("F_SETSIG");
	if (write(fds[1], "x", 1) != 1)
		note("write");
	usleep(20000);
}

static void by_owner(void)
{
	signal_by_pipe(F_SETOWN, stranger);
}

static void by_owner_ex(void)
{
	struct f_owner_ex owner = { F_OWNER_PID, stranger };

	signal_by_pipe(F_SETOWN_EX, (long)&owner);
}

/* 32-bit, on a file that the agent may well open */
static void by_compat_owner(void)
{
	int fds[2];

	if (pipe(fds) || compat(221, fds[0], F_SETOWN, stranger, 0, 0))
		note("fcntl64");
	if (fcntl(fds[0], F_SETSIG, SIGKILL) || fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK))
		note("F_SETSIG");
	if (write(fds[1], "x", 1) != 1)
		note("write");
	usleep(20000);
}

#define SIOCSPGRP 0x8902
#define FIOSETOWN 0x8901
static void signal_by_socket(unsigned long request)
{
	int fds[2], owner = stranger;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) || ioctl(fds[0], request, &owner))
		note("ioctl");
	if (fcntl(fds[0], F_SETSIG, SIGKILL) || fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK))
		note("F_SETSIG");
	if (write(fds[1], "x", 1) != 1)
		note("write");
	usleep(20000);
}

static void by_siocspgrp(void)
{
	signal_by_socket(SIOCSPGRP);
}

static void by_fiosetown(void)
{
	signal_by_socket(FIOSETOWN);
}

static void by_attach(void)
{
	int status;

	if (ptrace(PTRACE_ATTACH, stranger, NULL, NULL))
		return note("PTRACE_ATTACH");
	waitpid(stranger, &status, 0);
	ptrace(PTRACE_POKEDATA, stranger, stranger_secret, (void *)0x4141414141414141);
	ptrace(PTRACE_DETACH, stranger, NULL, NULL);
}

static void by_seize(void)
{
	if (ptrace(PTRACE_SEIZE, stranger, NULL, NULL))
		return note("PTRACE_SEIZE");
	if (ptrace(PTRACE_INTERRUPT, stranger, NULL, NULL))
		note("PTRACE_INTERRUPT");
	usleep(50000);
	kill(stranger, SIGKILL);
	usleep(50000);
}

static void by_vm_readv(void)
{
	char bytes[32] = { 0 };
	struct iovec mine = { bytes, sizeof(bytes) }, theirs = { stranger_secret, sizeof(bytes) };

	if (process_vm_readv(stranger, &mine, 1, &theirs, 1, 0) < 0)
		note("process_vm_readv");
	home(bytes, sizeof(bytes));
}

static void by_vm_writev(void)
{
	char bytes[32] = "pwned";
	struct iovec mine = { bytes, sizeof(bytes) }, theirs = { stranger_secret, sizeof(bytes) };

	if (process_vm_writev(stranger, &mine, 1, &theirs, 1, 0) < 0)
		note("process_vm_writev");
}

static void by_mem(void)
{
	int fd = open(proc("mem"), O_RDWR);
	char bytes[32] = { 0 };

	if (fd < 0 || pread(fd, bytes, sizeof(bytes), (off_t)stranger_secret) < 0)
		note("mem");
	home(bytes, sizeof(bytes));
}

static void by_mem_write(void)
{
	int fd = open(proc("mem"), O_WRONLY);

	if (fd < 0 || pwrite(fd, "pwned", 6, (off_t)stranger_secret) < 0)
		note("mem");
}

static void by_environ(void)
{
	loot_file(proc("environ"));
}

static void by_task_environ(void)
{
	char path[64];

	snprintf(path, sizeof(path), "task/%d/environ", stranger);
	loot_file(proc(path));
}

static void by_root(void)
{
	loot_file(proc("root" PRIVATE));
}

static void by_cwd(void)
{
	loot_file(proc("cwd/file"));
}

static void by_fd(void)
{
	loot_file(proc("fd/50"));
}

static void by_never_fd(void)
{
	loot_file(proc("fd/51"));
}

static void by_getfd(void)
{
	int fd = pidfd_open(stranger, 0), got = pidfd_getfd(fd, 50, 0);

	if (got < 0)
		note("pidfd_getfd");
	loot_fd(got);
}

static void by_maps(void)
{
	loot_file(proc("maps"));
}

static bool mapped(void)
{
	return memmem(world_loot, world_loot_len, "[stack]", 7);
}

static void by_syscall_file(void)
{
	loot_file(proc("stat"));
	loot_file(proc("auxv"));
}

static bool auxv_came(void)
{
	/* after the text of stat: AT_SYSINFO_EHDR (33) as the first word */
	return memmem(world_loot, world_loot_len, "\x21\0\0\0\0\0\0\0", 8);
}

static const struct technique techniques[] = {
	{ "kill", "task_kill", "EPERM", ALL, 0, 0, NULL, ready, by_kill, bystander_hurt, NULL },
	{ "SIGSTOP", "task_kill", "EPERM", ALL, 0, 0, NULL, ready, by_stop, bystander_hurt, NULL },
	{ "int 0x80 kill", "task_kill", "EPERM", ALL, 0, 0, NULL, ready, by_compat_kill,
	  bystander_hurt, NULL },
	{ "tgkill", "task_kill", "EPERM", ALL, 0, 0, NULL, ready, by_tgkill, bystander_hurt, NULL },
	{ "rt_sigqueueinfo", "task_kill", "EPERM", ALL, 0, 0, NULL, ready, by_queue, bystander_hurt,
	  NULL },
	{ "pidfd_send_signal", "task_kill", "EPERM", ALL, 0, 0, NULL, ready, by_pidfd,
	  bystander_hurt, NULL },
	{ "F_SETOWN and F_SETSIG", "file_fcntl", "EPERM", ALL, 0, 0, NULL, ready, by_owner,
	  bystander_hurt, NULL },
	{ "F_SETOWN_EX and F_SETSIG", "file_fcntl", "EPERM", ALL, 0, 0, NULL, ready, by_owner_ex,
	  bystander_hurt, NULL },
	{ "int 0x80 F_SETOWN", "file_fcntl", "EPERM", ALL, 0, 0, NULL, ready, by_compat_owner,
	  bystander_hurt, NULL },
	{ "SIOCSPGRP and F_SETSIG", "file_ioctl", "EPERM", ALL, 0, 0, NULL, ready, by_siocspgrp,
	  bystander_hurt, NULL },
	{ "FIOSETOWN and F_SETSIG", "file_ioctl", "EPERM", ALL, 0, 0, NULL, ready, by_fiosetown,
	  bystander_hurt, NULL },
	{ "PTRACE_ATTACH", "ptrace_access_check", "EPERM", SAME_USER, 0, 0, NULL, ready, by_attach,
	  bystander_hurt, NULL },
	{ "PTRACE_SEIZE", "ptrace_access_check", "EPERM", SAME_USER, 0, 0, NULL, ready, by_seize,
	  bystander_hurt, NULL },
	{ "process_vm_readv", "ptrace_access_check", "EPERM", SAME_USER, 0, 0, NULL, ready,
	  by_vm_readv, looted, NULL },
	{ "process_vm_writev", "ptrace_access_check", "EPERM", SAME_USER, 0, 0, NULL, ready,
	  by_vm_writev, bystander_hurt, NULL },
	{ "proc mem", "ptrace_access_check", "EACCES", SAME_USER, 0, 0, NULL, ready, by_mem, looted,
	  NULL },
	{ "proc mem written", "file_open", "EACCES", SAME_USER, 0, 0, NULL, ready, by_mem_write,
	  bystander_hurt, NULL },
	{ "proc environ", "file_open", "EACCES, EPERM", SAME_USER, 0, 0,
	  "from 6.13 a check of our own: CAP_PERFMON passes ptrace_access_check", ready, by_environ,
	  looted, NULL },
	{ "proc task environ", "file_open", "EACCES, EPERM", SAME_USER, 0, 0, "as proc environ",
	  ready, by_task_environ, looted, NULL },
	{ "proc maps", "file_open", "EACCES, EPERM", SAME_USER, 0, 0, "as proc environ", ready,
	  by_maps, mapped, NULL },
	{ "proc auxv", "file_open", "EACCES, EPERM", SAME_USER, 0, 0, "as proc environ", ready,
	  by_syscall_file, auxv_came, NULL },
	{ "proc root", "ptrace_access_check", "EACCES", SAME_USER, 0, 0, NULL, ready, by_root,
	  looted, NULL },
	{ "proc cwd", "ptrace_access_check", "EACCES", SAME_USER, 0, 0, NULL, ready, by_cwd, looted,
	  NULL },
	{ "proc fd", "ptrace_access_check", "EACCES", SAME_USER, 0, 0, NULL, ready, by_fd, looted,
	  NULL },
	{ "proc fd of never", "ptrace_access_check", "EACCES", SAME_USER, 0, 0, NULL, ready,
	  by_never_fd, looted, NULL },
	{ "pidfd_getfd", "ptrace_access_check", "EPERM", SAME_USER, 0, 0, NULL, ready, by_getfd,
	  looted, NULL },
};
const struct subject subject_strangers = SUBJECT("strangers", techniques);
