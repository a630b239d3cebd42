// SPDX-License-Identifier: Apache-2.0
/* A resolver between an asker and a server, both played here. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
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

static struct resolver_word on_name(void *ctx, const char *name)
{
	(void)ctx;
	if (strstr(name, "never"))
		return (struct resolver_word) { .refusal = RESOLVER_NEVER, .rule = 7 };
	return (struct resolver_word) { .refusal = strstr(name, "good") ? 0 : RESOLVER_UNNAMED };
}

static bool on_address(void *ctx, const uint8_t address[16])
{
	(void)ctx;
	return address[12] == 10;
}

static bool on_private(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return private_too;
}

static int on_bind(void *ctx, const char *name, const uint8_t address[16], uint64_t expires_ns)
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

static void on_expire(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	(void)now_ns;
}

static bool on_note(void *ctx, const struct resolver_note *note)
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

static int open_udp(uint16_t *ret_port)
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

static void begin(void)
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

static void end(void)
{
	resolver_close(resolver);
	close(server);
	close(asker);
}

TestSuite(resolver, .init = begin, .fini = end, .timeout = 20);

static bool wait_for(int fd, int ms)
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

static void ask(const char *name, uint16_t type)
{
	uint8_t bytes[DNS_ASK_MAX];
	int len = dns_ask_write(TEXT_ID, name, type, bytes);

	cr_assert_eq(send(asker, bytes, (size_t)len, 0), len);
}

/* The server's next question; false: it has none. */
static bool server_gets(struct sockaddr_in *ret_from, struct dns_query *ret_query)
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
static void server_says(const char *name)
{
	struct sockaddr_in from;
	struct dns_query query;

	cr_assert(server_gets(&from, &query));
	cr_assert_str_eq(query.name, name);
	dns_put16(text, query.id);
	cr_assert_eq(sendto(server, text, text_len, 0, (void *)&from, sizeof(from)), text_len);
}

static int replied(const char *name, uint16_t type)
{
	ssize_t len;

	cr_assert(wait_for(asker, 5000), "no reply");
	len = recv(asker, reply, sizeof(reply), 0);
	cr_assert_eq(dns_answer_read(reply, (size_t)len, TEXT_ID, name, type, &answer), 0);
	return answer.rcode;
}

Test(resolver, the_kernel_knows_before_the_agent)
{
	ask("good.org", DNS_A);
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 1);
	text_a("good.org", TTL, 2);
	server_says("good.org");
	cr_assert_eq(replied("good.org", DNS_A), DNS_NOERROR);
	cr_assert_eq(answer.addresses_len, 2);
	cr_assert_eq(binds, 2);
	cr_assert(asker_had_none);
	cr_assert_str_eq(last_bound, "good.org");
}

Test(resolver, what_is_known_is_not_asked_again)
{
	struct sockaddr_in from;
	struct dns_query query;

	ask("good.org", DNS_A);
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 1);
	server_says("good.org");
	cr_assert_eq(replied("good.org", DNS_A), DNS_NOERROR);
	ask("GOOD.org", DNS_A);
	cr_assert_eq(replied("good.org", DNS_A), DNS_NOERROR);
	cr_assert_eq(binds, 2, "and said again, for it may have been forgotten");
	cr_assert_not(server_gets(&from, &query));
}

Test(resolver, what_no_rule_names_does_not_leave)
{
	struct sockaddr_in from;
	struct dns_query query;

	ask("secret.tunnel.org", DNS_A);
	cr_assert_eq(replied("secret.tunnel.org", DNS_A), DNS_NXDOMAIN);
	ask("good.org", 16);
	cr_assert_eq(replied("good.org", 16), DNS_NOERROR);
	cr_assert_eq(answer.addresses_len, 0);
	cr_assert_not(server_gets(&from, &query));
	cr_assert_eq(last.refusal, RESOLVER_UNNAMED);
	cr_assert_eq(notes, 1);
	cr_assert_eq(binds, 0);
}

Test(resolver, in_observe_mode_everything_does)
{
	observes = true;
	ask("other.org", DNS_A);
	text_begin("other.org", DNS_A, 0x8180);
	text_a("other.org", TTL, 1);
	server_says("other.org");
	cr_assert_eq(replied("other.org", DNS_A), DNS_NOERROR);
	cr_assert_eq(answer.addresses_len, 1);
	cr_assert_eq(last.refusal, RESOLVER_UNNAMED);
}

static void rebinds(const uint8_t address[4], bool refused)
{
	binds = notes = 0;
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", 0, 1); /* not to be kept */
	text_record("good.org", DNS_A, 0, address, 4);
	ask("good.org", DNS_A);
	server_says("good.org");
	cr_assert_eq(replied("good.org", DNS_A), refused ? DNS_NXDOMAIN : DNS_NOERROR);
	cr_assert_eq(binds, refused ? 0 : 2);
	cr_assert_eq(notes, refused ? 1 : 0);
	cr_assert(!refused || last.refusal == RESOLVER_REBINDS);
}

Test(resolver, addresses_that_a_public_name_does_not_have)
{
	rebinds((const uint8_t[4]) { 192, 168, 0, 1 }, true);
	rebinds((const uint8_t[4]) { 127, 0, 0, 1 }, true);
	rebinds((const uint8_t[4]) { 169, 254, 169, 254 }, true);
	rebinds((const uint8_t[4]) { 10, 1, 2, 3 }, false); /* an address rule permits it */
	private_too = true;
	rebinds((const uint8_t[4]) { 192, 168, 0, 1 }, false);
}

Test(resolver, an_alias_that_never_names)
{
	text_begin("good.org", DNS_A, 0x8180);
	text_alias("good.org", TTL, "x.never.org");
	text_a("x.never.org", TTL, 1);
	ask("good.org", DNS_A);
	server_says("good.org");
	cr_assert_eq(replied("good.org", DNS_A), DNS_NXDOMAIN);
	cr_assert_eq(last.refusal, RESOLVER_NEVER);
	cr_assert_eq(last.rule, 7);
	cr_assert_eq(binds, 0);
}

Test(resolver, no_room_in_the_kernel_is_no_answer)
{
	no_room = true;
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 1);
	ask("good.org", DNS_A);
	server_says("good.org");
	cr_assert_eq(replied("good.org", DNS_A), DNS_SERVFAIL);
	cr_assert_eq(last.refusal, RESOLVER_NO_ROOM);
}

Test(resolver, a_short_time_to_live_is_kept_longer)
{
	struct timespec now;

	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", 1, 1);
	ask("good.org", DNS_A);
	server_says("good.org");
	cr_assert_eq(replied("good.org", DNS_A), DNS_NOERROR);
	cr_assert_eq(answer.ttl, 1, "but not told so");
	clock_gettime(CLOCK_BOOTTIME, &now);
	cr_assert_gt(last_expires, (uint64_t)(now.tv_sec + 25) * 1000000000ull);
	cr_assert_lt(last_expires, (uint64_t)(now.tv_sec + 32) * 1000000000ull);
}

Test(resolver, answers_to_other_questions_are_waited_past)
{
	struct sockaddr_in from;
	struct dns_query query;

	ask("good.org", DNS_A);
	cr_assert(server_gets(&from, &query));
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 66);
	dns_put16(text, query.id ^ 1u);
	sendto(server, text, text_len, 0, (void *)&from, sizeof(from));
	text_begin("goof.org", DNS_A, 0x8180);
	dns_put16(text, query.id);
	sendto(server, text, text_len, 0, (void *)&from, sizeof(from));
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 1);
	dns_put16(text, query.id);
	sendto(server, text, text_len, 0, (void *)&from, sizeof(from));
	cr_assert_eq(replied("good.org", DNS_A), DNS_NOERROR);
	cr_assert_eq(answer.addresses[0][15], 1);
}

Test(resolver, a_server_that_fails_is_asked_twice)
{
	for (int i = 0; i < 2; i++) {
		if (!i)
			ask("good.org", DNS_A);
		text_begin("good.org", DNS_A, 0x8182);
		server_says("good.org");
	}
	cr_assert_eq(replied("good.org", DNS_A), DNS_SERVFAIL);
	cr_assert_eq(last.refusal, RESOLVER_NO_SERVER);
}

Test(resolver, questions_under_way_have_a_limit)
{
	struct sockaddr_in from;
	struct dns_query query;
	char name[32];
	unsigned int asked = 0;

	for (unsigned int i = 0; i < RESOLVER_ASKS_MAX + 1; i++) {
		snprintf(name, sizeof(name), "good%u.org", i);
		ask(name, DNS_A);
		resolver_run(resolver);
	}
	cr_assert_eq(replied(name, DNS_A), DNS_SERVFAIL);
	while (server_gets(&from, &query))
		asked++;
	cr_assert_eq(asked, RESOLVER_ASKS_MAX);
}

Test(resolver, refusals_come_slowly_and_are_all_counted)
{
	uint64_t told = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		ask("bad.org", DNS_A);
		cr_assert_eq(replied("bad.org", DNS_A), DNS_NXDOMAIN);
		if (notes > (int)told)
			told = (uint64_t)notes;
	}
	cr_assert_lt(notes, 200);
	cr_assert_geq(notes, 64);
}

Test(resolver, bytes_that_are_no_question)
{
	send(asker, "", 0, 0);
	send(asker, "abc", 3, 0);
	send(asker, "\x12\x34\x81\x80\0\0\0\0\0\0\0\0", 12, 0);
	ask("bad.org", DNS_A);
	cr_assert_eq(replied("bad.org", DNS_A), DNS_NXDOMAIN, "the others had no reply");
}

/* ---- over TCP ---- */

static int open_tcp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(resolver_port(resolver)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(connect(fd, (void *)&to, sizeof(to)), 0);
	return fd;
}

static int read_tcp(int fd, const char *name)
{
	uint8_t bytes[2 + DNS_REPLY_MAX];

	cr_assert(wait_for(fd, 5000));
	cr_assert_eq(recv(fd, bytes, 2, MSG_WAITALL), 2);
	cr_assert_eq(recv(fd, bytes + 2, dns_get16(bytes), MSG_WAITALL), dns_get16(bytes));
	cr_assert_eq(dns_answer_read(bytes + 2, dns_get16(bytes), TEXT_ID, name, DNS_A, &answer),
		     0);
	return answer.rcode;
}

Test(resolver, over_tcp_questions_are_answered_in_turn)
{
	uint8_t bytes[4 * (2 + DNS_ASK_MAX)];
	int fd = open_tcp(), len = 0;

	for (int i = 0; i < 4; i++) {
		int n = dns_ask_write(TEXT_ID, i & 1 ? "bad.org" : "good.org", DNS_A,
				      bytes + len + 2);

		dns_put16(bytes + len, (unsigned int)n);
		len += 2 + n;
	}
	for (int i = 0; i < len; i++) { /* byte by byte */
		cr_assert_eq(send(fd, bytes + i, 1, 0), 1);
		if (i % 7 == 0)
			resolver_run(resolver);
	}
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 1);
	server_says("good.org");
	cr_assert_eq(read_tcp(fd, "good.org"), DNS_NOERROR);
	cr_assert_eq(read_tcp(fd, "bad.org"), DNS_NXDOMAIN);
	cr_assert_eq(read_tcp(fd, "good.org"), DNS_NOERROR);
	cr_assert_eq(read_tcp(fd, "bad.org"), DNS_NXDOMAIN);
	close(fd);
}

Test(resolver, over_tcp_an_asker_may_leave_and_may_not_send_anything)
{
	int fds[RESOLVER_CONNECTIONS_MAX + 4], fd = open_tcp();
	uint8_t bytes[2 + DNS_ASK_MAX], junk[4096] = { 0xff, 0xff };
	int n = dns_ask_write(TEXT_ID, "good.org", DNS_A, bytes + 2);
	char one;

	dns_put16(bytes, (unsigned int)n);
	send(fd, bytes, (size_t)n + 2, 0);
	for (int i = 0; i < 5; i++)
		resolver_run(resolver);
	close(fd); /* its question is under way */
	resolver_run(resolver);
	text_begin("good.org", DNS_A, 0x8180);
	text_a("good.org", TTL, 1);
	server_says("good.org");
	for (int i = 0; i < 5; i++)
		resolver_run(resolver);
	fd = open_tcp();
	send(fd, junk, sizeof(junk), 0);
	cr_assert(wait_for(fd, 1000));
	cr_assert_leq(recv(fd, &one, 1, 0), 0, "closed");
	close(fd);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		fds[i] = open_tcp();
		resolver_run(resolver);
	}
	cr_assert_leq(recv(fds[0], &one, 1, MSG_DONTWAIT), 0);
	cr_assert_neq(errno, EAGAIN, "the oldest is closed");
	ask("good.org", DNS_A);
	cr_assert_eq(replied("good.org", DNS_A), DNS_NOERROR, "it lives on");
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		close(fds[i]);
}
