/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts.h - the hosts that a text names: in URLs of any scheme, as host:port,
 * as addresses in any notation that inet_aton takes, with userinfo in front.
 * Where readers of URLs differ about which host it is, each of theirs is told.
 */
#ifndef EC_DECLARE_HOSTS_H
#define EC_DECLARE_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_LEN_MAX 253u /* RFC 1035, without the dot at the end */

struct host {
	char text[HOST_LEN_MAX +
		  1]; /* lower case, no dot at the end; an address as inet_ntop has it */
	bool is_address;
	uint8_t address[16]; /* IPv4 mapped */
	/* A name with nothing around it that says it is a host: `main.rs` might be
	 * one, too. Only a rule that names it is about it. */
	bool is_weak;
	bool is_unreadable; /* what stands where a host does cannot be one */
};

/* One host as it is written, without port, with or without brackets. */
void host_read(const char *text, size_t len, struct host *ret_host);

/* Nonzero from each ends the scan and is returned. expected: the text is the
 * value of an argument that is called host, url or the like. In time in proportion to len. */
typedef int hosts_each(void *ctx, const struct host *host);
int hosts_scan(const char *text, size_t len, bool expected, hosts_each *each, void *ctx);

/* Is a member of that name (NULL: it has none) expected to name a host? */
bool hosts_expected(const char *name);

#endif
