// SPDX-License-Identifier: Apache-2.0
/* hosts_url.c - what stands behind the slashes of a URL. */
#include "hosts_scan.h"

/* Where the authority ends to the most generous reader: RFC 3986 ends it at ?
 * and #, browsers at a backslash too; others find an @ behind those. */
static bool ends(char c)
{
	return (unsigned char)c <= ' ' || c == '/' || c == '"' || c == '<' || c == '>' ||
	       c == '\x7f';
}

/* What no host has, and prose has behind one. In a name and password, they are
 * permitted: an @ is looked for first. */
static bool ends_host(char c)
{
	return c == ':' || strchr("'`(),;|{}^!$&*+=~%", c);
}

static bool is_dotted(const struct host *host)
{
	const char *dot = strrchr(host->text, '.');

	return host->is_address || (dot && strlen(dot) > 2 && !hosts_is_digit(dot[1]));
}

static int tell(struct hosts_scan *s, size_t start, size_t end, enum hosts_kind kind)
{
	size_t at = start;
	struct host host;

	if (at < end && s->text[at] == '[') {
		const char *close = memchr(s->text + at, ']', end - at);

		at = close ? (size_t)(close + 1 - s->text) : end;
	} else {
		while (at < end && !ends_host(s->text[at]))
			at++;
		/* a host that is a template is not known */
		if (at == start && at < end && s->text[at] && strchr("{$*%", s->text[at]))
			at = end;
	}
	if (at == start)
		return 0;
	host_read(s->text + start, at - start, &host);
	if (kind == HOSTS_RELATIVE && (host.is_unreadable || !is_dotted(&host)))
		return 0;
	return s->each(s->ctx, &host);
}

static bool is_cut(char c)
{
	return c == '\\' || c == '?' || c == '#';
}

/* Long authorities are hostile; what would be found in them is doubt enough. */
#define AUTHORITY_MAX 2048u

int hosts_authority(struct hosts_scan *s, size_t at, enum hosts_kind kind)
{
	bool within = at < s->authority_end; /* what is behind the next cut was looked at */
	size_t end = at, start = at;
	int r = 0;

	while (end < s->len && end - at < AUTHORITY_MAX && !ends(s->text[end]) &&
	       !(within && is_cut(s->text[end])))
		end++;
	if (end - at == AUTHORITY_MAX) {
		const struct host host = { .is_unreadable = true };

		return kind == HOSTS_URL ? s->each(s->ctx, &host) : 0;
	}
	for (size_t i = at; r == 0 && i <= end; i++) {
		bool is_at = i < end && s->text[i] == '@';

		/* before the first @ stands a user; of several some take the first */
		if (start <= i && (is_at ? start > at : i == end || is_cut(s->text[i]))) {
			r = tell(s, start, i, kind);
			start = end + 1;
		}
		if (is_at)
			start = i + 1;
	}
	if (!within)
		s->authority_end = end;
	return r;
}
