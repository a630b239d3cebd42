/* SPDX-License-Identifier: Apache-2.0 */
/* match_built.h - for tests of patterns: an automaton of some. */
#ifndef EC_TEST_MATCH_BUILT_H
#define EC_TEST_MATCH_BUILT_H

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "policy/automaton/comb.h"
#include "policy/automaton/glob.h"
#include "policy/automaton/match.h"

#define BUILD_MAX 2 /* patterns that build() takes */
#define WORDS_MAX (1u << 16)
#define STATES_MAX 1500u /* random stars multiply */

struct one {
	struct nfa *nfa;
	struct glob_accept accept;
};

static inline int add_one(void *ctx, const char *text)
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

static inline int build_all(const char *const *patterns, const struct glob_accept *accepts,
			    size_t len, struct automaton *ret)
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
static inline int build(const char *const *patterns, size_t len, struct automaton *ret)
{
	struct glob_accept accepts[BUILD_MAX] = { 0 };

	cr_assert_leq(len, BUILD_MAX);
	for (uint32_t i = 0; i < len; i++)
		accepts[i].entry = EC_ACCEPT(EC_CLASS_TOOL, 1, i + 1, i + 1);
	return build_all(patterns, accepts, len, ret);
}

#endif
