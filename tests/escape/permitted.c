// SPDX-License-Identifier: Apache-2.0
/* permitted.c - what the policy lets the attacker do, works: it is held, not broken. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

static void reading(void)
{
	loot_file(W "/data/plain");
}

static bool plain(void)
{
	return memmem(world_loot, world_loot_len, "plain", 5);
}

static void writing(void)
{
	int fd = open(W "/out/new", O_RDWR | O_CREAT, 0644);

	if (fd < 0 || write(fd, "mine", 4) != 4 || fchmod(fd, 0600) || ftruncate(fd, 3))
		note("write");
	if (rename(W "/out/new", W "/out/other/x") || rename(W "/out/other/x", W "/out/new"))
		note("rename");
	loot_fd(fd);
}

static bool written(void)
{
	return has(at(W "/out/new"), "min");
}

static void clear(void)
{
	unlink(at(W "/out/new"));
}

static void connecting(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(OPEN_PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (void *)&to, sizeof(to)) || send(fd, "hello", 5, 0) != 5)
		return note("connect");
	home("plain", 5);
}

/* Memory, descriptors, signals and shared segments among one's own. */
static void own_things(void)
{
	int pair[2], segment = shmget(IPC_PRIVATE, 4096, 0600), bytes = 0, status = 0;
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *jit = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || shared == MAP_FAILED || jit == MAP_FAILED)
		return note("memory");
	pid = fork();
	if (!pid) {
		char *at = shmat(segment, NULL, 0);

		if (at == (void *)-1)
			_exit(1);
		strcpy(at, "plain");
		if (write(pair[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	if (read(pair[0], &bytes, 1) != 1 || ioctl(pair[0], FIONREAD, &bytes) ||
	    fcntl(pair[0], F_SETOWN, getpid()))
		note("pair");
	usleep(1000);
	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid)
		note("kill");
	memcpy(jit, code_42, sizeof(code_42));
	if (mprotect(jit, 4096, PROT_READ | PROT_EXEC))
		return note("mprotect");
	char *at = shmat(segment, NULL, 0);

	if (at != (void *)-1)
		home(at, 5);
	else
		note("shmat");
	shmctl(segment, IPC_RMID, NULL);
}

/* Files that no path leads to: their size, mode and times are their owner's affair. */
static void nameless(void)
{
	int memory = memfd_create("plain", MFD_ALLOW_SEALING), pipes[2];
	int socket_ = socket(AF_UNIX, SOCK_STREAM, 0), segment = shmget(IPC_PRIVATE, 4096, 0700);
	char *at;

	if (memory < 0 || ftruncate(memory, 4096))
		return note("memfd");
	if (fchmod(memory, 0600))
		return note("fchmod");
	if (futimens(memory, NULL))
		return note("futimens");
	if (fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK))
		return note("F_ADD_SEALS");
	if (pipe(pipes) || fchmod(pipes[0], 0600) || fchmod(socket_, 0600) ||
	    fchown(socket_, geteuid(), (gid_t)-1))
		return note("pipe and socket");
	if (shmat(segment, NULL, SHM_EXEC) == (void *)-1)
		note("shmat SHM_EXEC");
	shmctl(segment, IPC_RMID, NULL);
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (at == MAP_FAILED)
		return note("mmap");
	strcpy(at, "plain");
	home(at, 5);
}

static void tool(void)
{
	run(W "/data/tool", "loot", W "/data/plain");
}

#define OK(name, attempt, happened, mend)                                                          \
	{                                                                                          \
		name, "", "permitted", ALL, 0, 0, NULL, NULL, attempt, happened, mend              \
	}
static const struct technique techniques[] = {
	OK("reading what it may", reading, plain, NULL),
	OK("writing where it may", writing, written, clear),
	OK("connecting where it may", connecting, plain, NULL),
	OK("a program that it may", tool, plain, NULL),
	OK("its own memory, children and segments", own_things, plain, NULL),
	OK("memfd, pipe, socket and executable segment", nameless, plain, NULL),
};
const struct subject subject_permitted = SUBJECT("permitted", techniques);
