// SPDX-License-Identifier: Apache-2.0
/* Patterns against a naive matcher over their text, and what each wildcard
 * means. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/comb.h"
#include "policy/glob.h"
#include "policy/match.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define ROUNDS 500
#else
#define ROUNDS 10000
#endif
#define PATTERNS 2 /* in one automaton */
#define PATHS 60
#define WORDS_MAX (1u << 16)
#define STATES_MAX 1500u /* random stars multiply */

struct one {
	struct nfa *nfa;
	uint32_t rule;
};

static int add_one(void *ctx, const char *text)
{
	struct one *one = ctx;
	char canonical[GLOB_TEXT_MAX];
	const char *problem;
	struct glob_accept accept = {
		.entry = EC_ACCEPT(EC_CLASS_TOOL, 1, one->rule, one->rule),
	};
	int r = glob_canonical(text, "/home/me", canonical, &problem);

	if (r == 0)
		glob_add(one->nfa, canonical, &accept);
	return r;
}

/* Each pattern is tool i + 1. */
static int build(const char *const *patterns, size_t len, struct automaton *ret)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	const char *problem;
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++) {
		struct one one = { &nfa, (uint32_t)i + 1 };

		r = glob_check(patterns[i], &problem);
		if (r == 0)
			r = glob_braces(patterns[i], add_one, &one, &problem);
	}
	if (r < 0 || (r = dfa_build(&nfa, STATES_MAX, &dfa)) < 0)
		return r;
	return comb_pack(&dfa, WORDS_MAX, ret);
}

static bool matches(const char *pattern, const char *path)
{
	struct automaton a = { 0 };
	bool result;

	cr_assert_eq(build(&pattern, 1, &a), 0, "%s", pattern);
	result = match_string(&a, path, 1, 1, 0).tool == 1;
	automaton_done(&a);
	return result;
}

static int check(const char *pattern)
{
	const char *problem = NULL;
	int r = glob_check(pattern, &problem);

	cr_assert_eq(r < 0, problem != NULL, "%s", pattern);
	return r;
}

/* --- the naive matcher --- */

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

/* Braces by trying every part, then slashes, dots and runs of stars. */
static bool naive_braces(const char *p, const char *s)
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
			snprintf(text, sizeof(text), "%.*s%.*s%s", (int)open - 1, p, (int)(i - from),
				 p + from, close);
			if (naive_braces(text, s))
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
	return naive(*normal ? normal : "/", s);
}

/* --- random patterns and paths --- */

static unsigned int pick(unsigned int n)
{
	return (unsigned int)(random() % n);
}

static void random_pattern(char *to, int depth)
{
	static const char *const parts[] = { "a", "b", "c", "a", "b", "ab", "/", "/", "/", "*",
					     "*", "**", "/**/", "/**", "?", "[ab]", "[!a]", "[a-c]",
					     "[^b-c.]", "[]a]", "\\*", "\\?", "\\{", "-", "a.",
					     "/./", "***", "[\\]-]", "{a,b}", "{,/c}" };
	unsigned int len = 1 + pick(depth ? 3 : 7);

	for (unsigned int i = 0; i < len; i++) {
		if (depth < 2 && pick(12) == 0) {
			strcat(to, "{");
			for (unsigned int n = 1 + pick(3); n; n--) {
				random_pattern(to, depth + 1);
				strcat(to, n > 1 ? "," : "");
			}
			strcat(to, "}");
			continue;
		}
		strcat(to, parts[pick(sizeof(parts) / sizeof(parts[0]))]);
	}
}

static void random_path(char *to)
{
	static const char bytes[] = "aaabbbccd.*?-{]\xc3\x01";
	unsigned int len = pick(6);

	*to = '\0';
	for (unsigned int i = 0; i < len; i++) {
		*to++ = '/';
		for (unsigned int n = 1 + pick(3); n; n--)
			*to++ = bytes[pick(sizeof(bytes) - 1)];
	}
	strcpy(to, len ? "" : "/");
}

Test(match, agrees_with_a_naive_matcher)
{
	const char *given = getenv("SEED");
	unsigned int seed = given ? (unsigned int)atoi(given) : 20240229;
	size_t pairs = 0, hits = 0, skipped = 0;
	int r;

	cr_log_info("SEED=%u", seed);
	srandom(seed);
	for (int round = 0; round < ROUNDS; round++) {
		char patterns[PATTERNS][600];
		const char *list[PATTERNS];
		struct automaton a = { 0 };

		for (int i = 0; i < PATTERNS; i++) {
			strcpy(patterns[i], pick(8) ? "/" : "**/");
			random_pattern(patterns[i], 0);
			list[i] = patterns[i];
		}
		r = build(list, PATTERNS, &a);
		cr_assert(r == 0 || r == -E2BIG, "seed %u round %d: %d", seed, round, r);
		skipped += r < 0;
		if (r < 0)
			continue;
		for (int j = 0; j < PATHS; j++) {
			char path[64];
			uint32_t state;

			random_path(path);
			state = match_run(&a, a.start, path, strlen(path));
			for (uint32_t i = 0; i < PATTERNS; i++, pairs++) {
				bool expected = naive_braces(patterns[i], path);

				hits += expected;
				cr_assert_eq(match_at(&a, state, 1, i + 1, 0).tool != 0, expected,
					     "seed %u: pattern %s, path %s: not %d", seed,
					     patterns[i], path, expected);
			}
		}
		automaton_done(&a);
	}
	cr_log_info("%zu pairs, %zu match, %zu automatons too large", pairs, hits, skipped);
	cr_assert_geq(pairs, (size_t)ROUNDS * 100);
	cr_assert_gt(hits, pairs / 50, "too few matches to mean anything");
}

Test(match, star_stays_within_a_component)
{
	cr_assert(matches("/a/*", "/a/b"));
	cr_assert(matches("/a/*", "/a/.hidden"));
	cr_assert(matches("/a/b*", "/a/b"));
	cr_assert_not(matches("/a/*", "/a/b/c"));
	cr_assert_not(matches("/a/*", "/a"));
	cr_assert_not(matches("/*", "/"));
	cr_assert(matches("/a*b", "/a**b"));
}

Test(match, double_star_crosses_components)
{
	cr_assert(matches("/a/**/b", "/a/b"));
	cr_assert(matches("/a/**/b", "/a/x/y/b"));
	cr_assert_not(matches("/a/**/b", "/a/xb"));
	cr_assert(matches("**/.env", "/.env"));
	cr_assert(matches("**/.env", "/x/y/.env"));
	cr_assert_not(matches("**/.env", "/x/a.env"));
	cr_assert(matches("/a/**", "/a/b/c"));
	cr_assert_not(matches("/a/**", "/a"));
	cr_assert_not(matches("/a/**", "/ab"));
	cr_assert(matches("/**", "/a"));
	cr_assert_not(matches("/**", "/"));
	cr_assert(matches("**", "/a/b"));
	cr_assert(matches("/a**b", "/ax/yb"));
}

Test(match, sets_never_match_a_slash)
{
	cr_assert(matches("/[a-c]x", "/bx"));
	cr_assert(matches("/[!a-c]x", "/dx"));
	cr_assert(matches("/[^a]", "/]"));
	cr_assert(matches("/[]]", "/]"));
	cr_assert_not(matches("/a[!x]b", "/a/b"));
	cr_assert_not(matches("/a?b", "/a/b"));
	cr_assert(matches("/a?b", "/a\xff" "b"));
}

Test(match, braces_nest_and_hold_slashes)
{
	cr_assert(matches("/{usr,opt/{a,b}}/lib", "/opt/b/lib"));
	cr_assert(matches("/{usr,opt/{a,b}}/lib", "/usr/lib"));
	cr_assert_not(matches("/{usr,opt/{a,b}}/lib", "/opt/lib"));
	cr_assert(matches("{/a,/b}/c", "/b/c"));
	cr_assert(matches("/a{,.bak}", "/a"));
	cr_assert(matches("/[{]", "/{"));
}

Test(match, escapes_are_literal)
{
	cr_assert(matches("/a\\*", "/a*"));
	cr_assert_not(matches("/a\\*", "/ab"));
	cr_assert(matches("/\\{a,b\\}", "/{a,b}"));
	cr_assert(matches("/\\[a]", "/[a]"));
}

Test(match, slashes_and_dots_do_not_count)
{
	cr_assert(matches("//a///b/./c/", "/a/b/c"));
	cr_assert(matches("/", "/"));
	cr_assert(matches("~/x", "/home/me/x"));
	cr_assert(matches("~", "/home/me"));
	cr_assert(matches("/proc/thread-self/maps", "/proc/self/task/17/maps"));
	cr_assert(matches("/proc/thread-self/**", "/proc/self/task/17/net/tcp"));
	cr_assert_not(matches("/proc/thread-selfish", "/proc/self/task/17"));
}

Test(match, malformed_patterns_are_refused)
{
	static const char *const bad[] = { "a/b",    "",	 "*/a",	   "/a/../b", "/a/..",
					   "/a/{b",  "/a}b",	 "/[a",	   "/a\\",    "/[z-a]",
					   "/[a/b]", "/a\\/b",	 "/[\xc3\xa9]", "/[[:alpha:]]",
					   "~x/y",   "{/a,b}",	 "/{.,x}./y",	 "/\\../x", NULL };

	for (size_t i = 0; bad[i]; i++)
		cr_assert_lt(check(bad[i]), 0, "%s", bad[i]);
}

Test(match, braces_have_a_limit)
{
	char many[200] = "/";

	for (int i = 0; i < 11; i++)
		strcat(many, "{a,b}");
	cr_assert_lt(check(many), 0);
	for (int i = 0; i < 40; i++)
		many[1 + i] = '{';
	cr_assert_lt(check(many), 0);
}

Test(match, an_alternating_policy_dies_early)
{
	const char *pattern = "/srv/data/**";
	struct automaton a = { 0 };

	cr_assert_eq(build(&pattern, 1, &a), 0);
	cr_assert_eq(match_run(&a, a.start, "/x", 2), 0);
	automaton_done(&a);
}
