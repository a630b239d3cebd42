// SPDX-License-Identifier: Apache-2.0
/* url.c - a URL is cut into its parts. */
#include "url.h"

#include <errno.h>

#include "url_parts.h"

static const struct {
	const char *scheme;
	uint16_t port;
} schemes[] = {
	{ "http", 80 },	 { "https", 443 }, { "ws", 80 },     { "wss", 443 },
	{ "ftp", 21 },	 { "ftps", 990 },  { "ssh", 22 },    { "sftp", 22 },
	{ "git", 9418 }, { "ldap", 389 },  { "ldaps", 636 }, { "redis", 6379 },
};

/* Browsers drop tabs and line ends, others send them; a backslash is a slash
 * to browsers only; what another byte becomes is up to an encoding. */
static const char *check_bytes(const char *text, size_t len)
{
	if (!len)
		return "is empty";
	if (len > URL_LEN_MAX)
		return "is longer than 8192 bytes";
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!c)
			return "has a NUL byte";
		if (c == '\t' || c == '\r' || c == '\n')
			return "has a tab or a line end";
		if (c < ' ' || c == 0x7f)
			return "has a control byte";
		if (c == ' ')
			return i == 0 || i == len - 1 ? "starts or ends with a blank" :
							"has a blank";
		if (c == '\\')
			return "has a backslash";
		if (c > 0x7f)
			return "has a byte that is not ASCII; write a host as xn--, the rest as "
			       "%XX";
	}
	return NULL;
}

/* *at goes to what is behind "://". */
static const char *read_scheme(const char **at, const char *end, struct url *url)
{
	const char *text = *at, *colon = memchr(text, ':', (size_t)(end - text));
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!len)
		return "has no scheme";
	for (size_t i = 0; i < len; i++)
		if (!url_is_in(text[i],
			       i ? URL_LOWER URL_UPPER URL_DIGIT "+-." : URL_LOWER URL_UPPER))
			return "has no scheme, or one with a character that no scheme has there";
	if (len == 1)
		return "has a scheme of one letter, which may be a drive";
	if (len > URL_SCHEME_MAX)
		return "has a scheme that is longer than 15 characters";
	if (end - colon < 3 || memcmp(colon, "://", 3))
		return "has no // behind its scheme";
	*at = colon + 3;
	if (*at < end && **at == '/')
		return "has more than two slashes behind its scheme, or no host";
	for (size_t i = 0; i < len; i++)
		url->scheme[i] = url_lower(text[i]);
	/* the host of one is ignored, a share, or another machine by FTP */
	if (!strcmp(url->scheme, "file"))
		return "names a file, whose host means different things";
	return NULL;
}

static void default_port(struct url *url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (!strcmp(schemes[i].scheme, url->scheme))
			url->port = schemes[i].port;
}

static const char *read_port(const char *text, size_t len, struct url *url)
{
	unsigned int port = 0;

	if (!len)
		return "has an empty port";
	for (size_t i = 0; i < len; i++)
		if (!url_is_in(text[i], URL_DIGIT))
			return "has a port that is not a number";
	if (text[0] == '0')
		return len == 1 ? "has port 0" : "has a port with a leading zero";
	for (size_t i = 0; i < len && port <= 65535; i++)
		port = port * 10 + (unsigned int)(text[i] - '0');
	if (port > 65535)
		return "has a port above 65535";
	url->port = (uint16_t)port;
	return NULL;
}

static const char *read_host_port(const char *text, size_t len, struct url *url)
{
	const char *colon, *problem;
	size_t host_len = len;

	if (len && text[0] == '[') {
		colon = memchr(text, ']', len);
		if (!colon)
			return "has a [ without its ]";
		host_len = (size_t)(++colon - text);
		if (host_len < len && *colon != ':')
			return "has something between ] and its port";
	} else if ((colon = memchr(text, ':', len))) {
		host_len = (size_t)(colon - text);
		if (memchr(colon + 1, ':', len - host_len - 1))
			return "has several colons; an IPv6 address stands in [ ]";
	}
	problem = url_read_host(text, host_len, url);
	if (!problem && host_len < len)
		problem = read_port(colon + 1, len - host_len - 1, url);
	return problem;
}

static const char *read_authority(const char *text, size_t len, struct url *url)
{
	const char *at = memchr(text, '@', len), *problem;

	if (at) {
		url->has_userinfo = true;
		if (memchr(at + 1, '@', (size_t)(text + len - at) - 1))
			return "has several @ before its path";
		problem = url_check_characters(text, (size_t)(at - text), ":");
		if (problem)
			return problem;
		len -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	return read_host_port(text, len, url);
}

/* The first of any of the characters, or the end. */
static const char *find(const char *text, const char *end, const char *any)
{
	while (text < end && !url_is_in(*text, any))
		text++;
	return text;
}

/* In queries and fragments readers agree on more than RFC 3986 has: it is
 * neither host nor path to any of them. */
#define BEHIND_PATH ":@/?[]{}|^`"

static const char *read_url(const char *at, const char *end, struct url *url)
{
	const char *problem = read_scheme(&at, end, url);
	const char *path, *query, *fragment;

	if (problem)
		return problem;
	path = find(at, end, "/?#");
	/* http://a?@b/: to those who look for a slash only, the host is b */
	if (memchr(path, '@', (size_t)(find(path, end, "/") - path)))
		return "has an @ between its host and its first slash";
	query = find(path, end, "?#");
	fragment = find(query, end, "#");
	default_port(url);
	url->has_query = query < fragment;
	url->has_fragment = fragment < end;
	problem = read_authority(at, (size_t)(path - at), url);
	if (!problem)
		problem = url_read_path(path, (size_t)(query - path), url);
	if (!problem && url->has_query)
		problem = url_check_characters(query + 1, (size_t)(fragment - query) - 1,
					       BEHIND_PATH);
	if (!problem && url->has_fragment)
		problem = url_check_characters(fragment + 1, (size_t)(end - fragment) - 1,
					       BEHIND_PATH);
	return problem;
}

int url_parse(const char *text, size_t len, struct url *ret_url, const char **ret_problem)
{
	memset(ret_url, 0, sizeof(*ret_url));
	*ret_problem = check_bytes(text, len);
	if (!*ret_problem)
		*ret_problem = read_url(text, text + len, ret_url);
	if (!*ret_problem)
		return 0;
	memset(ret_url, 0, sizeof(*ret_url));
	return -EINVAL;
}
