/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A matcher that knows nothing of automatons: it goes back and forth over the
 * text of the pattern. For tests and fuzzers; exponential in the stars.
 */
#ifndef EC_TEST_MATCH_NAIVE_H
#define EC_TEST_MATCH_NAIVE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool naive(const char *p, const char *s);

static bool naive_set(const char **p, unsigned char c)
{
	const char *at = *p + 1;
	bool negated = *at == '!' || *at == '^', in = false;

	at += negated;
	for (bool first = true; first || *at != ']'; first = false) {
		unsigned char low, high;

		at += *at == '\\';
		low = high = (unsigned char)*at++;
		if (*at == '-' && at[1] != ']') {
			at++;
			at += *at == '\\';
			high = (unsigned char)*at++;
		}
		in |= low <= c && c <= high;
	}
	*p = at + 1;
	return c && c != '/' && in != negated;
}

static bool naive_star(const char *p, const char *s, bool whole)
{
	if (whole && (!*s || *s == '/'))
		return false;
	for (s += whole;; s++) {
		if (naive(p + 1, s))
			return true;
		if (!*s || *s == '/')
			return false;
	}
}

static bool naive_stars(const char *p, const char *s, bool whole)
{
	if (whole && !p[2])
		return *s;
	if (whole) { /* p[2] is a slash: no component, or some */
		if (naive(p + 3, s))
			return true;
		for (; *s; s++)
			if (*s == '/' && naive(p + 3, s + 1))
				return true;
		return false;
	}
	for (;; s++) {
		if (naive(p + 2, s))
			return true;
		if (!*s)
			return false;
	}
}

/* p is normal: one star, two stars, no repeated slashes. */
static bool naive(const char *p, const char *s)
{
	if (!*p)
		return !*s;
	if (*p == '*') {
		size_t stars = strspn(p, "*");
		bool whole = p[-1] == '/' && (!p[stars] || p[stars] == '/');

		return stars > 1 ? naive_stars(p, s, whole) : naive_star(p, s, whole);
	}
	if (*p == '?')
		return *s && *s != '/' && naive(p + 1, s + 1);
	if (*p == '[')
		return naive_set(&p, (unsigned char)*s) && naive(p, s + 1);
	p += *p == '\\';
	return *p == *s && naive(p + 1, s + 1);
}

/* Braces by trying every part, then slashes, dots and runs of stars. self: what
 * ends with a double star matches the directory, too. */
static bool naive_braces(const char *p, const char *s, bool self)
{
	char text[600], normal[600] = "", *to = normal, *save, *part;
	size_t depth = 0, open = 0, from = 0;

	for (size_t i = 0; p[i]; i++) {
		if (p[i] == '\\') {
			i++;
			continue;
		}
		if (p[i] == '{' && !depth++)
			open = from = i + 1;
		if (depth == 1 && (p[i] == ',' || p[i] == '}')) {
			const char *close = p + i;
			size_t level = 1;

			for (; level; close++) {
				level += *close == '{';
				level -= *close == '}';
				close += *close == '\\';
			}
			snprintf(text, sizeof(text), "%.*s%.*s%s", (int)open - 1, p,
				 (int)(i - from), p + from, close);
			if (naive_braces(text, s, self))
				return true;
			from = i + 1;
		}
		if (p[i] == '}' && !--depth)
			return false;
	}
	strcpy(text, p);
	for (part = strtok_r(text, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		if (!strcmp(part, "."))
			continue;
		if (strlen(part) > 1 && strspn(part, "*") == strlen(part)) {
			part = "**";
			if (to - normal >= 3 && !strcmp(to - 3, "/**"))
				continue;
		}
		to += sprintf(to, "/%s", part);
	}
	if (naive(*normal ? normal : "/", s))
		return true;
	if (!self || to - normal < 3 || strcmp(to - 3, "/**"))
		return false;
	to[-3] = '\0';
	return naive(*normal ? normal : "/", s);
}

#endif
