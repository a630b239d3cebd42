// SPDX-License-Identifier: Apache-2.0
/*
 * load.c - does one thing very often, and counts what came of it. The last line
 * is "NAME=COUNT ...".
 *
 *   load flood P N FILE     P processes open FILE for reading N times each
 *   load forks N FILE OK    N children that all live at once open FILE, and OK
 *   load work DIR           until DIR/stop is there: opens, forks, pipes, maps;
 *                           nobody may notice that somebody else is under load
 *   load doors N SOCKET     N connections at once that send descriptors, then
 *                           ends when ./go is there
 *   load greedy N SOCKET    N requests of 9 MiB, one after the other: ok when
 *                           there was an answer
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of all processes. */
static struct counts {
	unsigned long opened, refused, ok, born, unborn, rounds, errors;
} *counts;

static void add(unsigned long *count)
{
	__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

static void try_open(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		add(&counts->opened);
		close(fd);
	} else if (errno == EACCES) {
		add(&counts->refused);
	} else {
		add(&counts->errors);
	}
}

static void await_children(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static void flood(int processes, long times, const char *file)
{
	for (int i = 0; i < processes; i++) {
		if (fork())
			continue;
		for (long n = 0; n < times; n++)
			try_open(file);
		_exit(0);
	}
	await_children();
}

static void forks(int children, const char *file, const char *ok)
{
	int gate[2];
	char byte;

	if (pipe(gate))
		exit(2);
	for (int i = 0; i < children; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			add(&counts->unborn);
		} else if (pid) {
			add(&counts->born);
		} else {
			close(gate[1]);
			if (read(gate[0], &byte, 1))
				_exit(1);
			try_open(file);
			if (!access(ok, F_OK) && open(ok, O_RDONLY) >= 0)
				add(&counts->ok);
			_exit(0);
		}
	}
	close(gate[1]);
	await_children();
}

static int work_once(void)
{
	int fd = open("ok", O_RDONLY | O_CLOEXEC), ends[2], status = 1;
	char byte;
	void *page;
	pid_t pid;

	if (fd < 0 || read(fd, &byte, 1) != 1 || close(fd) || pipe(ends))
		return -1;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || munmap(page, 4096))
		return -1;
	pid = fork();
	if (!pid)
		_exit(write(ends[1], "x", 1) != 1);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status || read(ends[0], &byte, 1) != 1)
		return -1;
	return close(ends[0]) | close(ends[1]);
}

static void work(void)
{
	while (access("stop", F_OK)) {
		if (work_once())
			add(&counts->errors);
		add(&counts->rounds);
	}
}

/* A descriptor with each byte: who takes none must not be left with any. */
static void knock(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char control[CMSG_SPACE(sizeof(int) * 64)] = { 0 };
	struct iovec part = { "{", 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int) * 64);
	for (int i = 0; i < 64; i++)
		memcpy(CMSG_DATA(head) + sizeof(int) * i, &(int) { 0 }, sizeof(int));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		add(&counts->refused);
	else if (sendmsg(fd, &message, MSG_NOSIGNAL) == 1)
		add(&counts->ok);
	else
		add(&counts->errors);
}

static void doors(int n, const char *path)
{
	struct rlimit limit = { 8192, 8192 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		exit(2);
	for (int i = 0; i < n; i++)
		knock(path);
	close(open("knocked", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	while (access("go", F_OK))
		usleep(20000);
}

/* Whatever becomes of it, it takes memory to read. */
static int greedy_once(const char *path)
{
	static const char begin[] = "{\"op\":\"status\",\"x\":\"", end[] = "\"}\n";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char some[1 << 16], answer;

	memset(some, 'x', sizeof(some));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    send(fd, begin, sizeof(begin) - 1, MSG_NOSIGNAL) < 0)
		return -1;
	for (int i = 0; i < 9 * 16; i++)
		if (send(fd, some, sizeof(some), MSG_NOSIGNAL) < 0)
			return -1;
	if (send(fd, end, sizeof(end) - 1, MSG_NOSIGNAL) < 0 || recv(fd, &answer, 1, 0) != 1)
		return -1;
	return close(fd);
}

static void greedy(int n, const char *path)
{
	for (int i = 0; i < n; i++)
		add(greedy_once(path) ? &counts->refused : &counts->ok);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED)
		return 2;
	if (!strcmp(mode, "flood") && argc == 5)
		flood(atoi(argv[2]), atol(argv[3]), argv[4]);
	else if (!strcmp(mode, "forks") && argc == 5)
		forks(atoi(argv[2]), argv[3], argv[4]);
	else if (!strcmp(mode, "work") && argc == 3 && !chdir(argv[2]))
		work();
	else if (!strcmp(mode, "doors") && argc == 4)
		doors(atoi(argv[2]), argv[3]);
	else if (!strcmp(mode, "greedy") && argc == 4)
		greedy(atoi(argv[2]), argv[3]);
	else
		return 2;
	printf("opened=%lu refused=%lu ok=%lu born=%lu unborn=%lu rounds=%lu errors=%lu\n",
	       counts->opened, counts->refused, counts->ok, counts->born, counts->unborn,
	       counts->rounds, counts->errors);
	return 0;
}
