// SPDX-License-Identifier: Apache-2.0
/* hosts.c - one pass over a text: what in it is a host. */
#include "hosts.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "hosts_scan.h"

#define WINDOW 32u /* of a scheme, looked at backwards */

bool hosts_expected(const char *name)
{
	static const char *const names[] = {
		"host",	  "hostname", "url",	 "uri",	    "server", "endpoint", "domain",
		"site",	  "base_url", "baseurl", "address", "addr",   "ip",	  "remote",
		"origin", "proxy",    "href",	 "link",    "target", "webhook"
	};

	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

static bool is_one_of(const char *text, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == len && !strncasecmp(text, *words, len))
			return true;
	return false;
}

/* What stands before a colon as a scheme does; *ret_len 0: nothing does. */
static const char *scheme_before(const struct hosts_scan *s, size_t colon, size_t *ret_len)
{
	size_t start = colon;

	while (start && colon - start < WINDOW && hosts_is_scheme(s->text[start - 1]))
		start--;
	while (start < colon && !isalpha((unsigned char)s->text[start]))
		start++;
	*ret_len = colon - start;
	return s->text + start;
}

/* Browsers and others take http:a, http:/a and http:\\a for http://a. */
static bool is_special(const char *scheme, size_t len)
{
	static const char *const words[] = { "http", "https", "ws", "wss", "ftp", NULL };

	return is_one_of(scheme, len, words);
}

/* at is a colon; *ret_next is where the scan goes on. */
static int scan_colon(struct hosts_scan *s, size_t at, size_t *ret_next)
{
	static const char *const files[] = { "file", NULL };
	size_t len, slashes = 0;
	const char *scheme = scheme_before(s, at, &len);

	while (at + 1 + slashes < s->len && hosts_is_slash(s->text[at + 1 + slashes]))
		slashes++;
	*ret_next = at + 1 + slashes;
	if (at + 1 < s->len && s->text[at + 1] == ':' && !(at && hosts_is_name(s->text[at - 1])))
		return hosts_ipv6(s, at, ret_next);
	if (slashes < 2 && !is_special(scheme, len))
		return 0;
	/* file:///etc has no host, and file://etc has one */
	if (slashes > 2 && is_one_of(scheme, len, files))
		return 0;
	if (*ret_next >= s->len || (!slashes && !hosts_is_name(s->text[*ret_next])))
		return 0;
	return hosts_authority(s, *ret_next, HOSTS_URL);
}

/* Two slashes without a scheme: a URL that takes the page's, or a share. */
static int scan_slashes(struct hosts_scan *s, size_t at, size_t *ret_next)
{
	size_t end = at;

	while (end < s->len && hosts_is_slash(s->text[end]))
		end++;
	*ret_next = end;
	if (end - at != 2 || (at && (hosts_is_name(s->text[at - 1]) || s->text[at - 1] == ':')))
		return 0;
	return hosts_authority(s, end, HOSTS_RELATIVE);
}

static int scan_bracket(struct hosts_scan *s, size_t at, size_t *ret_next)
{
	const char *close = memchr(s->text + at, ']', s->len - at < 64 ? s->len - at : 64);
	struct host host;

	*ret_next = at + 1;
	if (!close || (at && strchr(")]", s->text[at - 1])) ||
	    (at && hosts_is_name(s->text[at - 1])))
		return 0;
	host_read(s->text + at, (size_t)(close + 1 - (s->text + at)), &host);
	return host.is_address && !host.is_unreadable &&
			       memchr(s->text + at, ':', (size_t)(close - s->text) - at) ?
		       s->each(s->ctx, &host) :
		       0;
}

static int scan_at(struct hosts_scan *s, size_t *at)
{
	char c = s->text[*at];
	size_t next = *at + 1;
	int r = 0;

	if (c == ':')
		r = scan_colon(s, *at, &next);
	else if (hosts_is_slash(c))
		r = scan_slashes(s, *at, &next);
	else if (c == '[')
		r = scan_bracket(s, *at, &next);
	else if (hosts_is_name(c))
		r = hosts_word(s, *at, &next);
	*at = next;
	return r;
}

/* ssh and its like connect to what comes behind an @; mail does not. */
static bool has_remote(const char *text, size_t len)
{
	static const char *const words[] = { "ssh", "scp", "sftp", "rsync", "SSH", "SCP" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(text, len, words[i], strlen(words[i])))
			return true;
	return false;
}

int hosts_scan(const char *text, size_t len, bool expected, hosts_each *each, void *ctx)
{
	struct hosts_scan s = {
		.text = text, .len = len, .expected = expected, .each = each, .ctx = ctx
	};
	size_t at = 0;
	int r = 0;

	while (s.len && isspace((unsigned char)s.text[0])) {
		s.text++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.text[s.len - 1]))
		s.len--;
	s.has_remote = memchr(s.text, '@', s.len) && has_remote(s.text, s.len);
	while (r == 0 && at < s.len)
		r = scan_at(&s, &at);
	return r;
}
