// SPDX-License-Identifier: Apache-2.0
/* resolver.c - its life, its descriptors and its clock. */
#include "resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "resolver_impl.h"
#include "user/util.h"

#define TICK_NS 250000000l
/* Events taken in one run: the rest may wait for the next. */
#define RUN_MAX 256

uint64_t resolver_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

int source_add(struct resolver *resolver, struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	source->resolver = resolver;
	return epoll_ctl(resolver->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) ? -errno : 0;
}

int source_change(struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(source->resolver->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) ? -errno :
											  0;
}

/* Closing takes it out of the epoll: nobody else has the descriptor. */
void source_close(struct source *source)
{
	close_fd(&source->fd);
}

static void set_timer(struct resolver *resolver, bool on)
{
	struct itimerspec every = { { 0, on ? TICK_NS : 0 }, { 0, on ? TICK_NS : 0 } };

	if (resolver->ticking != on && !timerfd_settime(resolver->timer.fd, 0, &every, NULL))
		resolver->ticking = on;
}

void resolver_tick(struct resolver *resolver)
{
	set_timer(resolver, true);
}

static void on_timer(struct source *source, uint32_t events)
{
	struct resolver *resolver = source->resolver;
	uint64_t expirations, now = resolver_now();

	(void)events;
	if (read(source->fd, &expirations, sizeof(expirations)) < 0)
		return;
	ask_tick(resolver, now);
	front_tick(resolver, now);
	if (!resolver->asks && !resolver->connections)
		set_timer(resolver, false);
}

static int open_timer(struct resolver *resolver)
{
	resolver->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	resolver->timer.on = on_timer;
	return resolver->timer.fd < 0 ? -errno : source_add(resolver, &resolver->timer, EPOLLIN);
}

void resolver_change(struct resolver *resolver, const struct resolver_options *options)
{
	size_t len = options->servers_len;

	if (len > RESOLVER_SERVERS_MAX)
		len = RESOLVER_SERVERS_MAX;
	resolver->options = *options;
	memcpy(resolver->servers, options->servers, len * sizeof(*options->servers));
	resolver->options.servers = resolver->servers;
	resolver->options.servers_len = len;
	if (resolver->cache)
		name_cache_clear(resolver->cache);
}

int resolver_open(const struct resolver_options *options, struct resolver **ret_resolver)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	int r;

	if (!resolver)
		return -ENOMEM;
	for (size_t i = 0; i < LISTENERS; i++)
		resolver->listeners[i].fd = -1;
	resolver->timer.fd = -1;
	resolver_change(resolver, options);
	resolver->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r = resolver->epoll_fd < 0 ? -errno : 0;
	if (r < 0 || (r = name_cache_new(&resolver->cache)) < 0 || (r = open_timer(resolver)) < 0 ||
	    (r = front_open(resolver)) < 0) {
		resolver_close(resolver);
		return r;
	}
	*ret_resolver = resolver;
	return 0;
}

void resolver_close(struct resolver *resolver)
{
	if (!resolver)
		return;
	ask_close(resolver);
	front_close(resolver);
	source_close(&resolver->timer);
	close_fd(&resolver->epoll_fd);
	name_cache_free(resolver->cache);
	free(resolver);
}

uint16_t resolver_port(const struct resolver *resolver)
{
	return resolver->port;
}

int resolver_fd(const struct resolver *resolver)
{
	return resolver->epoll_fd;
}

/* One at a time: what one does may close another's descriptor. */
void resolver_run(struct resolver *resolver)
{
	struct epoll_event event;

	for (int i = 0; i < RUN_MAX && epoll_wait(resolver->epoll_fd, &event, 1, 0) == 1; i++) {
		struct source *source = event.data.ptr;

		source->on(source, event.events);
	}
}
