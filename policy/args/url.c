// SPDX-License-Identifier: Apache-2.0
#include "url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define HEX "0123456789abcdefABCDEF"
#define LABEL_MAX 63u /* RFC 1035, 2.3.4 */

/* What is left of the text. */
struct reader {
	const char *at, *end;
	const char **problem;
};

static int wrong(const struct reader *r, const char *problem)
{
	*r->problem = problem;
	return -EINVAL;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t span_until(const char *at, const char *end, const char *stops)
{
	size_t len = 0;

	while (at + len < end && !is_one_of(at[len], stops))
		len++;
	return len;
}

/* Readers differ in which of these they strip, replace or keep. */
static int check_bytes(const struct reader *r)
{
	for (const char *c = r->at; c < r->end; c++) {
		if (*c == ' ' || *c == '\t' || *c == '\r' || *c == '\n')
			return wrong(r, "has a blank");
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return wrong(r, "has a control character");
		if ((unsigned char)*c >= 0x80)
			return wrong(r, "has a character that is not ASCII (hosts as xn--, the "
					"rest percent-encoded)");
		if (*c == '\\')
			return wrong(r, "has a backslash");
		if (is_one_of(*c, "\"<>^`{|}"))
			return wrong(r, "has a character that no URL has (RFC 3986, 2)");
		if (*c == '%' && (r->end - c < 3 || !is_one_of(c[1], HEX) || !is_one_of(c[2], HEX)))
			return wrong(r, "has a percent sign without two hexadecimal digits");
	}
	return 0;
}

static int read_scheme(struct reader *r, struct url *url)
{
	size_t len = span_until(r->at, r->end, ":/?#@[]");

	if (!len || r->at + len >= r->end || r->at[len] != ':')
		return wrong(r, "is not a URL: it has no scheme");
	if (len >= sizeof(url->scheme) || !is_one_of(r->at[0], ALPHA))
		return wrong(r, "has a scheme that is none");
	for (size_t i = 0; i < len; i++) {
		if (!is_one_of(r->at[i], ALPHA DIGITS "+-."))
			return wrong(r, "has a scheme that is none");
		url->scheme[i] = lower(r->at[i]);
	}
	r->at += len + 1;
	if (r->end - r->at < 2 || r->at[0] != '/' || r->at[1] != '/')
		return wrong(r, "has no // behind its scheme");
	r->at += 2;
	if (r->at < r->end && *r->at == '/')
		return wrong(r, "has no host");
	return 0;
}

/* user:password@ */
static int read_userinfo(struct reader *r, const char *end, struct url *url)
{
	const char *at = memchr(r->at, '@', (size_t)(end - r->at));

	if (!at)
		return 0;
	if (memchr(at + 1, '@', (size_t)(end - at - 1)))
		return wrong(r, "has two @ in front of its path");
	if (span_until(r->at, at, "[]") != (size_t)(at - r->at))
		return wrong(r, "has a bracket that is not around an address");
	url->has_userinfo = true;
	r->at = at + 1;
	return 0;
}

static int read_ipv6(struct reader *r, const char *end, struct url *url)
{
	const char *close = memchr(r->at, ']', (size_t)(end - r->at));
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];
	size_t len;

	if (!close)
		return wrong(r, "has a [ without its ]");
	len = (size_t)(close - r->at - 1);
	if (len >= sizeof(text))
		return wrong(r, "has an IPv6 address that is none");
	memcpy(text, r->at + 1, len);
	text[len] = '\0';
	if (strchr(text, '%'))
		return wrong(r, "has an IPv6 address with a zone");
	if (inet_pton(AF_INET6, text, &address) != 1)
		return wrong(r, "has an IPv6 address that is none");
	if (IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address))
		if (!IN6_IS_ADDR_UNSPECIFIED(&address) && !IN6_IS_ADDR_LOOPBACK(&address))
			return wrong(r, "has an IPv4 address written as IPv6");
	inet_ntop(AF_INET6, &address, url->host, sizeof(url->host));
	url->kind = URL_IPV6;
	r->at = close + 1;
	return 0;
}

/* Some readers take 0x7f.1, 0177.0.0.1, 127.1 and 2130706433 for addresses, and
 * so anything whose last label is a number or looks like one. */
static bool looks_like_ipv4(const char *host)
{
	const char *dot = strrchr(host, '.'), *last = dot ? dot + 1 : host;

	if (last[0] == '0' && lower(last[1]) == 'x')
		return !last[2 + strspn(last + 2, HEX)];
	return *last && !last[strspn(last, DIGITS)];
}

static int check_labels(const struct reader *r, const char *host)
{
	for (const char *label = host;; label++) {
		size_t len = strcspn(label, ".");

		if (!len)
			return wrong(r, "has a host with an empty label");
		if (len > LABEL_MAX)
			return wrong(r, "has a host with a label of more than 63 characters");
		label += len;
		if (!*label)
			return 0;
	}
}

static int read_name(struct reader *r, const char *end, struct url *url)
{
	size_t len = span_until(r->at, end, ":");
	struct in_addr address;

	if (len >= sizeof(url->host))
		return wrong(r, "has a host of more than 255 characters");
	for (size_t i = 0; i < len; i++) {
		if (r->at[i] == '%')
			return wrong(r, "has a percent-encoded host");
		if (is_one_of(r->at[i], "[]"))
			return wrong(r, "has a bracket that is not around an address");
		if (!is_one_of(r->at[i], ALPHA DIGITS "-._"))
			return wrong(r, "has a host with a character that no host has");
		url->host[i] = lower(r->at[i]);
	}
	r->at += len;
	if (len > 1 && url->host[len - 1] == '.')
		url->host[--len] = '\0';
	if (!len)
		return wrong(r, "has no host");
	url->kind = URL_NAME;
	if (!looks_like_ipv4(url->host))
		return check_labels(r, url->host);
	if (inet_pton(AF_INET, url->host, &address) != 1)
		return wrong(r, "has a host that some readers take for an IPv4 address");
	url->kind = URL_IPV4;
	return 0;
}

static uint16_t default_port(const char *scheme)
{
	static const struct {
		const char *scheme;
		uint16_t port;
	} known[] = {
		{ "http", 80 },	 { "https", 443 }, { "ws", 80 },     { "wss", 443 },
		{ "ftp", 21 },	 { "ftps", 990 },  { "ssh", 22 },    { "sftp", 22 },
		{ "git", 9418 }, { "ldap", 389 },  { "ldaps", 636 }, { "redis", 6379 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].scheme, scheme))
			return known[i].port;
	return 0;
}

static int read_port(struct reader *r, const char *end, struct url *url)
{
	unsigned int port = 0;

	url->port = default_port(url->scheme);
	if (r->at == end)
		return 0;
	if (*r->at != ':')
		return wrong(r, "has something between its host and its path");
	r->at++;
	if (r->at == end)
		return wrong(r, "has an empty port");
	if (*r->at == '0')
		return wrong(r, "has a port that starts with 0");
	for (; r->at < end; r->at++) {
		if (!is_one_of(*r->at, DIGITS))
			return wrong(r, "has a port that is no number");
		port = port * 10 + (unsigned int)(*r->at - '0');
		if (port > 65535)
			return wrong(r, "has a port above 65535");
	}
	url->port = (uint16_t)port;
	return 0;
}

static int from_hex(char c)
{
	return c <= '9' ? c - '0' : lower(c) - 'a' + 10;
}

/* One character; an escape of what needs none is that (RFC 3986, 6.2.2.2),
 * another one stays, in upper case. */
static int read_character(struct reader *r, struct url *url, char *to, size_t *ret_len)
{
	int code;

	*ret_len = 1;
	*to = *r->at++;
	if (*to != '%')
		return 0;
	code = from_hex(r->at[0]) << 4 | from_hex(r->at[1]);
	r->at += 2;
	if (!code)
		return wrong(r, "has an encoded NUL");
	if (code == '/' || code == '\\')
		url->has_encoded_slash = true;
	if (is_one_of((char)code, ALPHA DIGITS "-._~")) {
		*to = (char)code;
		return 0;
	}
	to[1] = "0123456789ABCDEF"[code >> 4];
	to[2] = "0123456789ABCDEF"[code & 15];
	*ret_len = 3;
	return 0;
}

/* RFC 3986, 5.2.4: a segment that ended, in front of a slash or of the end. */
static int end_segment(struct reader *r, char *path, size_t from, size_t *len, bool slash)
{
	size_t seen = *len - from;

	if (seen == 1 && path[from] == '.') {
		*len = from;
	} else if (seen == 2 && path[from] == '.' && path[from + 1] == '.') {
		if (from == 1)
			return wrong(r, "leads above its root");
		for (from--; path[from - 1] != '/'; from--)
			;
		*len = from;
	} else if (slash) {
		path[(*len)++] = '/';
	}
	return 0;
}

static int read_path(struct reader *r, const char *end, struct url *url)
{
	size_t len = 1, from = 1, more;
	int error;

	url->path[0] = '/';
	if (r->at < end)
		r->at++; /* its first slash */
	while (r->at < end) {
		if (*r->at != '/') {
			if ((error = read_character(r, url, url->path + len, &more)) < 0)
				return error;
			len += more;
			continue;
		}
		r->at++;
		if ((error = end_segment(r, url->path, from, &len, true)) < 0)
			return error;
		from = len;
	}
	error = end_segment(r, url->path, from, &len, false);
	url->path[len] = '\0';
	return error;
}

static int read_rest(struct reader *r, struct url *url)
{
	size_t path = span_until(r->at, r->end, "?#");
	const char *behind = r->at + path;
	int error = read_path(r, behind, url);

	if (error < 0)
		return error;
	url->has_query = behind < r->end && *behind == '?';
	url->has_fragment = memchr(behind, '#', (size_t)(r->end - behind)) != NULL;
	return 0;
}

int url_parse(const char *text, size_t len, struct url *ret_url, const char **ret_problem)
{
	struct reader r = { .at = text, .end = text + len, .problem = ret_problem };
	const char *end;
	int error;

	memset(ret_url, 0, sizeof(*ret_url));
	if (len > URL_LEN_MAX)
		return wrong(&r, "is a URL of more than 8192 bytes");
	if ((error = check_bytes(&r)) < 0 || (error = read_scheme(&r, ret_url)) < 0)
		return error;
	end = r.at + span_until(r.at, r.end, "/?#");
	if ((error = read_userinfo(&r, end, ret_url)) < 0)
		return error;
	if (r.at == end)
		return wrong(&r, "has no host");
	error = *r.at == '[' ? read_ipv6(&r, end, ret_url) : read_name(&r, end, ret_url);
	if (error < 0 || (error = read_port(&r, end, ret_url)) < 0)
		return error;
	return read_rest(&r, ret_url);
}
