/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint.h - endpoint patterns, as byte strings (bpf/rule.h).
 *
 *   host:port          what the agent looked that name up as; of a name in
 *                      /etc/hosts, and of localhost, its addresses
 *   a.b.c.d:port       also a.b.c.d/len:port
 *   [v6]:port          also [v6/len]:port and [v6]/len:port
 *   *:port             any address, and any name
 *   *.host:port        every name below that one
 *   unix:/path         a path pattern, see glob.h
 *   unix:@name         an abstract name; wildcards as in a path
 *
 * port is a number, first-last, or *. An IPv4 address is also its mapped IPv6
 * address.
 */
#ifndef EC_ENDPOINT_H
#define EC_ENDPOINT_H

#include "policy/automaton/glob.h"

#define ENDPOINT_V4_BITS 96u /* of ::ffff:0:0/96 */

struct endpoint {
	enum endpoint_kind {
		ENDPOINT_PATH = 1,     /* text is a path pattern */
		ENDPOINT_ABSTRACT = 2, /* text is a pattern of names */
		ENDPOINT_HOST = 3,     /* text is a name */
		ENDPOINT_INET = 4,     /* address and prefix */
		ENDPOINT_SUFFIX = 5,   /* *.host */
	} kind;
	char text[GLOB_TEXT_MAX];
	uint8_t address[16];
	unsigned int prefix; /* bits of address that count */
	uint16_t first_port, last_port;
};

/* One brace alternative. -EINVAL fills *ret_problem. */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint, const char **ret_problem);
int endpoint_check(const char *pattern, const char **ret_problem);
int endpoint_check_template(const char *pattern, const char **ret_problem);

/* *:port */
bool endpoint_is_any(const struct endpoint *endpoint);
/* Names that the agent looks up, as strings that start with EC_STRING_HOST:
 * ENDPOINT_HOST, ENDPOINT_SUFFIX, or any. */
void endpoint_add_host(struct nfa *nfa, const struct endpoint *endpoint, uint64_t entry);
/* The string the kernel would present for an ENDPOINT_HOST at its first port. Returns its
 * length. */
#define ENDPOINT_HOST_LEN 260u /* a name has 253 at most */
size_t endpoint_host_string(const struct endpoint *host, uint8_t to[ENDPOINT_HOST_LEN]);
/* The addresses that /etc/hosts below root_fd (-1: none) gives a name, else those of
 * localhost: each as an ENDPOINT_INET of one address. Returns how many, or -ECANCELED
 * when each returned below 0. */
int endpoint_hosts(const struct endpoint *host, int root_fd,
		   int (*each)(void *ctx, const struct endpoint *inet), void *ctx);
/* For an endpoint's ports as one high byte range with one low byte range at a time. */
typedef void endpoint_ports(struct nfa *nfa, const struct endpoint *e, unsigned int high_first,
			    unsigned int high_last, unsigned int low_first, unsigned int low_last,
			    uint64_t entry);
void endpoint_each_ports(struct nfa *nfa, const struct endpoint *e, endpoint_ports *add,
			 uint64_t entry);
/* One byte from low to high. */
void endpoint_add_range(struct nfa *nfa, unsigned int low, unsigned int high);

/* Resolves a name here and now: calls each with an ENDPOINT_INET of one address. Returns
 * the number of addresses, -EHOSTUNREACH when there are none. */
int endpoint_resolve(const struct endpoint *host,
		     int (*each)(void *ctx, const struct endpoint *inet), void *ctx);

/* Where a connection to it really goes, as the kernel side presents it
 * (bpf/endpoint.bpf.h): the unspecified address is this host, and a NAT64
 * address the IPv4 address that it embeds. */
void endpoint_target(struct endpoint *inet);
/* ENDPOINT_INET or ENDPOINT_ABSTRACT. */
void endpoint_add(struct nfa *nfa, const struct endpoint *endpoint, uint64_t entry);
/* An ENDPOINT_INET of one address as "a.b.c.d:port" or "[v6]:port". */
#define ENDPOINT_PRINT_MAX 64u
void endpoint_print(const struct endpoint *inet, char to[ENDPOINT_PRINT_MAX]);
/* The string the kernel would present for exactly this endpoint (prefix 128);
 * to has 19 bytes. */
#define ENDPOINT_INET_LEN 19u
void endpoint_string(const struct endpoint *inet, uint8_t to[ENDPOINT_INET_LEN]);

#endif
