// SPDX-License-Identifier: Apache-2.0
/* A resolver between an asker and a server, both played here. */
#include <time.h>

#include "resolver_sides.h"

TestSuite(resolver, .init = begin, .fini = end, .timeout = 20);

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
