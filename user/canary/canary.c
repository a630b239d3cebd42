// SPDX-License-Identifier: Apache-2.0
#include "canary.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "canary_impl.h"
#include "user/sensor/sensor.h"
#include "user/sensor/tagged.h"
#include "user/util.h"

struct canary {
	struct sensor *sensor;
	int ask, answer, life;
	bool has_witness;
	bool asked;
	unsigned int waited; /* for this answer, in calls */
	uint64_t denied;     /* when it was asked */
	int last;	     /* what the last answer came to, good until the next */
	char last_what[80];
};

static uint64_t denied(const struct sensor *sensor)
{
	return __atomic_load_n(&sensor->agents[EC_CANARY_SLOT].count[EC_COUNT_DENIED],
			       __ATOMIC_SEQ_CST);
}

/* In a process that ends at once, so that what it starts is nobody's child here. */
static void leave_behind(const struct canary_ends *ends)
{
	if (fork() == 0)
		canary_play(ends);
	_exit(0);
}

static int start(struct canary *canary, struct canary_ends *ends, int born)
{
	struct pollfd one = { .fd = born, .events = POLLIN };
	pid_t between = fork(), pid = -1;

	if (between < 0)
		return -errno;
	if (between == 0)
		leave_behind(ends);
	close_fd(&ends->ask);
	close_fd(&ends->answer);
	close_fd(&ends->life);
	close_fd(&ends->born);
	while (waitpid(between, NULL, 0) < 0 && errno == EINTR)
		;
	while (poll(&one, 1, -1) < 0 && errno == EINTR)
		;
	if (read(born, &pid, sizeof(pid)) != sizeof(pid) || pid <= 0)
		return -EAGAIN;
	return tagged_put(canary->sensor, EC_CANARY_SLOT, EC_CANARY_UID, pid);
}

static int make_pipe(int *ret_read, int *ret_write)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	*ret_read = ends[0];
	*ret_write = ends[1];
	return 0;
}

int canary_open(struct sensor *sensor, struct trail *trail, const struct cJSON *last_words,
		struct canary **ret_canary)
{
	struct canary_ends ends = { .ask = -1,
				    .answer = -1,
				    .life = -1,
				    .born = -1,
				    .trail = trail,
				    .last_words = last_words,
				    .controller = getpid() };
	struct canary *canary = calloc(1, sizeof(*canary));
	_cleanup_close_ int born = -1;
	int r;

	if (!canary)
		return -ENOMEM;
	canary->sensor = sensor;
	canary->ask = canary->answer = canary->life = -1;
	canary->has_witness = trail != NULL;
	if ((r = make_pipe(&ends.ask, &canary->ask)) == 0 &&
	    (r = make_pipe(&canary->answer, &ends.answer)) == 0 &&
	    (r = make_pipe(&ends.life, &canary->life)) == 0 &&
	    (r = make_pipe(&born, &ends.born)) == 0)
		r = start(canary, &ends, born);
	close_fd(&ends.ask);
	close_fd(&ends.answer);
	close_fd(&ends.life);
	close_fd(&ends.born);
	if (r == 0 && fcntl(canary->answer, F_SETFL, O_NONBLOCK))
		r = -errno;
	if (r < 0) {
		canary_close(canary);
		return r;
	}
	*ret_canary = canary;
	return 0;
}

void canary_close(struct canary *canary)
{
	void (*before)(int);

	if (!canary)
		return;
	before = signal(SIGPIPE, SIG_IGN);
	if (canary->life >= 0 && write(canary->life, "b", 1) < 0)
		errno = 0; /* it is gone already */
	signal(SIGPIPE, before);
	close_fd(&canary->ask);
	close_fd(&canary->answer);
	close_fd(&canary->life);
	free(canary);
}

static void ask(struct canary *canary)
{
	struct pollfd one = { .fd = canary->ask, .events = POLLOUT };

	/* writing to nobody would be SIGPIPE; the next look says that it is gone */
	if (canary->asked || poll(&one, 1, 0) != 1 || one.revents & POLLERR)
		return;
	canary->denied = denied(canary->sensor);
	canary->asked = write(canary->ask, "?", 1) == 1;
	canary->waited = 0;
}

static int judge(const struct canary *canary, uint8_t unrefused, char *what, size_t what_size)
{
	static const char *const tries[CANARY_TRIES] = { "opening a file", "a signal", "bpf()",
							 "connecting" };

	/* nothing is refused where it is only seen */
	for (unsigned int i = 0; !canary->sensor->watches && i < CANARY_TRIES; i++) {
		if (!(unrefused >> i & 1))
			continue;
		snprintf(what, what_size, "%s is not refused", tries[i]);
		return -ESTALE;
	}
	if (denied(canary->sensor) - canary->denied >= CANARY_TRIES)
		return 0;
	snprintf(what, what_size, "%s",
		 canary->sensor->watches ? "effects are not seen" : "refusals are not counted");
	return -ESTALE;
}

static bool lives(int fd)
{
	struct pollfd one = { .fd = fd };

	return poll(&one, 1, 0) != 1 || !(one.revents & POLLERR);
}

static int hear(struct canary *canary, char *what, size_t what_size)
{
	uint8_t unrefused;
	ssize_t n;

	if (!lives(canary->ask) || (canary->has_witness && !lives(canary->life))) {
		snprintf(what, what_size, "the %s is gone",
			 lives(canary->ask) ? "witness" : "canary");
		return -EPIPE;
	}
	n = canary->asked ? read(canary->answer, &unrefused, 1) : 0;
	if (n == 1) {
		canary->asked = false;
		canary->last = judge(canary, unrefused, canary->last_what,
				     sizeof(canary->last_what));
	}
	if (n == 1 || !canary->asked ||
	    (n < 0 && errno == EAGAIN && ++canary->waited < CANARY_PATIENCE)) {
		snprintf(what, what_size, "%s", canary->last ? canary->last_what : "");
		return canary->last;
	}
	snprintf(what, what_size, "the canary does not answer");
	return n < 0 && errno == EAGAIN ? -ETIME : -EPIPE;
}

int canary_look(struct canary **canary, int (*make)(void *ctx, struct canary **ret_canary),
		void *ctx, char *what, size_t what_size)
{
	int r = *canary ? hear(*canary, what, what_size) : 0;

	if (r == -EPIPE) {
		canary_close(TAKE_PTR(*canary));
		return r;
	}
	if (!*canary && make(ctx, canary) < 0) {
		snprintf(what, what_size, "there can be no canary");
		return -ESTALE;
	}
	ask(*canary);
	return r;
}
