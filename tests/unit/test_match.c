// SPDX-License-Identifier: Apache-2.0
/* What each wildcard means, and which patterns are none. */
#include "match_built.h"

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

Test(match, an_alternating_policy_dies_early)
{
	const char *pattern = "/srv/data/**";
	struct automaton a = { 0 };

	cr_assert_eq(build(&pattern, 1, &a), 0);
	cr_assert_eq(match_run(&a, a.start, "/x", 2), 0);
	automaton_done(&a);
}
