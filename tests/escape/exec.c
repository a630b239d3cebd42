// SPDX-License-Identifier: Apache-2.0
/* exec.c - programs that may not run, and code that may not be loaded. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define NEW W "/out/new"
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

static char *const born_argv[] = { (char *)"born", NULL };
static char *const no_env[] = { NULL };

static void by_execve(void)
{
	run(BORN, NULL, NULL);
}

static void by_compat_execve(void)
{
	char *name = low(BORN, sizeof(BORN));
	unsigned int argv[2] = { (unsigned int)(unsigned long)name, 0 };

	compat(11, (long)name, (long)low(argv, sizeof(argv)), (long)low(argv + 1, 4), 0, 0);
	note("int 0x80 execve");
}

static void exec_fd(int fd, char *const argv[])
{
	if (fd < 0)
		note("open");
	syscall(SYS_execveat, fd, "", argv, no_env, AT_EMPTY_PATH);
	note("execveat");
}

static void by_handle(void)
{
	exec_fd(open(BORN, O_PATH), born_argv);
}

static void by_script(void)
{
	run(W "/bin/script", NULL, NULL);
}

static void by_loader(void)
{
	run(LOADER, "/bin/echo", "BORN");
}

static void by_echo(void)
{
	run("/bin/echo", "BORN", NULL);
}

static void by_symlink(void)
{
	if (symlink(BORN, NEW))
		note("symlink");
	run(NEW, NULL, NULL);
}

static void pour(int from, int to)
{
	static char bytes[65536];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			return note("write");
}

static void by_memfd(void)
{
	int fd = (int)syscall(SYS_memfd_create, "born", 0);

	pour(open("/proc/self/exe", O_RDONLY), fd);
	exec_fd(fd, born_argv);
}

static void by_memfd_path(void)
{
	int fd = (int)syscall(SYS_memfd_create, "born", 0);
	char path[64];

	pour(open("/proc/self/exe", O_RDONLY), fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	execve(path, born_argv, no_env);
	note(path);
}

static void by_tmpfile(void)
{
	int made = open(W "/out", O_TMPFILE | O_RDWR, 0700), fd;
	char path[64];

	pour(open("/proc/self/exe", O_RDONLY), made);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", made);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		note("reopen");
	close(made); /* or it is busy */
	exec_fd(fd, born_argv);
}

static void by_copy(void)
{
	int fd = open(NEW, O_WRONLY | O_CREAT, 0700);

	pour(open("/proc/self/exe", O_RDONLY), fd);
	close(fd);
	execve(NEW, born_argv, no_env);
	note(NEW);
}

static void by_replacement(void)
{
	int fd = open(W "/data/tool", O_WRONLY | O_TRUNC);

	if (fd < 0)
		return note("tool");
	pour(open(BORN, O_RDONLY), fd);
}

static void by_rename_onto(void)
{
	int fd = open(NEW, O_WRONLY | O_CREAT, 0700);

	pour(open("/proc/self/exe", O_RDONLY), fd);
	close(fd);
	if (rename(NEW, W "/data/tool"))
		note("rename");
}

static struct stat tool;
static void look_at_tool(void)
{
	stat(at(W "/data/tool"), &tool);
}

static bool replaced(void)
{
	struct stat st;

	return stat(at(W "/data/tool"), &st) || st.st_ino != tool.st_ino ||
	       st.st_size != tool.st_size || st.st_mtim.tv_nsec != tool.st_mtim.tv_nsec;
}

static void restore_tool(void)
{
	unlink(at(NEW));
	if (replaced())
		unlink(at(BORN)); /* both are made again */
}

static int code_file(const char *path)
{
	int fd = path ? open(path, O_RDWR | O_CREAT, 0700) :
			(int)syscall(SYS_memfd_create, "code", 0);
	static char page[4096];

	memcpy(page, code_42, sizeof(code_42));
	if (write(fd, page, sizeof(page)) != sizeof(page))
		note("code");
	return fd;
}

static void by_mmap(void)
{
	run_code(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, code_file(NEW), 0));
}

static void by_compat_mmap(void)
{
	unsigned int args[6] = {
		0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, (unsigned int)code_file(NEW), 0
	};
	long at = compat(90, (long)low(args, sizeof(args)), 0, 0, 0, 0);

	run_code(at == -1 ? MAP_FAILED : (void *)(at & 0xffffffff));
}

static void by_memfd_mmap(void)
{
	run_code(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, code_file(NULL), 0));
}

static void by_mprotect(void)
{
	char *code = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, code_file(NEW), 0);

	if (code == MAP_FAILED || mprotect(code, 4096, PROT_READ | PROT_EXEC))
		return note("mprotect");
	run_code(code);
}

static void by_pkey_mprotect(void)
{
	char *code = mmap(NULL, 4096, PROT_READ, MAP_SHARED, code_file(NEW), 0);

	if (code == MAP_FAILED || syscall(SYS_pkey_mprotect, code, 4096, PROT_READ | PROT_EXEC, -1))
		return note("pkey_mprotect");
	run_code(code);
}

static void by_read_implies_exec(void)
{
	char *code;

	if (personality(READ_IMPLIES_EXEC) < 0)
		note("personality");
	code = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, code_file(NEW), 0);
	run_code(code);
}

static void by_mprotect_implied(void)
{
	char *code = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE, code_file(NEW), 0);

	if (personality(READ_IMPLIES_EXEC) < 0 || mprotect(code, 4096, PROT_READ))
		return note("mprotect");
	run_code(code);
}

/* An interpreter of its own for any file: the kernel would run it for others, too. */
static void by_binfmt(void)
{
	int fd = open("/proc/sys/fs/binfmt_misc/register", O_WRONLY);
	static const char rule[] = ":ec-escape:E::ecx::" BORN ":";

	if (fd < 0 || write(fd, rule, sizeof(rule) - 1) < 0)
		note("binfmt_misc");
}

static bool registered(void)
{
	return !access("/proc/sys/fs/binfmt_misc/ec-escape", F_OK);
}

static void unregister(void)
{
	if (registered())
		put("/proc/sys/fs/binfmt_misc/ec-escape", "-1");
}

static void *exec_in_thread(void *arg)
{
	(void)arg;
	run(BORN, NULL, NULL);
	return NULL;
}

static void by_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, NULL))
		note("thread");
	pthread_join(thread, NULL);
}

static void by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execve(BORN, born_argv, no_env);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void clear(void)
{
	unlink(at(NEW));
}

#define PROGRAM(name, attempt)                                                                     \
	{                                                                                          \
		name, "bprm_check_security", "EACCES", ALL, 0, 0, NULL, NULL, attempt, born, clear \
	}
#define CODE(name, hook, attempt)                                                                  \
	{                                                                                          \
		name, hook, "EACCES", ALL, 0, 0, NULL, NULL, attempt, born, clear                  \
	}
static const struct technique techniques[] = {
	PROGRAM("execve", by_execve),
	PROGRAM("int 0x80 execve", by_compat_execve),
	PROGRAM("execveat of a handle", by_handle),
	PROGRAM("script", by_script),
	PROGRAM("loader as a program", by_loader),
	PROGRAM("another program", by_echo),
	PROGRAM("symlink to a program", by_symlink),
	PROGRAM("memfd and execveat", by_memfd),
	PROGRAM("memfd by its proc name", by_memfd_path),
	{ "O_TMPFILE and execveat", "bprm_check_security", "EACCES", ALL, KERNEL(6, 3), 0,
	  "overlayfs has O_TMPFILE from 6.3", NULL, by_tmpfile, born, clear },
	PROGRAM("copy to where it may write", by_copy),
	PROGRAM("exec by a thread", by_thread),
	PROGRAM("vfork and exec", by_vfork),
	{ "replacing an allowed program", "file_open", "EACCES", ROOTS | PLACE_LOOSE, 0, 0, NULL,
	  look_at_tool, by_replacement, replaced, restore_tool },
	{ "renaming onto an allowed program", "path_rename", "EACCES", STRICT | PLACE_LOOSE, 0, 0,
	  NULL, look_at_tool, by_rename_onto, replaced, restore_tool },
	CODE("mmap of its own file", "mmap_file", by_mmap),
	CODE("int 0x80 mmap", "mmap_file", by_compat_mmap),
	CODE("mmap of a memfd", "mmap_file", by_memfd_mmap),
	CODE("mprotect to executable", "file_mprotect", by_mprotect),
	CODE("pkey_mprotect to executable", "file_mprotect", by_pkey_mprotect),
	CODE("READ_IMPLIES_EXEC and mmap", "mmap_file", by_read_implies_exec),
	CODE("READ_IMPLIES_EXEC and mprotect", "file_mprotect", by_mprotect_implied),
	{ "binfmt_misc", "file_open", "EACCES", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL, by_binfmt,
	  registered, unregister },
};
const struct subject subject_exec = SUBJECT("exec", techniques);
