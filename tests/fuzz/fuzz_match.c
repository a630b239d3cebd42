// SPDX-License-Identifier: Apache-2.0
/*
 * Patterns and a path, separated by NUL bytes, the path last.
 *
 * 1. Every pattern that is well-formed compiles, or is too large.
 * 2. The automaton says what a naive matcher says.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "claim.h"
#include "policy/automaton/comb.h"
#include "policy/automaton/glob.h"
#include "policy/automaton/match.h"
#include "tests/unit/test_match_naive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 512 /* longer ones are slow and find nothing that shorter ones do not */
#define TEXT_MAX 64u  /* the naive matcher is exponential */
#define STARS_MAX 5
#define STATES_MAX 2000u
#define WORDS_MAX 65536u

static int add(void *ctx, const char *text)
{
	struct glob_accept accept = { .entry = EC_ACCEPT(EC_CLASS_CALL, 1, 0, 1) };
	static const struct glob_places places = { .home = "/home/me", .cwd = "/w" };
	char canonical[GLOB_TEXT_MAX];
	const char *problem;

	CLAIM(glob_canonical(text, &places, canonical, &problem) == 0);
	glob_add(ctx, canonical, &accept);
	return 0;
}

/* What the naive matcher does not know. */
static bool is_plain(const char *pattern)
{
	int stars = 0;

	for (const char *at = pattern; *at; at++)
		stars += *at == '*';
	return stars <= STARS_MAX && strlen(pattern) < TEXT_MAX && !strchr(pattern, '~') &&
	       pattern[0] != '.' && !strstr(pattern, "{.") && !strstr(pattern, ",.") &&
	       !strstr(pattern, "}.") && !strstr(pattern, "\\.") && !strstr(pattern, "thread") &&
	       !strpbrk(pattern, "[]");
}

/* As the kernel presents it: names with one slash before each. */
static bool is_path(const char *path)
{
	size_t len = strlen(path);

	return len < TEXT_MAX && path[0] == '/' && !strstr(path, "//") &&
	       (len == 1 || path[len - 1] != '/');
}

static void one(const char *pattern, const char *path)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	_cleanup_dfa_ struct dfa dfa = { 0 };
	struct automaton a = { 0 };
	const char *problem = NULL;
	int r = glob_check(pattern, &problem);

	CLAIM((r < 0) == (problem != NULL));
	if (r < 0)
		return;
	CLAIM(glob_braces(pattern, add, &nfa, &problem) == 0);
	CLAIM(nfa.error == 0);
	r = dfa_build(&nfa, STATES_MAX, &dfa);
	CLAIM(r == 0 || r == -E2BIG);
	if (r < 0 || comb_pack(&dfa, WORDS_MAX, &a) < 0)
		return;
	if (is_plain(pattern) && is_path(path))
		CLAIM((match_string(&a, path, 1, 0, 0).call != 0) ==
		      naive_braces(pattern, path, false));
	automaton_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path, *at;
	char *text;

	if (!size || size > INPUT_MAX)
		return 0;
	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	path = memrchr(text, '\0', size);
	path = path ? path + 1 : text;
	for (at = text; at < path; at += strlen(at) + 1)
		one(at, path);
	if (path == text)
		one(text, "/");
	free(text);
	return 0;
}
