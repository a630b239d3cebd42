/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_message.h - the messages of DNS that a resolver for hosts' addresses needs
 * (RFC 1035, 3596 for AAAA, 6891 for EDNS, 8914 for the reason of a refusal).
 * All bytes are hostile. Nothing is passed on as it came: what is read are names
 * and addresses, and what is written is made of those.
 */
#ifndef EC_DNS_MESSAGE_H
#define EC_DNS_MESSAGE_H

#include <stdbool.h>

#include "dns_name.h"

#define DNS_HEADER 12u
#define DNS_QUERY_MAX 512u    /* longer ones are no questions for an address */
#define DNS_PLAIN_MAX 512u    /* UDP without EDNS */
#define DNS_PAYLOAD_MAX 1232u /* what passes any network whole */
#define DNS_MESSAGE_MAX 65535u
#define DNS_ADDRESSES_MAX 64u /* of one name; more are not a host but an answer made up */
#define DNS_CHAIN_MAX 16u     /* aliases, one after the other */
#define DNS_RECORDS_MAX 256u  /* looked at in one answer */

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_AAAA = 28,
	DNS_OPT = 41,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
};

/* RFC 8914 */
enum dns_why {
	DNS_WHY_NONE = 0,
	DNS_WHY_BLOCKED = 15,
	DNS_WHY_PROHIBITED = 18,
	DNS_WHY_NETWORK = 23,
};

struct dns_query {
	uint16_t id;
	uint16_t type;
	uint16_t class;
	bool wants_recursion;
	bool edns;
	uint16_t payload;	  /* what the asker can take over UDP */
	char name[DNS_NAME_SIZE]; /* lower case */
	uint8_t question[DNS_NAME_WIRE + 4];
	uint16_t question_len; /* as it came, for the answer: askers compare case */
};

/* -EINVAL: not a query, answer nothing. -EBADMSG: malformed, -ENOTSUP: not a
 * question for this kind of server; *ret_query has the id for the answer, and
 * no question. */
int dns_query_read(const uint8_t *bytes, size_t len, struct dns_query *ret_query);

struct dns_answer {
	enum dns_rcode rcode;
	bool truncated;
	uint32_t ttl; /* the least on the way, seconds; of an answer without addresses 0 */
	size_t addresses_len;
	uint8_t addresses[DNS_ADDRESSES_MAX][16]; /* IPv4 as ::ffff:a.b.c.d */
	size_t aliases_len;			  /* the names between, in order */
	char aliases[DNS_CHAIN_MAX][DNS_NAME_SIZE];
};

/* A question for a server. Returns its length. */
#define DNS_ASK_MAX (DNS_HEADER + DNS_NAME_WIRE + 4u + 11u)
int dns_ask_write(uint16_t id, const char *name, uint16_t type, uint8_t to[DNS_ASK_MAX]);
/* The server's answer to that. -EBADMSG: malformed; -EAGAIN: an answer to
 * something else; -ELOOP: aliases without end. */
int dns_answer_read(const uint8_t *bytes, size_t len, uint16_t id, const char *name, uint16_t type,
		    struct dns_answer *ret_answer);

/* What the asker gets: addresses of the name it asked for, aliases left out. */
struct dns_reply {
	enum dns_rcode rcode;
	enum dns_why why;
	uint32_t ttl;
	const uint8_t (*addresses)[16];
	size_t addresses_len;
};
/* Into at most max bytes, itself at least DNS_PLAIN_MAX and at most DNS_REPLY_MAX; what does not fit whole comes truncated, for the asker
 * to ask again over TCP. Returns the length. */
#define DNS_REPLY_MAX 2400u /* all addresses, as AAAA records of 28 bytes */
size_t dns_reply_write(const struct dns_query *query, const struct dns_reply *reply, size_t max,
		       uint8_t to[DNS_REPLY_MAX]);

#endif
