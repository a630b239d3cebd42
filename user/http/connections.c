// SPDX-License-Identifier: Apache-2.0
#include "connections.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "user/mcp/warn.h"

static struct evconnlistener *listener_of(const struct connections *connections)
{
	return evhttp_bound_socket_get_listener(connections->socket);
}

/* We hold a reference to each, and with it its descriptor. libevent takes the
 * callbacks off the one that it frees. */
static void count(struct connections *connections)
{
	size_t len = 0;

	for (size_t i = 0; i < connections->len; i++) {
		struct bufferevent *one = connections->at[i];
		bufferevent_event_cb on_event;

		bufferevent_getcb(one, NULL, NULL, &on_event, NULL);
		if (on_event)
			connections->at[len++] = one;
		else
			bufferevent_decref(one);
	}
	connections->len = len;
}

static struct bufferevent *on_new(struct event_base *base, void *ctx)
{
	struct connections *connections = ctx;
	struct bufferevent *one = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (!one)
		return NULL;
	bufferevent_setwatermark(one, EV_READ, 0, CONNECTIONS_AHEAD_MAX);
	count(connections);
	if (connections->len < CONNECTIONS_MAX) {
		bufferevent_incref(one);
		connections->at[connections->len++] = one;
	}
	if (connections->len == CONNECTIONS_MAX)
		evconnlistener_disable(listener_of(connections));
	return one;
}

/* No descriptor is free: try again with the next pulse. */
static void on_error(struct evconnlistener *listener, void *ctx)
{
	(void)ctx;
	warn_say("a client could not be accepted: %s", strerror(errno));
	evconnlistener_disable(listener);
}

int connections_open(struct connections *connections, struct evhttp *http, int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return -errno;
	connections->socket = evhttp_accept_socket_with_handle(http, own);
	if (!connections->socket) {
		close(own);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(listener_of(connections), on_error);
	evhttp_set_bevcb(http, on_new, connections);
	evhttp_set_timeout(http, CONNECTIONS_IDLE_SECONDS);
	return 0;
}

void connections_pulse(struct connections *connections)
{
	count(connections);
	if (connections->socket && connections->len < CONNECTIONS_MAX)
		evconnlistener_enable(listener_of(connections));
}

size_t connections_unsent(const struct connections *connections)
{
	size_t unsent = 0;

	for (size_t i = 0; i < connections->len; i++)
		unsent += evbuffer_get_length(bufferevent_get_output(connections->at[i]));
	return unsent;
}

void connections_stop(struct connections *connections)
{
	if (connections->socket)
		evconnlistener_disable(listener_of(connections));
	connections->socket = NULL;
}

void connections_close(struct connections *connections)
{
	connections->socket = NULL;
	while (connections->len)
		bufferevent_decref(connections->at[--connections->len]);
}
