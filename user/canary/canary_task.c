// SPDX-License-Identifier: Apache-2.0
/* canary_task.c - the canary and the witness, in their own processes. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "canary_impl.h"
#include "user/trail/trail.h"

#define DISCARD_PORT 9

/* Only these stay open: whatever else we have is the controller's. */
static void keep_only(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (low)
		close_range(0, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0u, 0);
}

static bool opens(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EACCES;
}

static bool signals(pid_t controller)
{
	return !kill(controller, SIGCONT) || errno != EPERM;
}

static bool asks_bpf(void)
{
	__u32 id;

	return !bpf_prog_get_next_id(0, &id) || errno != EPERM;
}

static bool connects(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(DISCARD_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool does;

	if (fd < 0)
		return errno != EACCES && errno != EPERM;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	does = !connect(fd, (struct sockaddr *)&to, sizeof(to)) || errno != EACCES;
	close(fd);
	return does;
}

static void canary(const struct canary_ends *ends)
{
	char byte;

	prctl(PR_SET_NAME, "ec-canary");
	keep_only(ends->ask, ends->answer);
	while (read(ends->ask, &byte, 1) == 1) {
		uint8_t unrefused = (uint8_t)(opens() << CANARY_OPEN |
					      signals(ends->controller) << CANARY_SIGNAL |
					      asks_bpf() << CANARY_BPF |
					      connects() << CANARY_CONNECT);

		if (write(ends->answer, &unrefused, 1) != 1)
			break;
	}
	_exit(0);
}

static void witness(const struct canary_ends *ends)
{
	char byte;
	ssize_t n;

	prctl(PR_SET_NAME, "ec-witness");
	if (!ends->trail)
		_exit(0);
	keep_only(ends->life, trail_fd(ends->trail));
	do
		n = read(ends->life, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 0) {
		trail_follow(ends->trail);
		trail_append(ends->trail, cJSON_Duplicate(ends->last_words, true));
		trail_close(ends->trail);
	}
	_exit(0);
}

void canary_play(const struct canary_ends *ends)
{
	sigset_t all;
	pid_t pid;

	/* whoever ends us means it: SIGKILL */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	pid = fork();
	if (pid == 0)
		canary(ends);
	if (write(ends->born, &pid, sizeof(pid)) != sizeof(pid) || pid < 0)
		_exit(1);
	close(ends->ask);
	close(ends->answer);
	close(ends->born);
	witness(ends);
	_exit(0);
}
