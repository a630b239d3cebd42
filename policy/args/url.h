/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - a URL that means the same to every reader of URLs.
 *
 * RFC 3986's scheme://[userinfo@]host[:port][/path][?query][#fragment], less
 * what its readers (browsers, curl, the libraries of Python, Go and Node,
 * inet_aton) are known to understand in several ways, or to repair silently:
 * that is refused and never repaired here. Of two URLs that are read as the
 * same host, port and path, no reader should go to different places.
 *
 * What a name resolves to, and whether its addresses are private, is not
 * looked at; nor is what is in the userinfo, the query and the fragment.
 * xn-- is not decoded: a reader that does takes the same name, or none.
 */
#ifndef EC_URL_H
#define EC_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URL_LEN_MAX 8192u  /* the longest request line that common servers accept */
#define URL_SCHEME_MAX 15u /* the registered ones in use are shorter */
#define URL_HOST_MAX 253u  /* RFC 1035, without the dot at the end */
#define URL_LABEL_MAX 63u  /* likewise */

struct url {
	char scheme[URL_SCHEME_MAX + 1]; /* in lower case; never "file" */
	enum url_kind {
		URL_NAME = 1,
		URL_IPV4 = 2,
		URL_IPV6 = 3, /* never a mapped IPv4 address: that is refused */
	} kind;
	/* A name in lower case without a dot at its end, a.b.c.d, or an IPv6
	 * address as RFC 5952 writes it, without brackets and all hexadecimal. */
	char host[URL_HOST_MAX + 1];
	uint8_t address[16]; /* network order, IPv4 mapped; zero for a name */
	uint16_t port;	     /* as given, else the scheme's; 0: it has none */
	bool has_userinfo;   /* name:password@ or only @ */
	bool has_query, has_fragment;
	/* The path has %2F or %5C, a separator to whoever decodes first. */
	bool has_encoded_slash;
	/* Starts with a slash. Without dot segments; of escapes only those remain
	 * that RFC 3986 needs, in upper case. Neither // nor ; is touched. */
	char path[URL_LEN_MAX + 1];
};

/* text needs no NUL at its end. -EINVAL: *ret_problem goes on from "the URL"
 * ("has a backslash"; static), and *ret_url is all zero. */
int url_parse(const char *text, size_t len, struct url *ret_url, const char **ret_problem);

#endif
