// SPDX-License-Identifier: Apache-2.0
#include "aside.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct aside {
	struct aside_options options;
	pid_t pid; /* whose thread it is */
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t more, idle;
	bool started, busy, ends;
	int error;
	size_t first, len;
	struct trail_checkpoint queue[];
};

static void init(struct aside *aside)
{
	pthread_condattr_t attr;

	aside->pid = getpid();
	aside->started = aside->busy = aside->ends = false;
	aside->first = aside->len = 0;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&aside->mutex, NULL);
	pthread_cond_init(&aside->more, &attr);
	pthread_cond_init(&aside->idle, &attr);
	pthread_condattr_destroy(&attr);
}

int aside_open(const struct aside_options *options, struct aside **ret_aside)
{
	struct aside *aside = calloc(1, sizeof(*aside) + options->room * sizeof(aside->queue[0]));

	if (!aside)
		return -ENOMEM;
	aside->options = *options;
	init(aside);
	*ret_aside = aside;
	return 0;
}

static void *work(void *ctx)
{
	struct aside *aside = ctx;
	struct trail_checkpoint checkpoint;
	int r;

	pthread_mutex_lock(&aside->mutex);
	while (!aside->ends) {
		if (!aside->len) {
			pthread_cond_broadcast(&aside->idle);
			pthread_cond_wait(&aside->more, &aside->mutex);
			continue;
		}
		checkpoint = aside->queue[aside->first];
		aside->first = (aside->first + 1) % aside->options.room;
		aside->len--;
		aside->busy = true;
		pthread_mutex_unlock(&aside->mutex);
		r = aside->options.work(aside->options.ctx, &checkpoint);
		pthread_mutex_lock(&aside->mutex);
		aside->busy = false;
		if (r < 0)
			aside->error = r;
	}
	pthread_mutex_unlock(&aside->mutex);
	return NULL;
}

/* Signals are the others' affair. */
static int start(struct aside *aside)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&aside->thread, NULL, work, aside);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	aside->started = !err;
	return -err;
}

int aside_error(struct aside *aside)
{
	int error;

	pthread_mutex_lock(&aside->mutex);
	error = aside->error;
	aside->error = 0;
	pthread_mutex_unlock(&aside->mutex);
	return error;
}

int aside_tell(struct aside *aside, const struct trail_checkpoint *checkpoint)
{
	size_t room = aside->options.room;
	int r;

	if (aside->pid != getpid())
		init(aside);
	r = aside->started ? 0 : start(aside);
	if (r < 0)
		return r;
	pthread_mutex_lock(&aside->mutex);
	if (aside->len == room) {
		aside->first = (aside->first + 1) % room;
		aside->len--;
		if (!aside->options.newest)
			aside->error = -ENOBUFS;
	}
	aside->queue[(aside->first + aside->len++) % room] = *checkpoint;
	pthread_cond_signal(&aside->more);
	pthread_mutex_unlock(&aside->mutex);
	return aside_error(aside);
}

bool aside_wait(struct aside *aside, unsigned int milliseconds)
{
	struct timespec until;
	bool is_idle;
	int err = 0;

	if (!aside->started || aside->pid != getpid())
		return true;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&aside->mutex);
	while ((aside->len || aside->busy) && !err)
		err = pthread_cond_timedwait(&aside->idle, &aside->mutex, &until);
	is_idle = !aside->len && !aside->busy;
	pthread_mutex_unlock(&aside->mutex);
	return is_idle;
}

bool aside_close(struct aside *aside)
{
	bool busy;

	if (!aside)
		return true;
	if (aside->started && aside->pid == getpid()) {
		pthread_mutex_lock(&aside->mutex);
		aside->ends = true;
		busy = aside->busy;
		pthread_cond_signal(&aside->more);
		pthread_mutex_unlock(&aside->mutex);
		if (busy) {
			pthread_detach(aside->thread);
			return false;
		}
		pthread_join(aside->thread, NULL);
	}
	free(aside);
	return true;
}
