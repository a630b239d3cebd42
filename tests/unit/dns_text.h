/* SPDX-License-Identifier: Apache-2.0 */
/* dns_text.h - answers of a name server, put together byte by byte. */
#ifndef EC_DNS_TEXT_H
#define EC_DNS_TEXT_H

#include <string.h>

#include "user/dns/dns_message.h"
#include "user/dns/dns_wire.h"

#define TEXT_ID 0x4321

static uint8_t text[16384];
static size_t text_len;

static void text_name(const char *name)
{
	text_len += (size_t)dns_name_write(name, text + text_len);
}

static inline void text_begin(const char *name, uint16_t type, unsigned int flags)
{
	memset(text, 0, sizeof(text));
	dns_put16(text, TEXT_ID);
	dns_put16(text + 2, flags);
	dns_put16(text + 4, 1);
	text_len = DNS_HEADER;
	text_name(name);
	dns_put16(text + text_len, type);
	dns_put16(text + text_len + 2, DNS_CLASS_IN);
	text_len += 4;
}

static inline void text_record(const char *owner, uint16_t type, uint32_t ttl, const void *data,
			       size_t data_len)
{
	text_name(owner);
	dns_put16(text + text_len, type);
	dns_put16(text + text_len + 2, DNS_CLASS_IN);
	dns_put32(text + text_len + 4, ttl);
	dns_put16(text + text_len + 8, (unsigned int)data_len);
	memcpy(text + text_len + 10, data, data_len);
	text_len += 10 + data_len;
	dns_put16(text + 6, dns_get16(text + 6) + 1u);
}

/* 93.184.216.last */
static inline void text_a(const char *owner, uint32_t ttl, uint8_t last)
{
	uint8_t address[4] = { 93, 184, 216, last };

	text_record(owner, DNS_A, ttl, address, sizeof(address));
}

static inline void text_alias(const char *owner, uint32_t ttl, const char *target)
{
	uint8_t wire[DNS_NAME_WIRE];
	int len = dns_name_write(target, wire);

	text_record(owner, DNS_CNAME, ttl, wire, (size_t)len);
}

static inline void text_cut(size_t bytes)
{
	text_len -= bytes;
}

static inline int text_read_id(uint16_t id, const char *name, uint16_t type,
			       struct dns_answer *ret_answer)
{
	return dns_answer_read(text, text_len, id, name, type, ret_answer);
}

static inline int text_read(const char *name, uint16_t type, struct dns_answer *ret_answer)
{
	return text_read_id(TEXT_ID, name, type, ret_answer);
}

#endif
