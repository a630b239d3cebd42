// SPDX-License-Identifier: Apache-2.0
/*
 * resolver_ask.c - the servers. Each question has a socket of its own, connected,
 * so that only the server can answer it, at a port and with a number that
 * cannot be guessed (RFC 5452). One that does not answer, or not with an answer,
 * is followed by the next; an answer that does not fit is asked for again over
 * TCP.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "resolver_impl.h"
#include "user/util.h"

#define TRY_NS (2ull * 1000000000ull)
#define ROUNDS 2u

static void free_ask(struct ask *ask)
{
	struct ask **at = &ask->source.resolver->asks;

	while (*at && *at != ask)
		at = &(*at)->next;
	if (*at) {
		*at = ask->next;
		ask->source.resolver->asks_len--;
	}
	source_close(&ask->source);
	free(ask->bytes);
	free(ask);
}

static int connect_to(const struct resolver_server *server, int type)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = !memcmp(server->address, mapped, sizeof(mapped));
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(server->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(server->port) };
	_cleanup_close_ int fd = socket(v4 ? AF_INET : AF_INET6,
					type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	memcpy(&in.sin_addr, server->address + 12, 4);
	memcpy(&in6.sin6_addr, server->address, 16);
	if (connect(fd, v4 ? (void *)&in : (void *)&in6, v4 ? sizeof(in) : sizeof(in6)) &&
	    errno != EINPROGRESS)
		return -errno;
	return TAKE_FD(fd);
}

static void on_udp(struct source *source, uint32_t events);
static void on_tcp(struct source *source, uint32_t events);

static const struct resolver_server *server_of(const struct ask *ask)
{
	const struct resolver *resolver = ask->source.resolver;

	return &resolver->servers[ask->server % resolver->options.servers_len];
}

/* Asks the server that is its turn; 0: on its way. */
static int try_server(struct ask *ask)
{
	struct resolver *resolver = ask->source.resolver;
	uint8_t bytes[DNS_ASK_MAX];
	int len, r;

	source_close(&ask->source);
	if (!resolver->options.servers_len)
		return -ENETUNREACH;
	ask->source.fd = connect_to(server_of(ask), ask->tcp ? SOCK_STREAM : SOCK_DGRAM);
	if (ask->source.fd < 0)
		return ask->source.fd;
	ask->source.on = ask->tcp ? on_tcp : on_udp;
	ask->deadline_ns = resolver_now() + TRY_NS;
	ask->len = 0;
	ask->want = 0;
	if (ask->tcp)
		return source_add(resolver, &ask->source, EPOLLOUT);
	if (getrandom(&ask->id, sizeof(ask->id), 0) != sizeof(ask->id))
		return -EIO;
	len = dns_ask_write(ask->id, ask->query.name, ask->query.type, bytes);
	if (len < 0)
		return len;
	if ((r = source_add(resolver, &ask->source, EPOLLIN)) < 0)
		return r;
	return send(ask->source.fd, bytes, (size_t)len, MSG_NOSIGNAL) == len ? 0 : -EIO;
}

/* The end of a question: the asker has its answer, or that there is none. */
static void finish(struct ask *ask, const struct dns_answer *answer)
{
	struct resolver *resolver = ask->source.resolver;
	struct asker asker = ask->asker;
	struct dns_query query = ask->query;

	free_ask(ask);
	if (answer)
		name_cache_put(resolver->cache, query.name, query.type, answer, resolver_now());
	decide_answer(resolver, &asker, &query, answer);
}

static void try_next(struct ask *ask)
{
	unsigned int most = (unsigned int)ask->source.resolver->options.servers_len * ROUNDS;

	while (++ask->tries < most) {
		ask->server++;
		ask->tcp = false;
		if (try_server(ask) == 0)
			return;
	}
	finish(ask, NULL);
}

static void take(struct ask *ask, const uint8_t *bytes, size_t len)
{
	struct dns_answer answer;
	int r = dns_answer_read(bytes, len, ask->id, ask->query.name, ask->query.type, &answer);

	if (r == -EAGAIN && !ask->tcp)
		return; /* not an answer to this: another may come */
	if (r < 0 || (answer.rcode != DNS_NOERROR && answer.rcode != DNS_NXDOMAIN) ||
	    (answer.truncated && ask->tcp)) {
		try_next(ask);
		return;
	}
	if (!answer.truncated) {
		finish(ask, &answer);
		return;
	}
	ask->tcp = true;
	if (try_server(ask) < 0)
		try_next(ask);
}

static void on_udp(struct source *source, uint32_t events)
{
	struct ask *ask = (struct ask *)source;
	uint8_t bytes[DNS_PAYLOAD_MAX];
	ssize_t len = recv(source->fd, bytes, sizeof(bytes), MSG_TRUNC);

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len < 0 || (size_t)len > sizeof(bytes))
		try_next(ask); /* refused, or more than it was told to send */
	else
		take(ask, bytes, (size_t)len);
}

static int send_over_tcp(struct ask *ask)
{
	uint8_t bytes[2 + DNS_ASK_MAX];
	int len = dns_ask_write(ask->id, ask->query.name, ask->query.type, bytes + 2);

	if (len < 0)
		return len;
	bytes[0] = (uint8_t)(len >> 8);
	bytes[1] = (uint8_t)len;
	if (send(ask->source.fd, bytes, (size_t)len + 2, MSG_NOSIGNAL) != len + 2)
		return -EIO;
	if (!ask->bytes)
		ask->bytes = malloc(2 + DNS_MESSAGE_MAX);
	ask->want = 2;
	return ask->bytes ? source_change(&ask->source, EPOLLIN) : -ENOMEM;
}

static void on_tcp(struct source *source, uint32_t events)
{
	struct ask *ask = (struct ask *)source;
	ssize_t len;

	if (!ask->want) {
		if (events & (EPOLLERR | EPOLLHUP) || send_over_tcp(ask) < 0)
			try_next(ask);
		return;
	}
	len = recv(source->fd, ask->bytes + ask->len, ask->want - ask->len, 0);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		try_next(ask);
		return;
	}
	ask->len += (size_t)len;
	if (ask->len == 2 && ask->want == 2)
		ask->want += (size_t)ask->bytes[0] << 8 | ask->bytes[1];
	else if (ask->len == ask->want)
		take(ask, ask->bytes + 2, ask->len - 2);
}

int ask_start(struct resolver *resolver, const struct asker *asker, const struct dns_query *query)
{
	struct ask *ask;

	if (resolver->asks_len == RESOLVER_ASKS_MAX)
		return -EAGAIN;
	ask = calloc(1, sizeof(*ask));
	if (!ask)
		return -ENOMEM;
	ask->source.fd = -1;
	ask->source.resolver = resolver;
	ask->asker = *asker;
	ask->query = *query;
	ask->next = resolver->asks;
	resolver->asks = ask;
	resolver->asks_len++;
	resolver_tick(resolver);
	if (try_server(ask) < 0)
		try_next(ask);
	return 0;
}

void ask_tick(struct resolver *resolver, uint64_t now_ns)
{
	struct ask *at = resolver->asks;

	while (at) {
		if (at->deadline_ns > now_ns) {
			at = at->next;
			continue;
		}
		try_next(at);
		at = resolver->asks; /* one of them may be gone, and others with it */
	}
}

void ask_forget(struct resolver *resolver, const struct connection *connection)
{
	for (struct ask *at = resolver->asks; at; at = at->next)
		if (at->asker.connection == connection)
			at->asker.connection = NULL;
}

void ask_close(struct resolver *resolver)
{
	while (resolver->asks)
		free_ask(resolver->asks);
}
