// SPDX-License-Identifier: Apache-2.0
/*
 * A DNS message: the first byte says as what it is read.
 *
 * 1. A question is refused, or names a host; its answer is well-formed, and is no
 *    longer than the asker takes.
 * 2. An answer has addresses of what was asked for only, and what is made of it is
 *    read as the same.
 */
#include <errno.h>
#include <string.h>

#include "claim.h"
#include "user/dns/dns_message.h"
#include "user/dns/dns_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char name[] = "a.org";

static void check_name(const char *text)
{
	uint8_t wire[DNS_NAME_WIRE];
	char again[DNS_NAME_SIZE];
	size_t at = 0;
	int len;

	CLAIM(memchr(text, '\0', DNS_NAME_SIZE));
	CLAIM(!text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-")]);
	len = dns_name_write(text, wire);
	CLAIM(len > 0);
	CLAIM(dns_name_read(wire, (size_t)len, &at, again) == 0);
	CLAIM(at == (size_t)len && !strcmp(again, text));
}

static void check_reply(const struct dns_query *query, const struct dns_reply *reply, size_t max)
{
	static struct dns_answer answer;
	uint8_t *bytes = malloc(max);
	size_t len = dns_reply_write(query, reply, max, bytes);

	CLAIM(len <= max);
	if (query->question_len) {
		CLAIM(dns_answer_read(bytes, len, query->id, query->name, query->type, &answer) ==
		      (query->class == 1 ? 0 : -EAGAIN));
		if (query->class == 1 && !answer.truncated && reply->rcode == DNS_NOERROR) {
			CLAIM(answer.addresses_len == reply->addresses_len);
			CLAIM(!memcmp(answer.addresses, reply->addresses,
				      reply->addresses_len * sizeof(*reply->addresses)));
			CLAIM(!answer.aliases_len);
		}
	}
	free(bytes);
}

static void read_question(const uint8_t *data, size_t size)
{
	static uint8_t addresses[DNS_ADDRESSES_MAX][16];
	struct dns_reply reply = { .addresses = addresses, .ttl = 5 };
	struct dns_query query;
	int r = dns_query_read(data, size, &query);

	CLAIM(r == 0 || r == -EINVAL || r == -EBADMSG || r == -ENOTSUP);
	if (r == -EINVAL)
		return;
	CLAIM(query.payload >= DNS_PLAIN_MAX && query.payload <= DNS_PAYLOAD_MAX);
	CLAIM(query.question_len <= sizeof(query.question));
	if (r == 0) {
		CLAIM(query.name[0] && query.question_len);
		check_name(query.name);
	}
	reply.rcode = r ? DNS_FORMERR : DNS_NOERROR;
	reply.why = size & 1 ? DNS_WHY_BLOCKED : DNS_WHY_NONE;
	for (size_t i = 0; i < DNS_ADDRESSES_MAX; i++) {
		memset(addresses[i], query.type == DNS_A ? 0 : (int)i, 16);
		addresses[i][10] = addresses[i][11] = 0xff;
		addresses[i][15] = (uint8_t)i;
	}
	if (r == 0 && (query.type == DNS_A || query.type == DNS_AAAA))
		reply.addresses_len = size % (DNS_ADDRESSES_MAX + 1);
	check_reply(&query, &reply, query.payload);
	check_reply(&query, &reply, DNS_REPLY_MAX);
}

static void read_answer(uint16_t type, const uint8_t *data, size_t size)
{
	static struct dns_answer answer;
	struct dns_query query = { .id = 7, .type = type, .class = 1 };
	struct dns_reply reply;
	int r = size < 2 ? 0 : dns_answer_read(data, size, dns_get16(data), name, type, &answer);

	CLAIM(r == 0 || r == -EAGAIN || r == -EBADMSG || r == -ELOOP);
	if (r || size < 2)
		return;
	CLAIM(answer.addresses_len <= DNS_ADDRESSES_MAX && answer.aliases_len <= DNS_CHAIN_MAX);
	CLAIM(!answer.addresses_len || (answer.rcode == DNS_NOERROR && !answer.truncated));
	CLAIM(answer.addresses_len || !answer.ttl);
	CLAIM(answer.ttl <= INT32_MAX);
	for (size_t i = 0; i < answer.aliases_len; i++)
		check_name(answer.aliases[i]);
	strcpy(query.name, name);
	query.question_len = (uint16_t)(dns_name_write(name, query.question) + 4);
	dns_put16(query.question + query.question_len - 4, type);
	dns_put16(query.question + query.question_len - 2, 1);
	reply = (struct dns_reply) { .addresses = answer.addresses,
				     .addresses_len = answer.addresses_len,
				     .ttl = answer.ttl };
	check_reply(&query, &reply, DNS_REPLY_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own length, so that reading past it is seen */
	uint8_t *bytes = size > 1 ? malloc(size - 1) : NULL;

	if (!bytes)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	if (data[0] & 1)
		read_question(bytes, size - 1);
	else
		read_answer(data[0] & 2 ? DNS_A : DNS_AAAA, bytes, size - 1);
	free(bytes);
	return 0;
}
