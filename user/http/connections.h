/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connections.h - how many clients are connected. libevent 2.1 knows no limit;
 * this one stops accepting when there are too many, and counts again in a pulse.
 */
#ifndef EC_HTTP_CONNECTIONS_H
#define EC_HTTP_CONNECTIONS_H

#include <stddef.h>

struct bufferevent;
struct event_base;
struct evhttp;
struct evhttp_bound_socket;

/* Those with a request, and as many again that wait between two. */
#define CONNECTIONS_MAX 512u
/* What one may send ahead of what is read of it. */
#define CONNECTIONS_AHEAD_MAX (12u << 20)
/* A client that says nothing, or does not go on in a request, is let go. */
#define CONNECTIONS_IDLE_SECONDS 60

struct connections {
	struct evhttp_bound_socket *socket;
	size_t len;
	struct bufferevent *at[CONNECTIONS_MAX];
};

/* fd listens, and is not closed. */
int connections_open(struct connections *connections, struct evhttp *http, int fd);
void connections_pulse(struct connections *connections);
/* Bytes that clients have still to read. */
size_t connections_unsent(const struct connections *connections);
void connections_stop(struct connections *connections); /* accepts no more */
void connections_close(struct connections *connections);

#endif
