// SPDX-License-Identifier: Apache-2.0
/* dns_message.c - reading. */
#include "dns_message.h"

#include <errno.h>
#include <string.h>

#include "dns_wire.h"

struct record {
	char owner[DNS_NAME_SIZE];
	uint16_t type;
	uint16_t class;
	uint32_t ttl;
	size_t data; /* where it is in the message */
	uint16_t data_len;
};

static int read_record(const uint8_t *bytes, size_t len, size_t *at, struct record *record)
{
	int r = dns_name_read(bytes, len, at, record->owner);

	if (r < 0)
		return r;
	if (len - *at < 10)
		return -EBADMSG;
	record->type = dns_get16(bytes + *at);
	record->class = dns_get16(bytes + *at + 2);
	record->ttl = dns_get32(bytes + *at + 4);
	if (record->ttl > INT32_MAX) /* RFC 2181, 8 */
		record->ttl = 0;
	record->data_len = dns_get16(bytes + *at + 8);
	*at += 10;
	if (record->data_len > len - *at)
		return -EBADMSG;
	record->data = *at;
	*at += record->data_len;
	return 0;
}

/* The only record that may stand behind a question is the OPT record. */
static int read_opt(const uint8_t *bytes, size_t len, size_t *at, struct dns_query *query)
{
	struct record opt;

	if (read_record(bytes, len, at, &opt) < 0 || opt.type != DNS_OPT || opt.owner[0])
		return -EBADMSG;
	query->edns = true;
	query->payload = opt.class < DNS_PLAIN_MAX   ? DNS_PLAIN_MAX :
			 opt.class > DNS_PAYLOAD_MAX ? DNS_PAYLOAD_MAX :
						       opt.class;
	return 0;
}

static size_t name_wire_len(const char *name)
{
	return name[0] ? strlen(name) + 2 : 1;
}

int dns_query_read(const uint8_t *bytes, size_t len, struct dns_query *ret_query)
{
	size_t at = DNS_HEADER, question_len;
	uint16_t flags;

	memset(ret_query, 0, sizeof(*ret_query));
	if (len < DNS_HEADER)
		return -EINVAL;
	flags = dns_get16(bytes + 2);
	if (flags & DNS_QR)
		return -EINVAL;
	ret_query->id = dns_get16(bytes);
	ret_query->wants_recursion = flags & DNS_RD;
	ret_query->payload = DNS_PLAIN_MAX;
	if (flags & DNS_OPCODE)
		return -ENOTSUP;
	if (dns_get16(bytes + 4) != 1 || dns_get16(bytes + 6) || dns_get16(bytes + 8) ||
	    dns_get16(bytes + 10) > 1 || len > DNS_QUERY_MAX)
		return -EBADMSG;
	if (dns_name_read(bytes, len, &at, ret_query->name) < 0 || len - at < 4)
		return -EBADMSG;
	ret_query->type = dns_get16(bytes + at);
	ret_query->class = dns_get16(bytes + at + 2);
	at += 4;
	/* written out, without pointers: there is nothing before it to point to */
	if (at - DNS_HEADER != name_wire_len(ret_query->name) + 4)
		return -EBADMSG;
	question_len = at - DNS_HEADER;
	if (dns_get16(bytes + 10) && read_opt(bytes, len, &at, ret_query) < 0)
		return -EBADMSG;
	if (at != len)
		return -EBADMSG;
	ret_query->question_len = (uint16_t)question_len;
	memcpy(ret_query->question, bytes + DNS_HEADER, question_len);
	return ret_query->class == DNS_CLASS_IN && ret_query->name[0] ? 0 : -ENOTSUP;
}

static bool add_address(const uint8_t *bytes, const struct record *record,
			struct dns_answer *answer)
{
	uint8_t *to;

	if (record->data_len != (record->type == DNS_A ? 4 : 16))
		return false;
	if (answer->addresses_len == DNS_ADDRESSES_MAX)
		return true;
	to = answer->addresses[answer->addresses_len];
	if (record->type == DNS_A) {
		memset(to, 0, 10);
		to[10] = to[11] = 0xff;
		memcpy(to + 12, bytes + record->data, 4);
	} else {
		memcpy(to, bytes + record->data, 16);
	}
	answer->addresses_len++;
	return true;
}

/* What one pass over the answers finds for a name. */
struct link {
	const char *name;
	uint16_t type;
	uint32_t ttl;
	bool is_alias;
	char target[DNS_NAME_SIZE];
};

static int read_alias(const uint8_t *bytes, const struct record *record, struct link *link)
{
	size_t at = record->data, end = record->data + record->data_len;

	if (link->is_alias || dns_name_read(bytes, end, &at, link->target) < 0 || at != end ||
	    !link->target[0])
		return -EBADMSG; /* two aliases: RFC 2181, 10.1 */
	link->is_alias = true;
	return 0;
}

static int read_link(const uint8_t *bytes, size_t len, size_t at, unsigned int records,
		     struct link *link, struct dns_answer *answer)
{
	struct record record;
	int r;

	for (unsigned int i = 0; i < records; i++) {
		if ((r = read_record(bytes, len, &at, &record)) < 0)
			return r;
		if (record.class != DNS_CLASS_IN || strcmp(record.owner, link->name))
			continue;
		if (record.type == link->type) {
			if (!add_address(bytes, &record, answer))
				return -EBADMSG;
		} else if (record.type == DNS_CNAME) {
			if ((r = read_alias(bytes, &record, link)) < 0)
				return r;
		} else {
			continue;
		}
		if (record.ttl < link->ttl)
			link->ttl = record.ttl;
	}
	return 0;
}

static int follow(const uint8_t *bytes, size_t len, size_t at, const char *name, uint16_t type,
		  struct dns_answer *answer)
{
	unsigned int records = dns_get16(bytes + 6);
	struct link link = { .name = name, .type = type, .ttl = INT32_MAX };
	int r;

	if (records > DNS_RECORDS_MAX)
		return -EBADMSG;
	while (true) {
		link.is_alias = false;
		if ((r = read_link(bytes, len, at, records, &link, answer)) < 0)
			return r;
		if (!link.is_alias)
			break;
		/* a name is an alias or has addresses, not both (RFC 1034, 3.6.2) */
		if (answer->addresses_len)
			return -EBADMSG;
		if (answer->aliases_len == DNS_CHAIN_MAX)
			return -ELOOP;
		memcpy(answer->aliases[answer->aliases_len], link.target, DNS_NAME_SIZE);
		link.name = answer->aliases[answer->aliases_len++];
	}
	answer->ttl = answer->addresses_len ? link.ttl : 0;
	return 0;
}

int dns_answer_read(const uint8_t *bytes, size_t len, uint16_t id, const char *name, uint16_t type,
		    struct dns_answer *ret_answer)
{
	char asked[DNS_NAME_SIZE];
	size_t at = DNS_HEADER;
	uint16_t flags;

	memset(ret_answer, 0, sizeof(*ret_answer));
	if (len < DNS_HEADER || dns_get16(bytes) != id)
		return -EAGAIN;
	flags = dns_get16(bytes + 2);
	if (!(flags & DNS_QR) || flags & DNS_OPCODE)
		return -EAGAIN;
	ret_answer->rcode = flags & DNS_RCODE;
	/* servers that do not understand EDNS may leave the question out */
	if (!dns_get16(bytes + 4) && ret_answer->rcode != DNS_NOERROR)
		return 0;
	if (dns_get16(bytes + 4) != 1 || dns_name_read(bytes, len, &at, asked) < 0 || len - at < 4)
		return -EBADMSG;
	if (strcmp(asked, name) || dns_get16(bytes + at) != type ||
	    dns_get16(bytes + at + 2) != DNS_CLASS_IN)
		return -EAGAIN;
	ret_answer->truncated = flags & DNS_TC;
	if (ret_answer->truncated || ret_answer->rcode != DNS_NOERROR)
		return 0;
	return follow(bytes, len, at + 4, name, type, ret_answer);
}
