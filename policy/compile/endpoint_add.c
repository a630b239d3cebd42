// SPDX-License-Identifier: Apache-2.0
/* endpoint_add.c - endpoints as addresses, and as items of the automaton. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "bpf/rule.h"
#include "endpoint.h"

/* Addresses of one name; more are not a host but an answer made up. */
#define ADDRESSES_MAX 256

static void free_list(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

static bool address_of(const struct addrinfo *info, struct endpoint *to)
{
	if (info->ai_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)info->ai_addr;

		memset(to->address, 0, 10);
		to->address[10] = to->address[11] = 0xff;
		memcpy(to->address + 12, &in->sin_addr, 4);
		return true;
	}
	if (info->ai_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)info->ai_addr;

		memcpy(to->address, &in6->sin6_addr, 16);
		return true;
	}
	return false;
}

int endpoint_resolve(const struct endpoint *host,
		     int (*each)(void *ctx, const struct endpoint *inet), void *ctx)
{
	__attribute__((cleanup(free_list))) struct addrinfo *list = NULL;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct endpoint inet = *host;
	int count = 0, r;

	if (getaddrinfo(host->text, NULL, &hints, &list))
		return -EHOSTUNREACH;
	inet.kind = ENDPOINT_INET;
	inet.prefix = 128;
	for (const struct addrinfo *at = list; at && count < ADDRESSES_MAX; at = at->ai_next) {
		if (!address_of(at, &inet))
			continue;
		if ((r = each(ctx, &inet)) < 0)
			return r;
		count++;
	}
	return count ? count : -EHOSTUNREACH;
}

void endpoint_add_range(struct nfa *nfa, unsigned int low, unsigned int high)
{
	struct nfa_set set = { { 0 } };

	if (low == high) {
		nfa_item(nfa, NFA_BYTE, (uint8_t)low);
		return;
	}
	for (; low <= high; low++)
		nfa_set_add(&set, low);
	nfa_set(nfa, &set);
}

static void add_address(struct nfa *nfa, const struct endpoint *e)
{
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int bits = e->prefix > 8 * i ? e->prefix - 8 * i : 0;
		unsigned int mask = bits >= 8 ? 0 : 0xffu >> bits;

		endpoint_add_range(nfa, e->address[i] & ~mask & 0xffu,
				   (e->address[i] & ~mask & 0xffu) | mask);
	}
}

/* Ports of one high byte range with one low byte range. */
static void add_ports(struct nfa *nfa, const struct endpoint *e, unsigned int high_first,
		      unsigned int high_last, unsigned int low_first, unsigned int low_last,
		      uint64_t entry)
{
	nfa_begin(nfa, false);
	nfa_item(nfa, NFA_BYTE, EC_STRING_INET);
	add_address(nfa, e);
	endpoint_add_range(nfa, high_first, high_last);
	endpoint_add_range(nfa, low_first, low_last);
	nfa_accept(nfa, NFA_ACCEPT, entry);
}

void endpoint_each_ports(struct nfa *nfa, const struct endpoint *e, endpoint_ports *add,
			 uint64_t entry)
{
	unsigned int high = e->first_port >> 8, high_last = e->last_port >> 8;
	unsigned int low = e->first_port & 0xff, low_last = e->last_port & 0xff;

	if (high == high_last) {
		add(nfa, e, high, high, low, low_last, entry);
		return;
	}
	if (low) {
		add(nfa, e, high, high, low, 255, entry);
		high++;
	}
	if (low_last < 255) {
		add(nfa, e, high_last, high_last, 0, low_last, entry);
		high_last--;
	}
	if (high <= high_last)
		add(nfa, e, high, high_last, 0, 255, entry);
}

void endpoint_target(struct endpoint *inet)
{
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b }; /* RFC 6052 */
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t zero[16] = { 0 };

	if (inet->kind != ENDPOINT_INET || inet->prefix < ENDPOINT_V4_BITS)
		return;
	if (!memcmp(inet->address, nat64, sizeof(nat64)))
		memcpy(inet->address, mapped, sizeof(mapped));
	if (inet->prefix < 128)
		return;
	if (!memcmp(inet->address, zero, 16))
		inet->address[15] = 1;
	if (!memcmp(inet->address, mapped, 12) && !memcmp(inet->address + 12, zero, 4)) {
		inet->address[12] = 127;
		inet->address[15] = 1;
	}
}

void endpoint_add(struct nfa *nfa, const struct endpoint *endpoint, uint64_t entry)
{
	if (endpoint->kind == ENDPOINT_INET) {
		endpoint_each_ports(nfa, endpoint, add_ports, entry);
		return;
	}
	nfa_begin(nfa, false);
	nfa_item(nfa, NFA_BYTE, EC_STRING_ABSTRACT);
	glob_items(nfa, endpoint->text, strlen(endpoint->text));
	nfa_accept(nfa, NFA_ACCEPT, entry);
}

void endpoint_string(const struct endpoint *inet, uint8_t to[ENDPOINT_INET_LEN])
{
	to[0] = EC_STRING_INET;
	memcpy(to + 1, inet->address, 16);
	to[17] = (uint8_t)(inet->first_port >> 8);
	to[18] = (uint8_t)inet->first_port;
}

void endpoint_print(const struct endpoint *inet, char to[ENDPOINT_PRINT_MAX])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = !memcmp(inet->address, mapped, sizeof(mapped));
	char host[INET6_ADDRSTRLEN], port[16];

	inet_ntop(v4 ? AF_INET : AF_INET6, inet->address + (v4 ? sizeof(mapped) : 0), host,
		  sizeof(host));
	if (inet->first_port == inet->last_port)
		snprintf(port, sizeof(port), "%u", inet->first_port);
	else if (inet->first_port == 0 && inet->last_port == 65535)
		snprintf(port, sizeof(port), "*");
	else
		snprintf(port, sizeof(port), "%u-%u", inet->first_port, inet->last_port);
	snprintf(to, ENDPOINT_PRINT_MAX, v4 ? "%s:%s" : "[%s]:%s", host, port);
}
