// SPDX-License-Identifier: Apache-2.0
/*
 * effects.c - what a process can do to its surroundings, each in its own way, and a
 * line of JSON for each on standard output: the process, the operation, the target
 * as the trail should have it, and how that is known:
 *
 *   said     the name is only what was written
 *   failed   the kernel refused it
 *   only     "lsm" or "syscalls": the other sensor does not tell of it
 *
 *   effects DIR PORT   DIR is empty, somebody listens on 127.0.0.1:PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *dir;

#define NEED(what)                                                                                 \
	do {                                                                                       \
		if ((what) < 0) {                                                                  \
			fprintf(stderr, "effects: %d: %s: %s\n", __LINE__, #what, strerror(errno));  \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static void tell(const char *op, const char *how, const char *format, ...)
{
	char target[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	printf("{\"pid\":%d,\"op\":\"%s\",\"target\":\"%s\"%s}\n", getpid(), op, target, how);
	fflush(stdout);
}

#define PLAIN ""
#define SAID ",\"said\":true"
#define FAILED ",\"said\":true,\"failed\":true,\"only\":\"syscalls\""

static char *at(const char *name)
{
	static char path[8][4096];
	static int next;
	char *one = path[next++ & 7];

	snprintf(one, 4096, "%s/%s", dir, name);
	return one;
}

static int new_file(const char *name)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	NEED(fd);
	tell("write", PLAIN, "%s", at(name));
	return fd;
}

static void opens(void)
{
	struct open_how how = { .flags = O_RDWR | O_CLOEXEC };
	int fd, folder;

	NEED(write(fd = new_file("a"), "a", 1));
	close(fd);
	NEED(fd = open(at("a"), O_RDONLY | O_CLOEXEC));
	tell("read", PLAIN, "%s", at("a"));
	NEED(folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC));
	NEED(openat(folder, "a", O_WRONLY | O_CLOEXEC));
	tell("write", PLAIN, "%s", at("a"));
	NEED(syscall(437, folder, "../d/./a", &how, sizeof(how)));
	tell("read", PLAIN, "%s", at("a"));
	tell("write", PLAIN, "%s", at("a"));
	NEED(creat(at("c"), 0600));
	tell("write", PLAIN, "%s", at("c"));
	/* the name that it is reached by is not what counts */
	NEED(symlink(at("a"), at("link")));
	tell("write", SAID, "%s", at("link"));
	NEED(open(at("link"), O_RDONLY | O_CLOEXEC));
	NEED(chdir(dir));
	NEED(open("./x/../c", O_RDONLY | O_CLOEXEC) + 2); /* there is no x */
	NEED(open("c", O_RDONLY | O_CLOEXEC));
	tell("read", PLAIN, "%s", at("c"));
	NEED(fchmod(fd, 0640));
	tell("write", PLAIN, "%s", at("a"));
	close(fd);
}

static void names(void)
{
	int folder;

	NEED(mkdir(at("sub"), 0755));
	tell("write", SAID, "%s", at("sub"));
	NEED(folder = open(at("sub"), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	tell("read", PLAIN, "%s", at("sub"));
	close(new_file("n1"));
	NEED(rename(at("n1"), at("n2")));
	tell("write", SAID, "%s", at("n1"));
	tell("write", SAID, "%s", at("n2"));
	NEED(renameat(AT_FDCWD, "n2", folder, "./n3"));
	tell("write", SAID, "%s", at("n2"));
	tell("write", SAID, "%s", at("sub/n3"));
	NEED(linkat(folder, "n3", AT_FDCWD, at("//n4"), 0));
	tell("read", SAID, "%s", at("sub/n3"));
	tell("write", SAID, "%s", at("sub/n3"));
	tell("write", SAID, "%s", at("n4"));
	NEED(chmod(at("sub/../n4"), 0600));
	tell("write", SAID, "%s", at("n4"));
	NEED(truncate(at("n4"), 5));
	NEED(utimensat(AT_FDCWD, at("n4"), NULL, 0));
	NEED(unlinkat(folder, "n3", 0));
	tell("write", SAID, "%s", at("sub/n3"));
	NEED(rmdir(at("sub")));
	tell("write", SAID, "%s", at("sub"));
	NEED(unlink("n4"));
	tell("write", SAID, "%s", at("n4"));
	close(folder);
}

/* As somebody else, who may not. */
static void refusals(void)
{
	pid_t pid;
	int fd = new_file("secret"), status;

	NEED(fchmod(fd, 0));
	NEED(pid = fork());
	if (!pid) {
		NEED(syscall(SYS_setresuid, 65534, 65534, 65534));
		if (open(at("secret"), O_RDWR | O_CLOEXEC) >= 0 || errno != EACCES)
			_exit(1);
		tell("read", FAILED, "%s", at("secret"));
		tell("write", FAILED, "%s", at("secret"));
		if (!unlink(at("secret")) || errno != EACCES)
			_exit(2);
		tell("write", FAILED, "%s", at("secret"));
		if (!execl(at("secret"), "x", NULL) || errno != EACCES)
			_exit(3);
		tell("exec", FAILED, "%s", at("secret"));
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0));
	NEED(status ? -1 : 0);
	close(fd);
}

/* Each the child of the one before. */
static void deep(int levels)
{
	char name[32];
	int status;
	pid_t pid;

	NEED(pid = levels & 1 ? fork() : (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		snprintf(name, sizeof(name), "deep-%d", levels);
		if (levels % 5 == 0)
			setsid();
		close(new_file(name));
		if (levels > 1)
			deep(levels - 1);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0));
	NEED(status ? -1 : 0);
}

static void *in_thread(void *name)
{
	close(new_file(name));
	return NULL;
}

static void threads(void)
{
	static const char *const name[4] = { "t0", "t1", "t2", "t3" };
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		NEED(-pthread_create(&thread[i], NULL, in_thread, (void *)name[i]));
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

static void execs(void)
{
	int fd = new_file("script"), status;
	pid_t pid;

	NEED(write(fd, "#!/usr/bin/true\n", 16));
	NEED(fchmod(fd, 0755));
	close(fd);
	NEED(pid = fork());
	if (!pid) {
		tell("exec", SAID, "%s", at("script"));
		tell("exec", PLAIN, "/usr/bin/true");
		execl("./script", "script", NULL);
		_exit(1);
	}
	NEED(waitpid(pid, &status, 0));
	NEED(status ? -1 : 0);
}

static void maps(void)
{
	int fd = open("/usr/bin/true", O_RDONLY | O_CLOEXEC);

	NEED(fd);
	tell("read", PLAIN, "/usr/bin/true");
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		NEED(-1);
	tell("load", PLAIN, "/usr/bin/true");
	close(fd);
}

static void sockets(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(own);
	int one, two;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	NEED(connect(one, (struct sockaddr *)&to, sizeof(to)));
	tell("connect", PLAIN, "127.0.0.1:%d", port);
	close(one);
	/* nobody is there */
	NEED(one = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (!connect(one, (struct sockaddr *)&(struct sockaddr_in6) { .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT }, sizeof(struct sockaddr_in6)))
		NEED(-1);
	tell("connect", PLAIN, "[::1]:9");
	close(one);
	NEED(one = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	to.sin_port = htons(9);
	sendto(one, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	tell("connect", PLAIN, "127.0.0.1:9");
	close(one);
	NEED(one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	NEED(listen(one, 1));
	NEED(getsockname(one, (struct sockaddr *)&own, &len));
	tell("listen", PLAIN, "0.0.0.0:%d", ntohs(own.sin_port));
	close(one);
	NEED(one = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	NEED(two = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	snprintf(un.sun_path, sizeof(un.sun_path), "%.90s", at("sock"));
	NEED(bind(one, (struct sockaddr *)&un, sizeof(un)));
	tell("write", PLAIN, "%s", at("sock"));
	NEED(listen(one, 1));
	tell("listen", PLAIN, "%s", at("sock"));
	NEED(connect(two, (struct sockaddr *)&un, sizeof(un)));
	tell("connect", PLAIN, "%s", at("sock"));
	close(one);
	close(two);
}

static void privileges(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	tell("privilege", PLAIN, "raw-sockets");
	if (fd >= 0)
		close(fd);
	NEED(kill(getppid(), SIGCONT)); /* the controller, which does not mind */
	tell("privilege", PLAIN, "signal");
	NEED(kill(getpid(), SIGCONT));
	syscall(SYS_bpf, 0, NULL, 0);
	tell("privilege", PLAIN, "bpf");
}

/* Like a 32-bit program; its pointers have 32 bits. */
static void compat_child(void)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r = 5; /* open */

	if (low == MAP_FAILED)
		NEED(-1);
	snprintf(low, 4096, "%s", at("compat"));
	asm volatile("int $0x80"
		     : "+a"(r)
		     : "b"((long)(uintptr_t)low), "c"((long)(O_WRONLY | O_CREAT)), "d"(0600l)
		     : "memory", "r8", "r9", "r10", "r11");
	NEED(r);
	tell("write", PLAIN, "%s", at("compat"));
	r = 10; /* unlink */
	asm volatile("int $0x80"
		     : "+a"(r)
		     : "b"((long)(uintptr_t)low)
		     : "memory", "r8", "r9", "r10", "r11");
	NEED(r);
	tell("write", SAID, "%s", at("compat"));
#endif
}

/* A kernel without them ends the process for it. */
static void compat(void)
{
	int status;
	pid_t pid;

	NEED(pid = fork());
	if (!pid) {
		compat_child();
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0));
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
		fprintf(stderr, "SKIP 32-bit calls: this kernel has none\n");
	else
		NEED(status ? -1 : 0);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: effects DIR PORT\n");
		return 2;
	}
	dir = argv[1];
	opens();
	names();
	refusals();
	deep(30);
	threads();
	execs();
	maps();
	sockets(atoi(argv[2]));
	privileges();
	compat();
	return 0;
}
