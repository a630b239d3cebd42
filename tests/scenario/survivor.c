// SPDX-License-Identifier: Apache-2.0
/*
 * survivor.c - an agent whose controller is killed now and then. Until DIR/stop is
 * there it tries what it may not, declares a call, does what that grants, ends it.
 *
 *   survivor DIR PORT PID    PORT: of a UDP socket on 127.0.0.1, PID: a process,
 *                            both outside and out of bounds; PID 0: it tries nothing
 *   survivor DIR once FILE   declares one call for FILE, says "open N", and then
 *                            every 20 ms whether FILE opens, until DIR/stop
 *
 * DIR/acked has a line for every answer that said yes: "begin N FILE", "end N". What
 * it could get hold of is in DIR/loot. DIR/state says rounds, answers, and the
 * granted files that did not open although the call had been acknowledged.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FILES 64

static const char *dir;
static int acked, loot, state_fd;
static unsigned long rounds, answers, wrong;

static void path_of(char *path, const char *name)
{
	snprintf(path, 256, "%s/%s", dir, name);
}

static bool exists(const char *name)
{
	char path[256];

	path_of(path, name);
	return !access(path, F_OK);
}

static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		exit(2);
}

static bool take(const char *path, bool keep)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	if (keep && n > 0 && write(loot, text, (size_t)n) < 0)
		exit(2);
	close(fd);
	return true;
}

static void break_out(int port, pid_t other)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	char path[256];
	int fd;

	path_of(path, "out/secret");
	take(path, true);
	path_of(path, "out/never");
	take(path, true);
	path_of(path, "out/victim");
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	path_of(path, "out/made");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to));
		close(fd);
	}
	kill(other, SIGUSR2);
	if (!ptrace(PTRACE_SEIZE, other, 0, 0))
		put(loot, "TRACED");
}

static int ask(const char *request, char *answer, size_t answer_size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("ENFORCECORE_SOCKET");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = 0;
	ssize_t n = -1;

	if (!path || fd < 0)
		exit(2);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		while (len + 1 < answer_size &&
		       (n = recv(fd, answer + len, answer_size - 1 - len, 0)) > 0) {
			len += (size_t)n;
			if (answer[len - 1] == '\n')
				break;
		}
	answer[len] = '\0';
	close(fd);
	return n > 0 && strstr(answer, "\"ok\":true") ? 0 : -1;
}

static unsigned long begin(const char *file, unsigned long id)
{
	char request[512], answer[4096], line[300];
	const char *call;

	snprintf(request, sizeof(request),
		 "{\"op\":\"begin\",\"tool\":\"take\",\"id\":\"r%lu\",\"arguments\":{\"path\":\"%s\"}}\n", id,
		 file);
	if (ask(request, answer, sizeof(answer)) || !(call = strstr(answer, "\"call\":")))
		return 0;
	answers++;
	snprintf(line, sizeof(line), "begin %lu %s\n", strtoul(call + 7, NULL, 10), file);
	put(acked, line);
	return strtoul(call + 7, NULL, 10);
}

static void end(unsigned long call)
{
	char request[128], answer[4096], line[64];

	snprintf(request, sizeof(request), "{\"op\":\"end\",\"call\":%lu}\n", call);
	if (ask(request, answer, sizeof(answer)))
		return;
	answers++;
	snprintf(line, sizeof(line), "end %lu\n", call);
	put(acked, line);
}

static void tell(void)
{
	char line[128];

	memset(line, ' ', sizeof(line));
	snprintf(line, sizeof(line), "%lu %lu %lu\n", rounds, answers, wrong);
	if (pwrite(state_fd, line, sizeof(line), 0) != sizeof(line))
		exit(2);
}

static int work(int port, pid_t other)
{
	char file[256], name[32];
	unsigned long call;

	for (rounds = 0; !exists("stop"); rounds++) {
		if (other)
			break_out(port, other);
		snprintf(name, sizeof(name), "g/%lu", rounds % FILES);
		path_of(file, name);
		call = begin(file, rounds);
		if (call) {
			wrong += !take(file, false);
			end(call);
		} else {
			usleep(2000);
		}
		tell();
	}
	return 0;
}

static int once(const char *file)
{
	unsigned long call = begin(file, 1);

	printf("open %lu\n", call);
	for (fflush(stdout); !exists("stop"); usleep(20000)) {
		printf("%d\n", take(file, false));
		fflush(stdout);
	}
	return 0;
}

static int open_out(const char *name, int flags)
{
	char path[256];
	int fd;

	path_of(path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	dir = argv[1];
	signal(SIGPIPE, SIG_IGN);
	acked = open_out("acked", O_APPEND);
	loot = open_out("loot", O_APPEND);
	state_fd = open_out("state", 0);
	return strcmp(argv[2], "once") ? work(atoi(argv[2]), atoi(argv[3])) : once(argv[3]);
}
