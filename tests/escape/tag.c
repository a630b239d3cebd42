// SPDX-License-Identifier: Apache-2.0
/* tag.c - new tasks, in every way that one can be made: the tag goes along, and
 * so each of them meets the policy. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

/* Who has been made is gone, and all it made. */
static int made[2];

static void make(void)
{
	if (pipe2(made, O_CLOEXEC))
		note("pipe2");
}

static void await(void)
{
	char none;

	close(made[1]);
	while (read(made[0], &none, 1) < 0 && errno == EINTR)
		;
	close(made[0]);
}

static void loot(void)
{
	loot_file(PRIVATE);
	_exit(0);
}

static void by_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		loot();
	waitpid(pid, NULL, 0);
}

static void by_compat_fork(void)
{
	long pid;

	make();
	pid = compat(2, 0, 0, 0, 0, 0);
	if (!pid)
		loot();
	await();
}

static void by_double_fork(void)
{
	make();
	if (fork())
		return await();
	setsid();
	if (fork())
		_exit(0);
	usleep(50000); /* until its parent is gone */
	loot();
}

static void by_clone3(uint64_t flags, int cgroup)
{
	struct clone_args args = { .flags = flags,
				   .exit_signal = SIGCHLD,
				   .cgroup = (uint64_t)cgroup };
	long pid;

	if (flags & CLONE_PARENT)
		args.exit_signal = 0;
	make();
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		note("clone3");
	if (!pid)
		loot();
	await();
}

static void by_clone_parent(void)
{
	by_clone3(CLONE_PARENT, 0);
}

static void by_clone_clear(void)
{
	by_clone3(CLONE_CLEAR_SIGHAND, 0);
}

static void set_cgroup(void)
{
	mkdir("/sys/fs/cgroup/ec-other", 0755);
}

static void by_cgroup(void)
{
	by_clone3(CLONE_INTO_CGROUP, open("/sys/fs/cgroup/ec-other", O_RDONLY | O_DIRECTORY));
}

static void by_new_session(void)
{
	make();
	if (!fork()) {
		setsid();
		prctl(PR_SET_NAME, "systemd");
		loot();
	}
	await();
}

static void *loot_in_thread(void *arg)
{
	(void)arg;
	loot_file(PRIVATE);
	return NULL;
}

static void by_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, loot_in_thread, NULL))
		note("thread");
	pthread_join(thread, NULL);
}

/* The old leader is thrown away, the thread takes its number. */
static void *exec_in_thread(void *arg)
{
	(void)arg;
	run(W "/data/tool", "loot", PRIVATE);
	return NULL;
}

static void by_exec_in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, NULL))
		note("thread");
	pthread_join(thread, NULL);
}

static void by_exec(void)
{
	run(W "/data/tool", "loot", PRIVATE);
}

static void by_spawn(void)
{
	char *const argv[] = { (char *)"tool", (char *)"loot", (char *)PRIVATE, NULL };
	char *const env[] = { NULL };
	pid_t pid;

	if (posix_spawn(&pid, W "/data/tool", NULL, NULL, argv, env))
		note("posix_spawn");
	waitpid(pid, NULL, 0);
}

/* CLONE_VM without CLONE_THREAD: two processes, one memory. */
static int loot_in_clone(void *arg)
{
	(void)arg;
	loot_file(PRIVATE);
	_exit(0);
}

static void by_shared_memory(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int pid = clone(loot_in_clone, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD,
			NULL);

	if (pid < 0)
		note("clone");
	waitpid(pid, NULL, 0);
}

static void by_reaper(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	by_double_fork();
}

static void by_new_pid_namespace(void)
{
	if (unshare(CLONE_NEWPID | (geteuid() ? CLONE_NEWUSER : 0)))
		note("unshare");
	by_fork();
}

static void by_new_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER))
		note("unshare");
	loot_file(PRIVATE);
}

static void by_traced_child(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		loot();
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
}

#define TAG(name, attempt)                                                                         \
	{                                                                                          \
		name, "task_alloc", "the tag goes along: EACCES", ALL, 0, 0, NULL, NULL, attempt,  \
			looted, NULL                                                               \
	}
static const struct technique techniques[] = {
	TAG("fork", by_fork),
	TAG("int 0x80 fork", by_compat_fork),
	TAG("double fork", by_double_fork),
	TAG("double fork to a reaper of its own", by_reaper),
	TAG("setsid and another name", by_new_session),
	TAG("CLONE_PARENT", by_clone_parent),
	TAG("CLONE_CLEAR_SIGHAND", by_clone_clear),
	{ "CLONE_INTO_CGROUP", "task_alloc", "EPERM", ROOTS | PLACE_LOOSE, 0, 0, NULL, set_cgroup,
	  by_cgroup, looted, NULL },
	TAG("CLONE_VM, CLONE_FILES and CLONE_FS", by_shared_memory),
	TAG("thread", by_thread),
	TAG("exec in a thread that is not the first", by_exec_in_thread),
	TAG("exec of a set-user-id program", by_exec),
	TAG("posix_spawn", by_spawn),
	TAG("new pid namespace", by_new_pid_namespace),
	TAG("new user namespace", by_new_user_namespace),
	TAG("a child that it traces", by_traced_child),
};
const struct subject subject_tag = SUBJECT("tag", techniques);
