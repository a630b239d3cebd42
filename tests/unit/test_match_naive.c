// SPDX-License-Identifier: Apache-2.0
/* Random patterns, and rules that cover each other, against a naive matcher over
 * their text. */
#include <stdlib.h>

#include "match_built.h"
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

Test(match_naive, agrees_with_a_naive_matcher)
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

Test(match_naive, covered_rules_leave_the_verdict)
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
