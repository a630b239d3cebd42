// SPDX-License-Identifier: Apache-2.0
/*
 * resolver_front.c - where the agent asks: one port of 127.0.0.1 and, where
 * there is IPv6, of ::1, over UDP and TCP (RFC 7766).
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver_impl.h"
#include "user/util.h"

#define PORT_TRIES 32
#define IDLE_NS (10ull * 1000000000ull)
#define BACKLOG 16
#define DATAGRAMS_MAX 32 /* at once, then the others have a turn */

static int bind_loopback(int type, int family, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port),
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	_cleanup_close_ int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return -errno;
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		return -errno;
	if (bind(fd, family == AF_INET ? (void *)&in : (void *)&in6,
		 family == AF_INET ? sizeof(in) : sizeof(in6)))
		return -errno;
	if (type == SOCK_STREAM && listen(fd, BACKLOG))
		return -errno;
	return TAKE_FD(fd);
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	return getsockname(fd, (void *)&in, &len) ? 0 : ntohs(in.sin_port);
}

/* ---- UDP ---- */

static void on_datagram(struct source *source, uint32_t events)
{
	uint8_t bytes[DNS_QUERY_MAX + 1];
	struct asker asker = { .listener = source };

	(void)events;
	for (int i = 0; i < DATAGRAMS_MAX; i++) {
		socklen_t from_len = sizeof(asker.from);
		ssize_t len = recvfrom(source->fd, bytes, sizeof(bytes), 0, (void *)&asker.from,
				       &from_len);

		if (len < 0)
			return;
		decide_query(source->resolver, &asker, bytes, (size_t)len);
	}
}

/* ---- TCP ---- */

static void close_connection(struct connection *connection)
{
	struct resolver *resolver = connection->source.resolver;
	struct connection **at = &resolver->connections;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	resolver->connections_len--;
	ask_forget(resolver, connection);
	source_close(&connection->source);
	free(connection);
}

static bool is_open(const struct resolver *resolver, const struct connection *connection)
{
	const struct connection *at = resolver->connections;

	while (at && at != connection)
		at = at->next;
	return at;
}

/* The next question, when it is whole. Returns its length, 0: not yet, -EMSGSIZE. */
static ssize_t take_question(struct connection *connection, uint8_t question[DNS_QUERY_MAX])
{
	size_t len;

	if (connection->len < 2)
		return 0;
	len = (size_t)connection->bytes[0] << 8 | connection->bytes[1];
	if (!len || len > DNS_QUERY_MAX)
		return -EMSGSIZE;
	if (connection->len < 2 + len)
		return 0;
	memcpy(question, connection->bytes + 2, len);
	connection->len -= 2 + len;
	memmove(connection->bytes, connection->bytes + 2 + len, connection->len);
	return (ssize_t)len;
}

/* One question at a time; those behind it wait. An answer may be there at once,
 * and may close the connection. */
static void read_questions(struct resolver *resolver, struct connection *connection)
{
	struct asker asker = { .connection = connection };
	uint8_t question[DNS_QUERY_MAX];
	ssize_t len;

	if (connection->reads)
		return; /* further up */
	connection->reads = true;
	while (!connection->waits && (len = take_question(connection, question))) {
		if (len < 0) {
			close_connection(connection);
			return;
		}
		connection->waits = true;
		decide_query(resolver, &asker, question, (size_t)len);
		if (!is_open(resolver, connection))
			return;
	}
	connection->reads = false;
}

static void on_connection(struct source *source, uint32_t events)
{
	struct connection *connection = (struct connection *)source;
	ssize_t len;

	(void)events;
	if (connection->len == sizeof(connection->bytes)) {
		/* more than it may have asked ahead */
		close_connection(connection);
		return;
	}
	len = recv(source->fd, connection->bytes + connection->len,
		   sizeof(connection->bytes) - connection->len, 0);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		close_connection(connection);
		return;
	}
	connection->len += (size_t)len;
	connection->deadline_ns = resolver_now() + IDLE_NS;
	read_questions(source->resolver, connection);
}

static struct connection *oldest(struct resolver *resolver)
{
	struct connection *last = resolver->connections;

	while (last && last->next)
		last = last->next;
	return last;
}

static void on_listener(struct source *source, uint32_t events)
{
	struct resolver *resolver = source->resolver;
	_cleanup_close_ int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *connection;

	(void)events;
	if (fd < 0)
		return;
	if (resolver->connections_len == RESOLVER_CONNECTIONS_MAX)
		close_connection(oldest(resolver));
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		return;
	connection->source.fd = fd;
	connection->source.on = on_connection;
	connection->deadline_ns = resolver_now() + IDLE_NS;
	if (source_add(resolver, &connection->source, EPOLLIN) < 0) {
		free(connection);
		return;
	}
	fd = -1;
	connection->next = resolver->connections;
	resolver->connections = connection;
	resolver->connections_len++;
	resolver_tick(resolver);
}

/* ---- both ---- */

static void send_over_tcp(struct connection *connection, const uint8_t *bytes, size_t len)
{
	/* an asker that does not even take one answer is no loss */
	if (send(connection->source.fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
		close_connection(connection);
		return;
	}
	connection->waits = false;
	read_questions(connection->source.resolver, connection);
}

void front_reply(const struct asker *asker, const struct dns_query *query,
		 const struct dns_reply *reply)
{
	uint8_t bytes[2 + DNS_REPLY_MAX];
	size_t len;

	if (!asker->listener && !asker->connection)
		return;
	len = dns_reply_write(query, reply, asker->listener ? query->payload : DNS_REPLY_MAX,
			      bytes + 2);
	if (asker->listener) {
		sendto(asker->listener->fd, bytes + 2, len, MSG_DONTWAIT | MSG_NOSIGNAL,
		       (const void *)&asker->from,
		       asker->from.ss_family == AF_INET ? sizeof(struct sockaddr_in) :
							  sizeof(struct sockaddr_in6));
		return;
	}
	bytes[0] = (uint8_t)(len >> 8);
	bytes[1] = (uint8_t)len;
	send_over_tcp(asker->connection, bytes, 2 + len);
}

void front_tick(struct resolver *resolver, uint64_t now_ns)
{
	struct connection *next;

	for (struct connection *at = resolver->connections; at; at = next) {
		next = at->next;
		if (!at->waits && at->deadline_ns <= now_ns)
			close_connection(at);
	}
}

/* All on one port, for there is one in the kernel. -EADDRINUSE: somebody has it. */
static int try_port(struct resolver *resolver)
{
	static const struct {
		int type, family;
	} kinds[LISTENERS] = { { SOCK_DGRAM, AF_INET },
			       { SOCK_STREAM, AF_INET },
			       { SOCK_DGRAM, AF_INET6 },
			       { SOCK_STREAM, AF_INET6 } };

	resolver->port = 0;
	for (size_t i = 0; i < LISTENERS; i++) {
		int fd = bind_loopback(kinds[i].type, kinds[i].family, resolver->port);

		if (kinds[i].family == AF_INET6 && (fd == -EADDRNOTAVAIL || fd == -EAFNOSUPPORT))
			continue; /* no IPv6 here: nobody can ask over it */
		if (fd < 0)
			return fd;
		resolver->listeners[i].fd = fd;
		resolver->listeners[i].on = kinds[i].type == SOCK_DGRAM ? on_datagram : on_listener;
		if (!resolver->port)
			resolver->port = port_of(fd);
	}
	return 0;
}

int front_open(struct resolver *resolver)
{
	int r = -EADDRINUSE;

	for (int i = 0; i < PORT_TRIES && r == -EADDRINUSE; i++) {
		front_close(resolver);
		r = try_port(resolver);
	}
	for (size_t i = 0; i < LISTENERS && r == 0; i++)
		if (resolver->listeners[i].fd >= 0)
			r = source_add(resolver, &resolver->listeners[i], EPOLLIN);
	return r;
}

void front_close(struct resolver *resolver)
{
	while (resolver->connections)
		close_connection(resolver->connections);
	for (size_t i = 0; i < LISTENERS; i++)
		source_close(&resolver->listeners[i]);
}
