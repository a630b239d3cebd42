/* SPDX-License-Identifier: Apache-2.0 */
/* resolver_sides.h - a resolver between an asker and a server, both played by the test. */
#ifndef EC_TEST_RESOLVER_SIDES_H
#define EC_TEST_RESOLVER_SIDES_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_text.h"
#include "user/resolver/resolver.h"

#define TTL 300u

static struct resolver *resolver;
static int server, asker, binds, notes;
static bool observes, private_too, no_room, asker_had_none;
static struct resolver_note last;
static char last_bound[DNS_NAME_SIZE];
static uint64_t last_expires;
static uint8_t reply[DNS_REPLY_MAX];
static struct dns_answer answer;

/* ---- what it works for ---- */

static inline struct resolver_word on_name(void *ctx, const char *name)
{
	(void)ctx;
	if (strstr(name, "never"))
		return (struct resolver_word) { .refusal = RESOLVER_NEVER, .rule = 7 };
	return (struct resolver_word) { .refusal = strstr(name, "good") ? 0 : RESOLVER_UNNAMED };
}

static inline bool on_address(void *ctx, const uint8_t address[16])
{
	(void)ctx;
	return address[12] == 10;
}

static inline bool on_private(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return private_too;
}

static inline int on_bind(void *ctx, const char *name, const uint8_t address[16],
			  uint64_t expires_ns)
{
	struct pollfd fd = { .fd = asker, .events = POLLIN };

	(void)ctx;
	(void)address;
	if (no_room)
		return -ENOSPC;
	asker_had_none &= poll(&fd, 1, 0) == 0;
	strcpy(last_bound, name);
	last_expires = expires_ns;
	binds++;
	return 0;
}

static inline void on_expire(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	(void)now_ns;
}

static inline bool on_note(void *ctx, const struct resolver_note *note)
{
	(void)ctx;
	if (note) {
		last = *note;
		notes++;
	}
	return observes;
}

static const struct resolver_ops ops = { on_name, on_address, on_private,
					 on_bind, on_expire,  on_note };

/* ---- both ends ---- */

static inline int open_udp(uint16_t *ret_port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	cr_assert_eq(bind(fd, (void *)&in, sizeof(in)), 0);
	cr_assert_eq(getsockname(fd, (void *)&in, &len), 0);
	*ret_port = ntohs(in.sin_port);
	return fd;
}

static inline void begin(void)
{
	struct resolver_server servers[1] = { { .address = { [10] = 0xff, 0xff, 127, 0, 0, 1 } } };
	struct resolver_options options = {
		.ops = &ops, .servers = servers, .servers_len = 1, .keep_ms = 30000
	};
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint16_t unused;

	asker_had_none = true;
	server = open_udp(&servers[0].port);
	cr_assert_eq(resolver_open(&options, &resolver), 0);
	asker = open_udp(&unused);
	to.sin_port = htons(resolver_port(resolver));
	cr_assert_eq(connect(asker, (void *)&to, sizeof(to)), 0);
}

static inline void end(void)
{
	resolver_close(resolver);
	close(server);
	close(asker);
}

static inline bool wait_for(int fd, int ms)
{
	struct pollfd fds[2] = { { .fd = resolver_fd(resolver), .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };

	for (int i = 0; i < 100; i++) {
		if (poll(fds, 2, ms) <= 0)
			return false;
		if (fds[1].revents)
			return true;
		resolver_run(resolver);
	}
	return false;
}

static inline void ask(const char *name, uint16_t type)
{
	uint8_t bytes[DNS_ASK_MAX];
	int len = dns_ask_write(TEXT_ID, name, type, bytes);

	cr_assert_eq(send(asker, bytes, (size_t)len, 0), len);
}

/* The server's next question; false: it has none. */
static inline bool server_gets(struct sockaddr_in *ret_from, struct dns_query *ret_query)
{
	socklen_t len = sizeof(*ret_from);
	uint8_t bytes[DNS_QUERY_MAX];
	ssize_t n;

	if (!wait_for(server, 100))
		return false;
	n = recvfrom(server, bytes, sizeof(bytes), 0, (void *)ret_from, &len);
	cr_assert_gt(n, 0);
	cr_assert_eq(dns_query_read(bytes, (size_t)n, ret_query), 0);
	return true;
}

/* The server answers the next question with text_*; the id is filled in. */
static inline void server_says(const char *name)
{
	struct sockaddr_in from;
	struct dns_query query;

	cr_assert(server_gets(&from, &query));
	cr_assert_str_eq(query.name, name);
	dns_put16(text, query.id);
	cr_assert_eq(sendto(server, text, text_len, 0, (void *)&from, sizeof(from)), text_len);
}

static inline int replied(const char *name, uint16_t type)
{
	ssize_t len;

	cr_assert(wait_for(asker, 5000), "no reply");
	len = recv(asker, reply, sizeof(reply), 0);
	cr_assert_eq(dns_answer_read(reply, (size_t)len, TEXT_ID, name, type, &answer), 0);
	return answer.rcode;
}

#endif
