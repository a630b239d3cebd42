// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "relay_impl.h"

static bool is_reader(enum relay_side side)
{
	return side == CLIENT_IN || side == SERVER_OUT;
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	struct relay_end *end = ctx;

	(void)fd;
	(void)what;
	relay_io_ready(end->relay, end->side);
	relay_update(end->relay);
}

int relay_end_open(struct relay *relay, enum relay_side side, int fd, bool ours)
{
	struct relay_end *end = &relay->ends[side];
	short events = (is_reader(side) ? EV_READ : EV_WRITE) | EV_PERSIST;
	int flags = fcntl(fd, F_GETFL);

	*end = (struct relay_end) { .relay = relay, .side = side, .fd = fd, .flags_before = -1 };
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	if (!ours)
		end->flags_before = flags;
	end->event = event_new(relay->base, fd, events, on_event, end);
	return end->event ? 0 : -ENOMEM;
}

void relay_end_close(struct relay *relay, enum relay_side side)
{
	struct relay_end *end = &relay->ends[side];

	if (end->event)
		event_free(end->event);
	end->event = NULL;
	end->wanted = false;
	if (end->fd < 0)
		return;
	if (end->flags_before < 0)
		close(end->fd);
	else
		fcntl(end->fd, F_SETFL, end->flags_before);
	end->fd = -1;
}

bool relay_end_is_open(const struct relay *relay, enum relay_side side)
{
	return relay->ends[side].fd >= 0;
}

void relay_end_want(struct relay *relay, enum relay_side side, bool wanted)
{
	struct relay_end *end = &relay->ends[side];

	if (!end->event || end->wanted == wanted)
		return;
	if (wanted ? event_add(end->event, NULL) : event_del(end->event))
		relay_fail(relay, -ENOMEM);
	end->wanted = wanted;
}

bool relay_end_hung_up(const struct relay *relay, enum relay_side side)
{
	struct pollfd fd = { .fd = relay->ends[side].fd };

	return fd.fd >= 0 && poll(&fd, 1, 0) == 1 && fd.revents & (POLLHUP | POLLERR);
}
