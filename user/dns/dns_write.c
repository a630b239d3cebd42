// SPDX-License-Identifier: Apache-2.0
/* dns_write.c - writing: dns_message.h. */
#include <string.h>

#include "dns_message.h"
#include "dns_wire.h"

#define NAME_POINTER 0xc00cu /* to the question's name */
#define OPT_LEN 11u
#define EDE_LEN 6u

static uint8_t *put_opt(uint8_t *at, enum dns_why why)
{
	*at++ = 0;
	at = dns_put16(at, DNS_OPT);
	at = dns_put16(at, DNS_PAYLOAD_MAX);
	at = dns_put32(at, 0); /* version 0, no flags: DNSSEC is not passed on */
	at = dns_put16(at, why ? EDE_LEN : 0);
	if (why) {
		at = dns_put16(at, DNS_EDE);
		at = dns_put16(at, 2);
		at = dns_put16(at, why);
	}
	return at;
}

int dns_ask_write(uint16_t id, const char *name, uint16_t type, uint8_t to[DNS_ASK_MAX])
{
	uint8_t *at = to;
	int len;

	at = dns_put16(at, id);
	at = dns_put16(at, DNS_RD);
	at = dns_put16(at, 1);
	at = dns_put32(at, 0);
	at = dns_put16(at, 1);
	len = dns_name_write(name, at);
	if (len < 0)
		return len;
	at += len;
	at = dns_put16(at, type);
	at = dns_put16(at, DNS_CLASS_IN);
	return (int)(put_opt(at, DNS_WHY_NONE) - to);
}

static size_t record_len(const struct dns_query *query)
{
	return 12u + (query->type == DNS_A ? 4u : 16u);
}

static uint8_t *put_address(uint8_t *at, const struct dns_query *query, uint32_t ttl,
			    const uint8_t address[16])
{
	bool v4 = query->type == DNS_A;

	at = dns_put16(at, NAME_POINTER);
	at = dns_put16(at, query->type);
	at = dns_put16(at, DNS_CLASS_IN);
	at = dns_put32(at, ttl);
	at = dns_put16(at, v4 ? 4 : 16);
	memcpy(at, address + (v4 ? 12 : 0), v4 ? 4 : 16);
	return at + (v4 ? 4 : 16);
}

size_t dns_reply_write(const struct dns_query *query, const struct dns_reply *reply, size_t max,
		       uint8_t to[DNS_REPLY_MAX])
{
	size_t fixed = DNS_HEADER + query->question_len +
		       (query->edns ? OPT_LEN + (reply->why ? EDE_LEN : 0) : 0);
	size_t fits = max > fixed ? (max - fixed) / record_len(query) : 0;
	size_t count = reply->addresses_len;
	unsigned int flags = DNS_QR | DNS_RA | reply->rcode;
	uint8_t *at = to;

	if (count > fits) {
		flags |= DNS_TC;
		count = fits;
	}
	if (query->wants_recursion)
		flags |= DNS_RD;
	at = dns_put16(at, query->id);
	at = dns_put16(at, flags);
	at = dns_put16(at, query->question_len ? 1 : 0);
	at = dns_put16(at, (unsigned int)count);
	at = dns_put16(at, 0);
	at = dns_put16(at, query->edns ? 1 : 0);
	memcpy(at, query->question, query->question_len);
	at += query->question_len;
	for (size_t i = 0; i < count; i++)
		at = put_address(at, query, reply->ttl, reply->addresses[i]);
	if (query->edns)
		at = put_opt(at, reply->why);
	return (size_t)(at - to);
}
