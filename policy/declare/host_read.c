// SPDX-License-Identifier: Apache-2.0
/* host_read.c - one host: a name, or an address in any of its spellings. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "hosts.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }; /* ::ffff:0:0/96 */
static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };	/* 64:ff9b::/96 */
static const uint8_t compatible[12] = { 0 };			/* ::/96 */

/* A number as inet_aton reads it, in hexadecimal or decimal. With a leading
 * zero it is octal to some and decimal to others: to us it is neither. */
static bool read_number(const char *text, size_t len, uint64_t *ret_value)
{
	unsigned int base = len >= 2 && text[0] == '0' && text[1] == 'x' ? 16 : 10;
	uint64_t value = 0;
	size_t i = base == 16 ? 2 : 0;

	if (!len || (base == 10 && len > 1 && text[0] == '0'))
		return false;
	for (; i < len; i++) {
		char c = text[i];
		unsigned int digit = c >= '0' && c <= '9' ? (unsigned int)(c - '0') :
				     c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a' + 10) :
							    99;

		if (digit >= base)
			return false;
		value = value * base + digit;
		if (value > UINT32_MAX)
			return false;
	}
	*ret_value = value;
	return true;
}

/* a, a.b, a.b.c or a.b.c.d, of which the last fills what is left. */
static bool read_ipv4(const char *text, uint8_t address[16])
{
	uint64_t value = 0, part;
	int parts = 0;

	for (;; text += 1) {
		size_t len = strcspn(text, ".");
		bool last = !text[len];

		if (++parts > 4 || !read_number(text, len, &part) ||
		    part > (last ? UINT32_MAX >> 8 * (parts - 1) : 255))
			return false;
		value |= last ? part : part << (32 - 8 * parts);
		text += len;
		if (last)
			break;
	}
	memcpy(address, mapped, sizeof(mapped));
	for (int i = 0; i < 4; i++)
		address[12 + i] = (uint8_t)(value >> (24 - 8 * i));
	return true;
}

/* Addresses that lead to an IPv4 host are that host. */
static bool read_ipv6(const char *text, uint8_t address[16])
{
	char copy[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "%"); /* what is behind is of this machine */

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, address) != 1)
		return false;
	if (!memcmp(address, nat64, sizeof(nat64)) ||
	    (!memcmp(address, compatible, sizeof(compatible)) &&
	     (address[12] || address[13] || address[14])))
		memcpy(address, mapped, sizeof(mapped));
	return true;
}

static void print_address(struct host *host)
{
	bool is_ipv4 = !memcmp(host->address, mapped, sizeof(mapped));

	inet_ntop(is_ipv4 ? AF_INET : AF_INET6, host->address + (is_ipv4 ? 12 : 0), host->text,
		  sizeof(host->text));
	host->is_address = true;
}

/* By its last label a reader knows an address (WHATWG URL, inet_aton). */
static bool ends_in_number(const char *text)
{
	const char *dot = strrchr(text, '.'), *label = dot ? dot + 1 : text;

	if (label[0] == '0' && label[1] == 'x')
		return label[2 + strspn(label + 2, "0123456789abcdef")] == '\0';
	return *label && label[strspn(label, "0123456789")] == '\0';
}

void host_read(const char *text, size_t len, struct host *ret_host)
{
	struct host *host = ret_host;

	memset(host, 0, sizeof(*host));
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	while (len && text[len - 1] == '.')
		len--;
	host->is_unreadable = !len || len > HOST_LEN_MAX;
	if (host->is_unreadable)
		return;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		host->text[i] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	if (memchr(text, ':', len)     ? read_ipv6(host->text, host->address) :
	    ends_in_number(host->text) ? read_ipv4(host->text, host->address) :
					 false)
		print_address(host);
	else
		host->is_unreadable = memchr(text, ':', len) || ends_in_number(host->text);
}
