// SPDX-License-Identifier: Apache-2.0
/* A resolver that is asked over TCP. */
#include "resolver_sides.h"

TestSuite(resolver_tcp, .init = begin, .fini = end, .timeout = 20);

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

Test(resolver_tcp, over_tcp_questions_are_answered_in_turn)
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

Test(resolver_tcp, over_tcp_an_asker_may_leave_and_may_not_send_anything)
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
