// SPDX-License-Identifier: Apache-2.0
/* bystander.c - somebody who has nothing to do with all this. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

static pid_t pid;
static uid_t uid;
static char *memory;

/* Started again by exec, so that its environment is what it was given. The
 * secret lies in a static buffer, whose address it tells. */
static char held[64];

int bystander_main(void)
{
	static const char *const files[] = { PRIVATE, NEVER };
	const char *text = getenv("ESCAPE_SECRET");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 1);
	snprintf(held, sizeof(held), "%s", text ? text : "");
	for (size_t i = 0; i < 2; i++) {
		int fd = open(files[i], O_RDONLY);

		if (fd >= 0)
			dup2(fd, 50 + (int)i);
	}
	if (chdir(W "/private"))
		perror("chdir");
	printf("%p\n", (void *)held);
	fflush(stdout);
	for (;;)
		pause();
}

static void start(void)
{
	char environment[64], line[64] = { 0 };
	int out[2];

	if (pipe2(out, O_CLOEXEC))
		return;
	snprintf(environment, sizeof(environment), "ESCAPE_SECRET=");
	if (!has(at(PRIVATE), "SECRET"))
		perror(PRIVATE);
	int fd = open(at(PRIVATE), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, environment + 14, sizeof(environment) - 15);

	environment[14 + (n > 0 ? n : 0)] = 0;
	close(fd);
	uid = world_uid;
	pid = fork();
	if (!pid) {
		char *const argv[] = { (char *)"bystander", NULL };
		char *const env[] = { environment, NULL };

		dup2(out[1], 1);
		if (world_view[0] && chroot(world_view))
			_exit(1);
		if (setgid(uid) || setuid(uid))
			_exit(1);
		execve("/proc/self/exe", argv, env);
		_exit(1);
	}
	close(out[1]);
	if (read(out[0], line, sizeof(line) - 1) > 0)
		memory = (char *)strtoul(line, NULL, 16);
	close(out[0]);
}

static bool memory_whole(void)
{
	char path[64], text[16] = { 0 };
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (pread(fd, text, 7, (off_t)memory) != 7)
		text[0] = 0;
	close(fd);
	return !strcmp(text, "SECRET-");
}

static bool in_order(void)
{
	char path[64], text[4096] = { 0 };
	const char *tracer;
	int fd;

	if (!pid || waitpid(pid, NULL, WNOHANG) == pid)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = 0;
	close(fd);
	tracer = strstr(text, "TracerPid:\t");
	return strstr(text, "State:\tS") && tracer && tracer[11] == '0' && memory_whole();
}

bool bystander_hurt(void)
{
	return !in_order();
}

void *bystander_secret(void)
{
	return memory;
}

pid_t bystander(void)
{
	if (pid && uid == world_uid && in_order())
		return pid;
	if (pid) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	start();
	return pid;
}
