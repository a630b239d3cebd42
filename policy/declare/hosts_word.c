// SPDX-License-Identifier: Apache-2.0
/* hosts_word.c - a word that may be a host by itself: host:port, an address, a
 * name that nothing but a host has. */
#include <ctype.h>
#include <strings.h>

#include "hosts_scan.h"
#include "policy/pii/check.h"

struct word {
	size_t start, end; /* of the name, without dots at its end */
	size_t stop;	   /* behind those */
	struct host host;
};

/* Endings that no file and no member of an object has. */
static bool is_known(const char *name)
{
	static const char *const endings[] = { "com", "org", "net", "xyz", "onion",
					       "ru",  "cn",  "edu", "gov", "biz" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (!strcmp(dot + 1, endings[i]))
			return true;
	return false;
}

static bool is_dotted(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name && strlen(dot) > 2 && !hosts_is_digit(dot[1]);
}

static bool has_port(const struct hosts_scan *s, size_t at)
{
	size_t digits = 0;

	if (at >= s->len || s->text[at] != ':')
		return false;
	while (at + 1 + digits < s->len && hosts_is_digit(s->text[at + 1 + digits]))
		digits++;
	at += 1 + digits;
	return digits && digits <= 5 && (at == s->len || !hosts_is_name(s->text[at]));
}

static unsigned int count(const char *text, size_t len, char c)
{
	unsigned int n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == c;
	return n;
}

/* 127.1 and 2130706433 are addresses where an address is expected; elsewhere
 * they are numbers. */
static bool is_address(const struct hosts_scan *s, const struct word *w, bool expected)
{
	const char *text = s->text + w->start;
	size_t len = w->end - w->start;
	unsigned int dots = count(text, len, '.');

	if (!w->host.is_address && !(w->host.is_unreadable && dots == 3))
		return false;
	return dots == 3 || expected;
}

static bool is_whole(const struct hosts_scan *s, const struct word *w)
{
	return !w->start && (w->stop == s->len || s->text[w->stop] == '/' ||
			     s->text[w->stop] == ':' || s->text[w->stop] == '?');
}

/* At least 2^24: less would be 0.x.y.z, and every port and year. */
static bool is_large(const struct host *host)
{
	return host->is_address && host->address[12];
}

static bool is_strong(const struct hosts_scan *s, const struct word *w)
{
	const struct host *host = &w->host;
	char before = w->start ? s->text[w->start - 1] : 0;
	char after = w->stop < s->len ? s->text[w->stop] : 0;
	bool port = has_port(s, w->stop), whole = is_whole(s, w);
	bool expected = s->expected && whole;

	if (is_address(s, w, (port || expected) && is_large(host)))
		return true;
	if (host->is_address || host->is_unreadable)
		return false;
	if (!strcmp(host->text, "localhost"))
		return port || expected;
	if (expected && (port || is_dotted(host->text)))
		return true;
	if (!is_dotted(host->text))
		return false;
	if (port)
		return true;
	if (before == '/' || before == '\\') /* of a path; of a URL it was looked at */
		return false;
	if (!strncmp(host->text, "www.", 4))
		return true;
	/* scp and git: user@host:path */
	if (before == '@')
		return after == ':' || s->has_remote;
	return is_known(host->text) && after != '(' && after != '=';
}

/* Without brackets, as a program takes it: at least five hexadecimal digits
 * that are no a::b of a program. */
int hosts_ipv6(struct hosts_scan *s, size_t at, size_t *ret_next)
{
	size_t end = at;
	struct host host;

	while (end < s->len && end - at < 64 &&
	       (isxdigit((unsigned char)s->text[end]) || s->text[end] == ':' ||
		s->text[end] == '.'))
		end++;
	while (end > at && s->text[end - 1] == '.')
		end--;
	if (count(s->text + at, end - at, ':') < 2 || (end < s->len && hosts_is_name(s->text[end])))
		return 0;
	host_read(s->text + at, end - at, &host);
	if (!host.is_address || !(check_ipv6(s->text + at, end - at) || end - at == s->len))
		return 0;
	*ret_next = end;
	return s->each(s->ctx, &host);
}

int hosts_word(struct hosts_scan *s, size_t at, size_t *ret_next)
{
	struct word w = { .start = at };
	size_t end = at;
	int r = 0;

	while (end < s->len && hosts_is_name(s->text[end]))
		end++;
	*ret_next = w.stop = w.end = end;
	while (w.end > at && s->text[w.end - 1] == '.')
		w.end--;
	/* options are no hosts */
	if (w.end == at || w.end - at > HOST_LEN_MAX || s->text[at] == '-')
		return 0;
	if (end < s->len && s->text[end] == ':' && isxdigit((unsigned char)s->text[at])) {
		r = hosts_ipv6(s, at, ret_next);
		if (r || *ret_next != end)
			return r;
	}
	host_read(s->text + at, w.end - at, &w.host);
	if (is_strong(s, &w))
		return s->each(s->ctx, &w.host);
	if (w.host.is_unreadable || w.host.is_address || !is_dotted(w.host.text))
		return 0;
	w.host.is_weak = true;
	return s->each(s->ctx, &w.host);
}
