/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url_parts.h - the parts of a URL, between url.c and its readers. A text here
 * is printable ASCII without blanks and backslashes, and no longer than
 * URL_LEN_MAX. Each returns its problem, or NULL.
 */
#ifndef EC_URL_PARTS_H
#define EC_URL_PARTS_H

#include <string.h>

#include "url.h"

#define URL_LOWER "abcdefghijklmnopqrstuvwxyz"
#define URL_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define URL_DIGIT "0123456789"
#define URL_HEX URL_DIGIT "abcdefABCDEF"
#define URL_UNRESERVED URL_LOWER URL_UPPER URL_DIGIT "-._~"
#define URL_SUB_DELIMS "!$&'()*+,;="

static inline bool url_is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline char url_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* host, kind and address; text has the brackets of an IPv6 address. */
const char *url_read_host(const char *text, size_t len, struct url *url);
/* kind and address, of the host that is there already. */
const char *url_read_ipv4(struct url *url);
/* All three, of what stands between the brackets. */
const char *url_read_ipv6(const char *text, size_t len, struct url *url);

/* path and has_encoded_slash; text is empty or starts with a slash. */
const char *url_read_path(const char *text, size_t len, struct url *url);
/* Userinfo, query or fragment: `also` is what it may have besides unreserved
 * characters, sub-delimiters and escapes. */
const char *url_check_characters(const char *text, size_t len, const char *also);

#endif
