// SPDX-License-Identifier: Apache-2.0
/* Patterns against a naive matcher over their text, and what each wildcard
 * means. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/automaton/comb.h"
#include "policy/automaton/glob.h"
#include "policy/automaton/match.h"
#include "test_match_naive.h"

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
#define SHARED 5 /* patterns of the same few classes in one automaton */
#define WORDS_MAX (1u << 16)
#define STATES_MAX 1500u /* random stars multiply */

struct one {
	struct nfa *nfa;
	struct glob_accept accept;
};

static int add_one(void *ctx, const char *text)
{
	struct one *one = ctx;
	static const struct glob_places places = { .home = "/home/me", .cwd = "/w[1]" };
	char canonical[GLOB_TEXT_MAX];
	const char *problem;
	int r = glob_canonical(text, &places, canonical, &problem);

	if (r == 0)
		glob_add(one->nfa, canonical, &one->accept);
	return r;
}

static int build_all(const char *const *patterns, const struct glob_accept *accepts, size_t len,
		     struct automaton *ret)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	const char *problem;
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++) {
		struct one one = { &nfa, accepts[i] };

		r = glob_check(patterns[i], &problem);
		if (r == 0)
			r = glob_braces(patterns[i], add_one, &one, &problem);
	}
	if (r < 0 || (r = dfa_build(&nfa, STATES_MAX, &dfa)) < 0)
		return r;
	return comb_pack(&dfa, WORDS_MAX, ret);
}

/* Each pattern is tool i + 1. */
static int build(const char *const *patterns, size_t len, struct automaton *ret)
{
	struct glob_accept accepts[SHARED] = { 0 };

	for (uint32_t i = 0; i < len; i++)
		accepts[i].entry = EC_ACCEPT(EC_CLASS_TOOL, 1, i + 1, i + 1);
	return build_all(patterns, accepts, len, ret);
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

/* --- random patterns and paths --- */

static unsigned int pick(unsigned int n)
{
	return (unsigned int)(random() % n);
}

static void random_pattern(char *to, int depth)
{
	static const char *const parts[] = { "a",	"b",	"c",   "a",	 "b",	  "ab",
					     "/",	"/",	"/",   "*",	 "*",	  "**",
					     "/**/",	"/**",	"?",   "[ab]",	 "[!a]",  "[a-c]",
					     "[^b-c.]", "[]a]", "\\*", "\\?",	 "\\{",	  "-",
					     "a.",	"/./",	"***", "[\\]-]", "{a,b}", "{,/c}" };
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
				bool expected = naive_braces(patterns[i], path, false);

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

/* --- what rules that cover each other leave of the verdict --- */

#define NEVER 7u /* reading, writing and running */

/* Allow or never, with what compile_accept would set beside. */
static struct glob_accept random_accept(uint32_t rule)
{
	struct glob_accept accept = { 0 };
	enum ec_class class = pick(2) ? EC_CLASS_NEVER : EC_CLASS_BASELINE;
	uint32_t ops = 1 + pick(NEVER);

	accept.entry = EC_ACCEPT(class, ops, 0, rule);
	if (class == EC_CLASS_NEVER)
		accept.self = accept.below = accept.entry;
	accept.guarded = class == EC_CLASS_NEVER;
	return accept;
}

/* The pattern, or for never a directory above that it names. */
static bool naive_rule(const char *pattern, const struct glob_accept *accept, const char *path)
{
	char above[64];
	char *slash;

	if (naive_braces(pattern, path, accept->self))
		return true;
	if (!accept->below)
		return false;
	for (strcpy(above, path); (slash = strrchr(above, '/'));) {
		slash[slash == above && above[1]] = '\0';
		if (!above[0])
			break;
		if (naive_braces(pattern, above, true))
			return true;
	}
	return false;
}

static void check_verdict(const struct automaton *a, char patterns[][600],
			  const struct glob_accept *accepts, const char *path)
{
	uint32_t state = match_run(a, a->start, path, strlen(path));
	bool named[2] = { false, false };

	for (uint32_t op = 1; op < NEVER; op <<= 1, named[0] = named[1] = false) {
		struct ec_match match = match_at(a, state, op, 0, 0);
		uint32_t rule = match.never ? match.never : match.baseline;

		for (int i = 0; i < SHARED; i++)
			if (EC_ACCEPT_OPS(accepts[i].entry) & op &&
			    naive_rule(patterns[i], &accepts[i], path))
				named[accepts[i].below != 0] = true;
		cr_assert_eq(match.never != 0, named[1], "%s: never", path);
		cr_assert(named[1] || (match.baseline != 0) == named[0], "%s: baseline", path);
		if (rule)
			cr_assert(naive_rule(patterns[rule - 1], &accepts[rule - 1], path),
				  "%s: rule %s", path, patterns[rule - 1]);
	}
}

Test(match, covered_rules_leave_the_verdict)
{
	const char *given = getenv("SEED");
	unsigned int seed = given ? (unsigned int)atoi(given) : 19700101;

	cr_log_info("SEED=%u", seed);
	srandom(seed);
	for (int round = 0; round < ROUNDS / 2; round++) {
		char patterns[SHARED][600];
		const char *list[SHARED];
		struct glob_accept accepts[SHARED];
		struct automaton a = { 0 };

		for (uint32_t i = 0; i < SHARED; i++) {
			strcpy(patterns[i], pick(3) ? "/" : "**/");
			random_pattern(patterns[i], 1);
			strcat(patterns[i], pick(2) ? "/**" : "");
			list[i] = patterns[i];
			accepts[i] = random_accept(i + 1);
		}
		if (build_all(list, accepts, SHARED, &a) < 0)
			continue;
		for (int j = 0; j < PATHS; j++) {
			char path[64];

			random_path(path);
			check_verdict(&a, patterns, accepts, path);
		}
		automaton_done(&a);
	}
}

/* 2^k without dfa_prune.c. */
Test(match, rules_at_any_depth_do_not_multiply)
{
	struct glob_accept accepts[60] = { 0 };
	char texts[60][40];
	const char *list[60];
	struct automaton a;

	for (uint32_t i = 0; i < 60; i++) {
		accepts[i].entry = accepts[i].below = EC_ACCEPT(EC_CLASS_NEVER, 7, 0, i + 1);
		sprintf(texts[i], i % 2 ? "**/.secret%u" : "/srv/%u/**/key", i);
		list[i] = texts[i];
	}
	cr_assert_eq(build_all(list, accepts, 60, &a), 0);
	cr_log_info("%u words", a.words_len);
	cr_assert_lt(a.words_len, 20000);
	automaton_done(&a);
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
	cr_assert(matches("/a?b", "/a\xff"
				  "b"));
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
	cr_assert(matches("./x", "/w[1]/x"));
	cr_assert(matches(".", "/w[1]"));
	cr_assert(matches("./**", "/w[1]/x/y"));
	cr_assert(matches("{~,.}/x", "/w[1]/x"));
	cr_assert_not(matches("./x", "/w1/x"));
	cr_assert_not(matches("/a/./x", "/w[1]/x"));
	cr_assert_eq(check(".x"), -EINVAL);
	cr_assert_eq(check("./../x"), -EINVAL);
	cr_assert(matches("/proc/thread-self/maps", "/proc/self/task/17/maps"));
	cr_assert(matches("/proc/thread-self/**", "/proc/self/task/17/net/tcp"));
	cr_assert_not(matches("/proc/thread-selfish", "/proc/self/task/17"));
}

Test(match, malformed_patterns_are_refused)
{
	static const char *const bad[] = {
		"a/b",	"",	  "*/a",       "/a/../b", "/a/..",  "/a/{b",	   "/a}b",
		"/[a",	"/a\\",	  "/[z-a]",    "/[a/b]",  "/a\\/b", "/[\xc3\xa9]", "/[[:alpha:]]",
		"~x/y", "{/a,b}", "/{.,x}./y", "/\\../x", NULL
	};

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
