// SPDX-License-Identifier: Apache-2.0
/* url_address.c - a host of a URL that is an address. */
#include <arpa/inet.h>
#include <stdio.h>

#include "url_parts.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }; /* ::ffff:0:0/96 */

/* A number of at most 255 without leading zeros. */
static bool read_octet(const char *text, size_t len, uint8_t *ret_octet)
{
	unsigned int value = 0;

	if (!len || len > 3 || (len > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!url_is_in(text[i], URL_DIGIT))
			return false;
		value = value * 10 + (unsigned int)(text[i] - '0');
	}
	*ret_octet = (uint8_t)value;
	return value <= 255;
}

const char *url_read_ipv4(struct url *url)
{
	const char *at = url->host;
	size_t len;

	memcpy(url->address, mapped, sizeof(mapped));
	for (size_t i = 12; i < 16; i++) {
		len = strcspn(at, ".");
		if (!read_octet(at, len, url->address + i) || at[len] != (i < 15 ? '.' : '\0'))
			return "has a host that ends in a number but is not a.b.c.d in decimal, "
			       "without leading zeros";
		at += len + 1;
	}
	url->kind = URL_IPV4;
	return NULL;
}

/* The longest run of two or more zero groups, the first of equal ones. */
static int longest_zeros(const uint8_t address[16], int *ret_len)
{
	int best = -1, best_len = 1;

	for (int first = 0, len; first < 8; first += len + 1) {
		for (len = 0; first + len < 8; len++)
			if (address[2 * (first + len)] || address[2 * (first + len) + 1])
				break;
		if (len > best_len) {
			best = first;
			best_len = len;
		}
	}
	*ret_len = best_len;
	return best;
}

/* RFC 5952, section 4. Not inet_ntop: it writes some addresses with dots. */
static void print_ipv6(struct url *url)
{
	int zeros_len, zeros = longest_zeros(url->address, &zeros_len);
	char *to = url->host;

	for (int i = 0; i < 8; i++) {
		if (i == zeros) {
			to += sprintf(to, "::");
			i += zeros_len - 1;
			continue;
		}
		to += sprintf(to, "%s%x", i && to[-1] != ':' ? ":" : "",
			      url->address[2 * i] << 8 | url->address[2 * i + 1]);
	}
}

const char *url_read_ipv6(const char *text, size_t len, struct url *url)
{
	char copy[INET6_ADDRSTRLEN] = "";

	/* %25eth0, or eth0: the zone is of this machine */
	if (memchr(text, '%', len))
		return "has a zone in its IPv6 address";
	if (memchr(text, '.', len))
		return "has an IPv4 address within its IPv6 address";
	if (len >= sizeof(copy))
		return "has [ ] around what is not an IPv6 address";
	memcpy(copy, text, len);
	if (inet_pton(AF_INET6, copy, url->address) != 1)
		return "has [ ] around what is not an IPv6 address";
	if (!memcmp(url->address, mapped, sizeof(mapped)))
		return "has an IPv4 address that is written as IPv6";
	print_ipv6(url);
	url->kind = URL_IPV6;
	return NULL;
}
