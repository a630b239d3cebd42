/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - a URL that means the same to every reader of URLs (RFC 3986 as the
 * grammar, the WHATWG URL Standard and others as the readers it has to agree
 * with), or what is wrong with it.
 */
#ifndef EC_URL_H
#define EC_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest URL, in bytes. */
#define URL_LEN_MAX 8192u
#define URL_SCHEME_MAX 16u
/* RFC 1035, 2.3.4, and room for its end. */
#define URL_HOST_MAX 256u

enum url_kind {
	URL_NAME = 1,
	URL_IPV4 = 2,
	URL_IPV6 = 3,
};

struct url {
	char scheme[URL_SCHEME_MAX]; /* lower case */
	enum url_kind kind;
	char host[URL_HOST_MAX]; /* lower case, no last dot; an address in its shortest form,
				  * without brackets */
	uint16_t port;		 /* as written, or the scheme's; 0: neither */
	bool has_userinfo;
	bool has_query;
	bool has_fragment;
	bool has_encoded_slash;	    /* %2f or %5c in the path */
	char path[URL_LEN_MAX + 2]; /* from "/", dot segments resolved, escapes of plain
				     * characters undone */
};

/* -EINVAL: *ret_problem continues "argument x …". text need not end in NUL. */
int url_parse(const char *text, size_t len, struct url *ret_url, const char **ret_problem);

#endif
