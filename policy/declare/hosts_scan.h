/* SPDX-License-Identifier: Apache-2.0 */
/* hosts_scan.h - between the pass over a text and what it finds there. */
#ifndef EC_DECLARE_HOSTS_SCAN_H
#define EC_DECLARE_HOSTS_SCAN_H

#include <string.h>

#include "hosts.h"

struct hosts_scan {
	const char *text; /* without blanks around it */
	size_t len;
	bool expected;
	bool has_remote;      /* the text speaks of ssh */
	size_t authority_end; /* of the last one that was looked at whole */
	hosts_each *each;
	void *ctx;
};

enum hosts_kind {
	HOSTS_URL = 1,	/* a scheme stands before it: whatever comes is a host */
	HOSTS_RELATIVE, /* only slashes: a name needs a dot */
};

/* What stands behind the slashes of a URL. */
int hosts_authority(struct hosts_scan *s, size_t at, enum hosts_kind kind);
/* An IPv6 address without brackets; *ret_next moves only behind one. */
int hosts_ipv6(struct hosts_scan *s, size_t at, size_t *ret_next);
/* at begins with a byte of a name; *ret_next is behind what was looked at. */
int hosts_word(struct hosts_scan *s, size_t at, size_t *ret_next);

static inline bool hosts_is_slash(char c)
{
	return c == '/' || c == '\\';
}

static inline bool hosts_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes beyond ASCII are letters of some script. */
static inline bool hosts_is_name(char c)
{
	return hosts_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
	       c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

static inline bool hosts_is_scheme(char c)
{
	return hosts_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
	       c == '-' || c == '.';
}

#endif
