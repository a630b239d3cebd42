// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dns_text.h"

static struct dns_query query;
static struct dns_answer answer;

#define QUERY(bytes) dns_query_read((const uint8_t *)(bytes), sizeof(bytes) - 1, &query)
#define HEAD "\x12\x34\x01\0\0\1\0\0\0\0\0\0"
#define HEAD_OPT "\x12\x34\x01\0\0\1\0\0\0\0\0\1"
#define QUESTION "\1a\3Org\0\0\1\0\1"

Test(dns_message, a_question)
{
	cr_assert_eq(QUERY(HEAD QUESTION), 0);
	cr_assert_eq(query.id, 0x1234);
	cr_assert_str_eq(query.name, "a.org");
	cr_assert_eq(query.type, DNS_A);
	cr_assert(query.wants_recursion && !query.edns);
	cr_assert_eq(query.payload, DNS_PLAIN_MAX);
	cr_assert_eq(query.question_len, sizeof(QUESTION) - 1);
	cr_assert_eq(memcmp(query.question, QUESTION, query.question_len), 0, "as it came");
}

Test(dns_message, edns_says_how_much_fits)
{
	cr_assert_eq(QUERY(HEAD_OPT QUESTION "\0\0\x29\x10\0\0\0\0\0\0\0"), 0);
	cr_assert(query.edns);
	cr_assert_eq(query.payload, DNS_PAYLOAD_MAX, "4096 is more than passes");
	cr_assert_eq(QUERY(HEAD_OPT QUESTION "\0\0\x29\0\x10\0\0\0\0\0\0"), 0);
	cr_assert_eq(query.payload, DNS_PLAIN_MAX, "16 is less than everybody takes");
	cr_assert_eq(QUERY(HEAD_OPT QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\4\0\12\0\0"), 0);
}

Test(dns_message, what_is_no_question_is_not_answered)
{
	cr_assert_eq(QUERY(""), -EINVAL);
	cr_assert_eq(QUERY("\x12\x34\x01"), -EINVAL);
	cr_assert_eq(QUERY("\x12\x34\x81\0\0\1\0\0\0\0\0\0" QUESTION), -EINVAL);
}

Test(dns_message, malformed_questions)
{
	cr_assert_eq(QUERY(HEAD), -EBADMSG);
	cr_assert_eq(QUERY(HEAD "\1a\3Org\0\0\1\0"), -EBADMSG);
	cr_assert_eq(QUERY(HEAD QUESTION "x"), -EBADMSG, "something behind it");
	cr_assert_eq(QUERY("\x12\x34\x01\0\0\2\0\0\0\0\0\0" QUESTION QUESTION), -EBADMSG);
	cr_assert_eq(QUERY("\x12\x34\x01\0\0\1\0\1\0\0\0\0" QUESTION), -EBADMSG);
	cr_assert_eq(QUERY(HEAD_OPT QUESTION), -EBADMSG);
	cr_assert_eq(QUERY(HEAD_OPT QUESTION "\0\0\xfa\x04\xd0\0\0\0\0\0\0"), -EBADMSG, "TSIG");
	cr_assert_eq(QUERY(HEAD "\xc0\4\0\1\0\1"), -EBADMSG, "a pointer into the header");
	cr_assert_eq(query.id, 0x1234);
	cr_assert_eq(query.question_len, 0);
	cr_assert_eq(QUERY("\x12\x34\x28\0\0\1\0\0\0\0\0\0" QUESTION), -ENOTSUP, "an update");
	cr_assert_eq(QUERY(HEAD "\1a\3Org\0\0\1\0\3"), -ENOTSUP, "chaos");
	cr_assert_eq(QUERY(HEAD "\0\0\2\0\1"), -ENOTSUP, "the root");
}

Test(dns_message, addresses)
{
	text_begin("a.org", DNS_A, 0x8180);
	text_a("a.org", 300, 1);
	text_a("a.org", 60, 2);
	text_a("b.org", 10, 3);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.addresses_len, 2, "b.org was not asked for");
	cr_assert_eq(answer.ttl, 60);
	cr_assert_eq(answer.addresses[1][15], 2);
	cr_assert_eq(answer.addresses[1][11], 0xff);
}

Test(dns_message, ipv6)
{
	text_begin("a.org", DNS_AAAA, 0x8180);
	text_record("a.org", DNS_AAAA, 9, "\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\7", 16);
	text_a("a.org", 300, 1);
	cr_assert_eq(text_read("a.org", DNS_AAAA, &answer), 0);
	cr_assert_eq(answer.addresses_len, 1);
	cr_assert_eq(answer.addresses[0][15], 7);
}

Test(dns_message, aliases_are_followed_in_any_order)
{
	text_begin("a.org", DNS_A, 0x8180);
	text_a("c.org", 300, 1);
	text_alias("b.org", 20, "C.org");
	text_alias("a.org", 100, "b.org");
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.addresses_len, 1);
	cr_assert_eq(answer.aliases_len, 2);
	cr_assert_str_eq(answer.aliases[1], "c.org");
	cr_assert_eq(answer.ttl, 20, "the least on the way");
}

Test(dns_message, an_alias_that_leads_nowhere_has_no_address)
{
	text_begin("a.org", DNS_A, 0x8180);
	text_alias("a.org", 100, "b.org");
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.addresses_len, 0);
	cr_assert_eq(answer.ttl, 0);
}

Test(dns_message, aliases_end)
{
	text_begin("a.org", DNS_A, 0x8180);
	text_alias("a.org", 100, "b.org");
	text_alias("b.org", 100, "a.org");
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -ELOOP);
	text_begin("a.org", DNS_A, 0x8180);
	text_alias("a.org", 100, "b.org");
	text_alias("a.org", 100, "c.org");
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -EBADMSG, "two at once");
	text_begin("a.org", DNS_A, 0x8180);
	text_alias("a.org", 100, "b.org");
	text_a("a.org", 100, 1);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -EBADMSG, "an alias, and an address");
}

Test(dns_message, answers_to_something_else)
{
	text_begin("a.org", DNS_A, 0x8180);
	cr_assert_eq(text_read("b.org", DNS_A, &answer), -EAGAIN);
	cr_assert_eq(text_read("a.org", DNS_AAAA, &answer), -EAGAIN);
	cr_assert_eq(text_read_id(1, "a.org", DNS_A, &answer), -EAGAIN);
	text_begin("a.org", DNS_A, 0x0100);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -EAGAIN, "a question");
}

Test(dns_message, codes_and_truncation)
{
	text_begin("a.org", DNS_A, 0x8183);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.rcode, DNS_NXDOMAIN);
	text_begin("a.org", DNS_A, 0x8380);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert(answer.truncated);
}

Test(dns_message, malformed_answers)
{
	text_begin("a.org", DNS_A, 0x8180);
	text_record("a.org", DNS_A, 1, "\1\2\3", 3);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -EBADMSG, "an address of 3 bytes");
	text_begin("a.org", DNS_A, 0x8180);
	text_a("a.org", 1, 1);
	text_cut(1);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -EBADMSG, "cut short");
	text_begin("a.org", DNS_A, 0x8180);
	text_record("a.org", DNS_CNAME, 1, "\1b\0x", 4);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), -EBADMSG, "something behind the alias");
}

Test(dns_message, a_time_to_live_beyond_31_bits_is_none)
{
	text_begin("a.org", DNS_A, 0x8180);
	text_a("a.org", 0x80000000, 1);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.ttl, 0);
}

Test(dns_message, more_addresses_than_a_host_has_are_left_out)
{
	text_begin("a.org", DNS_A, 0x8180);
	for (unsigned int i = 0; i < 200; i++)
		text_a("a.org", 10, (uint8_t)i);
	cr_assert_eq(text_read("a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.addresses_len, DNS_ADDRESSES_MAX);
}

Test(dns_message, a_reply_is_read_as_what_was_written)
{
	uint8_t bytes[DNS_REPLY_MAX], addresses[DNS_ADDRESSES_MAX][16] = { { 0 } };
	struct dns_reply reply = { .ttl = 77, .addresses = addresses, .addresses_len = 3 };
	size_t len;

	for (size_t i = 0; i < DNS_ADDRESSES_MAX; i++) {
		addresses[i][10] = addresses[i][11] = 0xff;
		addresses[i][15] = (uint8_t)i;
	}
	cr_assert_eq(QUERY(HEAD_OPT QUESTION "\0\0\x29\x10\0\0\0\0\0\0\0"), 0);
	len = dns_reply_write(&query, &reply, query.payload, bytes);
	cr_assert_eq(dns_answer_read(bytes, len, 0x1234, "a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.addresses_len, 3);
	cr_assert_eq(answer.ttl, 77);
	cr_assert_eq(answer.addresses[2][15], 2);

	reply.addresses_len = DNS_ADDRESSES_MAX;
	query.payload = DNS_PLAIN_MAX;
	len = dns_reply_write(&query, &reply, query.payload, bytes);
	cr_assert_leq(len, DNS_PLAIN_MAX);
	cr_assert_eq(dns_answer_read(bytes, len, 0x1234, "a.org", DNS_A, &answer), 0);
	cr_assert(answer.truncated);
	len = dns_reply_write(&query, &reply, DNS_REPLY_MAX, bytes);
	cr_assert_eq(dns_answer_read(bytes, len, 0x1234, "a.org", DNS_A, &answer), 0);
	cr_assert_eq(answer.addresses_len, DNS_ADDRESSES_MAX);
}

Test(dns_message, a_question_is_read_as_what_was_written)
{
	uint8_t bytes[DNS_ASK_MAX];
	int len = dns_ask_write(7, "a.org", DNS_AAAA, bytes);

	cr_assert_eq(dns_query_read(bytes, (size_t)len, &query), 0);
	cr_assert_eq(query.id, 7);
	cr_assert_eq(query.type, DNS_AAAA);
	cr_assert_str_eq(query.name, "a.org");
	cr_assert_eq(query.payload, DNS_PAYLOAD_MAX);
}
