// SPDX-License-Identifier: Apache-2.0
/*
 * calls.c - what one call let a task open, used when the call has ended or under
 * the next. The attacker declares over the control socket (user/PROTOCOL.md);
 * without EnforceCore nobody asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

/* One request; the number in its answer, 0 when refused. */
static unsigned long ask(const char *request)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("ENFORCECORE_SOCKET"), *number;
	char answer[1024] = { 0 };
	int fd;

	if (!path)
		return 1;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (void *)&to, sizeof(to)) || send(fd, request, strlen(request), 0) < 0 ||
	    recv(fd, answer, sizeof(answer) - 1, 0) <= 0)
		note("declare");
	close(fd);
	number = strstr(answer, "\"call\":");
	if (!number)
		dprintf(2, "%s", answer);
	return number ? strtoul(number + 7, NULL, 10) : 0;
}

static unsigned long begin(const char *tool, const char *path)
{
	char request[512];

	snprintf(request, sizeof(request),
		 "{\"op\":\"begin\",\"tool\":\"%s\",\"arguments\":{\"path\":\"%s\"}}\n", tool,
		 path);
	return ask(request);
}

static void end(unsigned long call)
{
	char request[128];

	snprintf(request, sizeof(request), "{\"op\":\"end\",\"call\":%lu}\n", call);
	ask(request);
}

/* A descriptor that a call, ended by now, let it have. */
static int left_by(const char *tool, int flags)
{
	unsigned long call = begin(tool, PRIVATE);
	int fd = open(PRIVATE, flags | O_CLOEXEC);

	if (fd < 0)
		note("open under the call");
	end(call);
	return fd;
}

static void under_its_call(void)
{
	unsigned long call = begin("look", PRIVATE);

	loot_file(PRIVATE);
	end(call);
}

static void read_after(void)
{
	loot_fd(left_by("look", O_RDONLY));
}

static void read_under_next(void)
{
	int fd = left_by("look", O_RDONLY);
	unsigned long call = begin("idle", "");

	loot_fd(fd);
	end(call);
}

static void write_after(void)
{
	if (pwrite(left_by("note", O_RDWR), "PWNED", 5, 0) != 5)
		note("write");
}

static void append_by_splice(void)
{
	int fd = left_by("note", O_RDWR), pipes[2];
	loff_t at = 0;

	if (pipe(pipes) || write(pipes[1], "PWNED", 5) != 5 ||
	    splice(pipes[0], NULL, fd, &at, 5, 0) != 5)
		note("splice");
}

static void splice_after(void)
{
	int fd = left_by("look", O_RDONLY), pipes[2];
	char bytes[64];

	if (pipe(pipes) || splice(fd, NULL, pipes[1], NULL, sizeof(bytes), 0) < 0)
		return note("splice");
	home(bytes, (size_t)read(pipes[0], bytes, sizeof(bytes)));
}

static void sendfile_after(void)
{
	int fd = left_by("look", O_RDONLY), pair[2];
	char bytes[64];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    sendfile(pair[0], fd, NULL, sizeof(bytes)) < 0)
		return note("sendfile");
	n = recv(pair[1], bytes, sizeof(bytes), MSG_DONTWAIT);
	home(bytes, n > 0 ? (size_t)n : 0);
}

static void copy_after(void)
{
	int fd = left_by("look", O_RDONLY), to = open(W "/out/new", O_RDWR | O_CREAT, 0600);

	if (copy_file_range(fd, NULL, to, NULL, 64, 0) < 0)
		note("copy_file_range");
	loot_fd(to);
}

static void map_after(void)
{
	char *bytes = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, left_by("look", O_RDONLY), 0);

	if (bytes == MAP_FAILED)
		return note("mmap");
	home(bytes, strlen(bytes));
}

static void map_shared_after(void)
{
	char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, left_by("note", O_RDWR),
			   0);

	if (bytes == MAP_FAILED)
		return note("mmap");
	memcpy(bytes, "PWNED", 5);
}

static void upgrade_after(void)
{
	unsigned long call = begin("note", PRIVATE);
	int fd = open(PRIVATE, O_RDWR);
	char *bytes = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	end(call);
	if (bytes == MAP_FAILED || mprotect(bytes, 4096, PROT_READ | PROT_WRITE))
		return note("mprotect");
	memcpy(bytes, "PWNED", 5);
}

static void truncate_after(void)
{
	if (ftruncate(left_by("note", O_RDWR), 0))
		note("ftruncate");
}

static void punch_after(void)
{
	if (fallocate(left_by("note", O_RDWR), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 6))
		note("fallocate");
}

static void child_after(void)
{
	int fd = left_by("look", O_RDONLY);
	pid_t pid = fork();

	if (!pid) {
		loot_fd(fd);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* Started under the call, and outlives it. */
static void survivor(void)
{
	unsigned long call = begin("look", PRIVATE);
	int go[2];
	pid_t pid;
	char byte;

	if (pipe(go))
		note("pipe");
	pid = fork();
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) >= 0)
			loot_file(PRIVATE);
		_exit(0);
	}
	end(call);
	close(go[1]);
	waitpid(pid, NULL, 0);
}

static void uring_after(void)
{
	static char bytes[64];
	struct io_uring_sqe sqe = { .opcode = IORING_OP_READ,
				    .flags = IOSQE_ASYNC,
				    .fd = left_by("look", O_RDONLY),
				    .addr = (uintptr_t)bytes,
				    .len = sizeof(bytes) };
	long n = uring(&sqe, 0);

	if (n > 0)
		home(bytes, (size_t)n);
}

static void uring_open_after(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT,
				    .flags = IOSQE_ASYNC,
				    .fd = AT_FDCWD,
				    .addr = (uintptr_t)PRIVATE };
	long fd;

	end(begin("look", PRIVATE));
	fd = uring(&sqe, IORING_SETUP_SQPOLL);
	if (fd >= 0)
		loot_fd((int)fd);
}

static void list_after(void)
{
	char entries[1024];
	unsigned long call = begin("look", W "/private");
	int fd = open(W "/private", O_RDONLY | O_DIRECTORY);
	long n;

	end(call);
	n = syscall(SYS_getdents64, fd, entries, sizeof(entries));
	if (n < 0)
		return note("getdents64");
	home(entries, (size_t)n);
}

static bool listed(void)
{
	return memmem(world_loot, world_loot_len, "file", 4);
}

static void never_declared(void)
{
	unsigned long call = begin("look", W "/data/../secret/key");

	loot_file(SECRET);
	end(call);
}

static void beyond_the_ceiling(void)
{
	unsigned long call = begin("note", VICTIM);
	int fd = open(VICTIM, O_WRONLY);

	if (fd < 0 || write(fd, "PWNED", 5) != 5)
		note("write");
	end(call);
}

static void by_forged_end(void)
{
	/* a number that was never given: nothing may open by asking */
	end(4096);
	loot_file(PRIVATE);
}

static bool spoilt(void)
{
	return !has(at(PRIVATE), "SECRET");
}

static void clear(void)
{
	unlink(at(W "/out/new"));
}

#define USE(name, hook, attempt, happened)                                                         \
	{                                                                                          \
		name, hook, "EACCES", ALL, 0, 0, NULL, NULL, attempt, happened, clear              \
	}
static const struct technique techniques[] = {
	{ "read under its call", "", "permitted", ALL, 0, 0, NULL, NULL, under_its_call, looted,
	  NULL },
	USE("read when the call has ended", "file_permission", read_after, looted),
	USE("read under the next call", "file_permission", read_under_next, looted),
	USE("write when the call has ended", "file_permission", write_after, spoilt),
	USE("splice into it", "file_permission", append_by_splice, spoilt),
	USE("splice out of it", "file_permission", splice_after, looted),
	USE("sendfile from it", "file_permission", sendfile_after, looted),
	USE("copy_file_range from it", "file_permission", copy_after, looted),
	USE("mmap of it", "mmap_file", map_after, looted),
	USE("shared mmap of it", "mmap_file", map_shared_after, spoilt),
	USE("mprotect of a shared mapping", "file_mprotect", upgrade_after, spoilt),
	{ "ftruncate of it", "path_truncate, file_truncate", "EACCES", ALL, 0, 0,
	  "file_truncate from 6.2", NULL, truncate_after, spoilt, NULL },
	USE("fallocate in it", "file_permission", punch_after, spoilt),
	USE("getdents of it", "file_permission", list_after, listed),
	USE("a child with the descriptor", "file_permission", child_after, looted),
	USE("a child that outlives its call", "file_open", survivor, looted),
	USE("io_uring read of it", "file_permission", uring_after, looted),
	USE("io_uring open when the call has ended", "file_open", uring_open_after, looted),
	USE("a call for what never names", "file_open", never_declared, looted),
	{ "a call beyond its ceiling", "file_open", "EACCES", STRICT, 0, 0, NULL, NULL,
	  beyond_the_ceiling, changed, NULL },
	USE("an end that was never begun", "file_open", by_forged_end, looted),
};
const struct subject subject_calls = SUBJECT("calls", techniques);
