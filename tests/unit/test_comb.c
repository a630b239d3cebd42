// SPDX-License-Identifier: Apache-2.0
/* The image: relocated beside others it says what it said alone. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/automaton/comb.h"
#include "policy/automaton/glob.h"
#include "policy/automaton/match.h"

#define WORDS_MAX (1u << 20)

static struct automaton image_of(const char *const *patterns)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	struct automaton a;

	for (uint32_t i = 0; patterns[i]; i++) {
		struct glob_accept accept = {
			.entry = EC_ACCEPT(EC_CLASS_CALL, 1, 0, i + 1),
			.guarded = i == 0,
		};

		glob_add(&nfa, patterns[i], &accept);
	}
	cr_assert_eq(dfa_build(&nfa, WORDS_MAX, &dfa), 0);
	cr_assert_eq(comb_pack(&dfa, WORDS_MAX, &a), 0);
	return a;
}

static const char *const first[] = { "/usr/**", "/etc/*.conf", "/srv/[a-m]*/x", "/**/.env", NULL };
static const char *const second[] = { "/usr/lib/**", "/home/*/.ssh/**", "/?", NULL };
static const char *const none[] = { NULL };

static const char *const strings[] = {
	"/usr/bin/x",	    "/usr",	 "/etc/a.conf", "/etc/a/b.conf",
	"/srv/data/x",	    "/srv/zz/x", "/a/.env",	"/.env",
	"/home/me/.ssh/id", "/x",	 "/",		"/usr/lib/.env",
	"\x01\x02",	    "",		 NULL
};

/* The kernel's way: ec_step over the arena. */
static uint32_t run_arena(const uint64_t *arena, uint32_t mask, uint32_t state, const char *string)
{
	for (; *string; string++) {
		uint32_t even = ec_step_even((const __u64 *)arena, mask, state, (__u8)*string);

		state = ec_step((const __u64 *)arena, mask, state, (__u8)*string);
		cr_assert_eq(even, state);
	}
	return state;
}

static void compare(const struct automaton *a, const uint64_t *arena, uint32_t offset)
{
	for (size_t i = 0; strings[i]; i++) {
		uint32_t alone = match_run(a, a->start, strings[i], strlen(strings[i]));
		uint32_t there = run_arena(arena, EC_ARENA_WORDS - 1, offset + a->start,
					   strings[i]);
		uint64_t list = 0, here = 0;

		cr_assert_eq(there, alone ? alone + offset : 0, "%s", strings[i]);
		if (!alone)
			continue;
		cr_assert_eq(EC_STATE_FLAGS(arena[there + 1]), EC_STATE_FLAGS(a->words[alone + 1]));
		list = EC_STATE_ACCEPT(arena[there + 1]);
		here = EC_STATE_ACCEPT(a->words[alone + 1]);
		cr_assert_eq(list, here ? here + offset : 0, "%s", strings[i]);
		if (list)
			cr_assert_arr_eq(arena + list, a->words + here,
					 (a->words[here] + 1) * sizeof(*arena));
	}
}

Test(comb, installs_beside_others)
{
	uint64_t *arena = calloc(EC_ARENA_WORDS, sizeof(*arena));
	struct automaton a = image_of(first), b = image_of(second);
	uint32_t at = EC_ARENA_FIRST, next;

	for (int i = 0; i < 5; i++) {
		next = at + a.words_len;
		automaton_install(&a, at, arena + at);
		automaton_install(&b, next, arena + next);
		compare(&a, arena, at);
		compare(&b, arena, next);
		at = next + b.words_len;
	}
	at = EC_ARENA_WORDS - b.words_len; /* the very end */
	automaton_install(&b, at, arena + at);
	compare(&b, arena, at);
	compare(&a, arena, EC_ARENA_FIRST);
	automaton_done(&a);
	automaton_done(&b);
	free(arena);
}

/* Everything a state can read belongs to the image, whatever the byte. */
Test(comb, keeps_every_index_inside)
{
	struct automaton a = image_of(first);

	for (uint32_t s = 2; s < a.moves; s += 2) {
		uint64_t row = a.words[s];

		cr_assert_geq(EC_STATE_BASE(row), a.moves);
		cr_assert_leq(EC_STATE_BASE(row) + 255, a.lists - 1);
		cr_assert_lt(EC_STATE_DEFAULT(row), a.moves);
		cr_assert_lt(EC_STATE_ACCEPT(a.words[s + 1]), a.words_len);
	}
	for (uint32_t i = a.moves; i < a.lists; i++)
		cr_assert_lt(EC_NEXT_STATE(a.words[i]), a.moves);
	for (uint32_t i = a.lists - 256; i < a.lists; i++)
		cr_assert_eq(a.words[i], 0);
	cr_assert_eq(a.words[0], 0);
	cr_assert_eq(a.words[1], 0);
	automaton_done(&a);
}

Test(comb, dead_state_stays_dead_in_an_image)
{
	struct automaton a = image_of(first);

	for (unsigned int byte = 0; byte < 256; byte++) {
		uint8_t c = (uint8_t)byte;

		cr_assert_eq(match_run(&a, 0, &c, 1), 0);
	}
	cr_assert_eq(match_at(&a, 0, 0xff, 0, 0).call, 0);
	automaton_done(&a);
}

Test(comb, nothing_makes_an_empty_image)
{
	struct automaton a = image_of(none);

	cr_assert_eq(a.start, 0);
	cr_assert_eq(a.words_len, 0);
	automaton_install(&a, 1000, NULL);
	automaton_done(&a);
}

Test(comb, refuses_what_does_not_fit)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	struct glob_accept accept = { .entry = EC_ACCEPT(EC_CLASS_CALL, 1, 0, 1) };
	struct automaton a;

	glob_add(&nfa, "/srv/data/**", &accept);
	cr_assert_eq(dfa_build(&nfa, 3, &dfa), -E2BIG);
	cr_assert_eq(dfa_build(&nfa, 1000, &dfa), 0);
	cr_assert_eq(comb_pack(&dfa, 290, &a), -E2BIG);
	cr_assert_eq(comb_pack(&dfa, 600, &a), 0);
	automaton_done(&a);
}

Test(comb, refuses_too_many_overlaps)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };

	for (uint32_t i = 1; i <= EC_MAX_ACCEPT + 1; i++) {
		struct glob_accept accept = { .entry = EC_ACCEPT(EC_CLASS_WITHIN, 1, i, i) };

		glob_add(&nfa, "/srv", &accept);
		if (i == EC_MAX_ACCEPT)
			cr_assert_eq(dfa_build(&nfa, 1000, &dfa), 0);
		dfa_done(&dfa);
	}
	cr_assert_eq(dfa_build(&nfa, 1000, &dfa), -EOVERFLOW);
}

/* Many rules: the image stays near one word for a byte and two for a state. */
Test(comb, packs_ten_thousand_rules)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	struct automaton a;
	char path[100];

	for (uint32_t i = 0; i < 10000; i++) {
		struct glob_accept accept = { .entry = EC_ACCEPT(EC_CLASS_TOOL, 1, 1, i + 1) };

		snprintf(path, sizeof(path), "/srv/%u/project-%u/file%u%s", i % 97, i % 1009, i,
			 i % 3 ? ".txt" : "/**");
		glob_add(&nfa, path, &accept);
	}
	cr_assert_eq(dfa_build(&nfa, EC_ARENA_WORDS, &dfa), 0);
	cr_assert_eq(comb_pack(&dfa, EC_ARENA_WORDS, &a), 0);
	cr_log_info("%zu states, %zu edges, %u words", dfa.states_len, dfa.edges_len, a.words_len);
	cr_assert_lt(a.words_len, 3 * dfa.states_len + 2 * dfa.edges_len + 40000);
	for (uint32_t i = 0; i < 10000; i += 7) {
		snprintf(path, sizeof(path), "/srv/%u/project-%u/file%u%s", i % 97, i % 1009, i,
			 i % 3 ? ".txt" : "/x");
		cr_assert_eq(match_string(&a, path, 1, 1, 0).tool, i + 1, "%s", path);
	}
	automaton_done(&a);
}
