/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.h - path patterns.
 *
 *   *        any bytes within a component; as a whole component at least one
 *   **       as a whole component: any number of components, also none, but at
 *            the end of a pattern at least one; elsewhere: any bytes, '/' too
 *   ?        one byte but '/' (of a name outside ASCII each byte counts)
 *   […]      one byte of a set, ranges, negated by ! or ^; ASCII, never '/'
 *   {a,b}    either; may nest, may contain '/'
 *   \x       x itself
 *
 * A pattern starts with '/', with a whole-component double star, with a tilde
 * for the agent's home, or with a dot for the working directory that it is
 * started in. Repeated and trailing slashes and components
 * "." do not count; ".." is an error.
 */
#ifndef EC_GLOB_H
#define EC_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfa.h"

/* Alternatives that the braces of one pattern may come to. */
#define GLOB_ALTERNATIVES_MAX 1024u
/* Twice the longest path, for the escapes. */
#define GLOB_TEXT_MAX 8192u

typedef int glob_each(void *ctx, const char *text);

/* Calls each with every brace alternative, as written otherwise. -EINVAL or
 * -E2BIG fill *ret_problem; what each returns below 0 is passed on. */
int glob_braces(const char *pattern, glob_each *each, void *ctx, const char **ret_problem);

/* Absolute paths; NULL: there is none, and a pattern that needs it is an error. */
struct glob_places {
	const char *home;
	const char *cwd; /* "/" is an error as well */
};

/* Is place ('~' or '.') the first component? */
bool glob_starts_at(const char *pattern, char place);

/* The alternative as "/component/component", escapes kept, and the task's own
 * thread under /proc as the kernel names it. to has GLOB_TEXT_MAX bytes. */
int glob_canonical(const char *alternative, const struct glob_places *places, char *to,
		   const char **ret_problem);

/* Is the whole pattern well-formed? */
int glob_check(const char *pattern, const char **ret_problem);

/* Splits a canonical pattern: the literal components before the first wildcard
 * as a plain path in to (GLOB_TEXT_MAX bytes), returns the rest. */
const char *glob_literal(const char *canonical, char *to);
/* text with every byte that means something escaped; false: does not fit. */
bool glob_escape(const char *text, char *to, size_t to_len);

/* Does a canonical pattern end, or begin, with a whole-component double star? */
bool glob_has_tail(const char *canonical);
bool glob_is_floating(const char *canonical);

/* Accept words (EC_ACCEPT), 0 = no. */
struct glob_accept {
	uint64_t entry; /* what the pattern matches */
	uint64_t self;	/* the directory that a trailing double star hangs on */
	uint64_t below; /* all below what a pattern without such a tail matches */
	bool guarded;	/* see nfa.h */
};
void glob_add(struct nfa *nfa, const char *canonical, const struct glob_accept *accept);
/* Items of a part of a pattern, no begin and no end. */
void glob_items(struct nfa *nfa, const char *text, size_t len);

#endif
