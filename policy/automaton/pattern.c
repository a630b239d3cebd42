// SPDX-License-Identifier: Apache-2.0
#include "pattern.h"

#include <errno.h>
#include <string.h>

#include "comb.h"
#include "dfa.h"
#include "match.h"
#include "nfa.h"

#define WORDS_MAX (1u << 20)
#define ENTRY EC_ACCEPT(EC_CLASS_CALL, 1, 0, 1)

struct adding {
	struct nfa *nfa;
	const struct glob_places *places;
	const char **problem;
};

static int add(void *ctx, const char *text)
{
	static const struct glob_accept accept = { .entry = ENTRY, .self = ENTRY };
	const struct adding *adding = ctx;
	char canonical[GLOB_TEXT_MAX];
	int r = glob_canonical(text, adding->places, canonical, adding->problem);

	if (r == 0)
		glob_add(adding->nfa, canonical, &accept);
	return r;
}

int pattern_compile(const char *const *patterns, size_t patterns_len,
		    const struct glob_places *places, struct automaton *ret_automaton,
		    const char **ret_problem)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	struct adding adding = { &nfa, places, ret_problem };
	int r = 0;

	*ret_problem = NULL;
	for (size_t i = 0; r == 0 && i < patterns_len; i++) {
		r = glob_check(patterns[i], ret_problem);
		if (r == 0)
			r = glob_braces(patterns[i], add, &adding, ret_problem);
	}
	if (r == 0 && (r = nfa.error) == 0 && (r = dfa_build(&nfa, WORDS_MAX / 2, &dfa)) == 0)
		r = comb_pack(&dfa, WORDS_MAX, ret_automaton);
	if (r < 0 && !*ret_problem)
		*ret_problem = r == -E2BIG ? "too large" : strerror(-r);
	return r;
}

bool pattern_matches(const struct automaton *automaton, const char *path, size_t path_len)
{
	uint32_t state = automaton->start ? match_run(automaton, automaton->start, path, path_len) :
					    0;

	return state && match_at(automaton, state, 1, 0, 0).call;
}
