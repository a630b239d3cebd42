/* SPDX-License-Identifier: Apache-2.0 */
/* regex.h - a pattern that the whole of a text must match (PCRE2, UTF-8). */
#ifndef EC_REGEX_H
#define EC_REGEX_H

#include <stdbool.h>
#include <stddef.h>

/* Longest pattern, in bytes. */
#define REGEX_LEN_MAX 4096u
/* What one match may cost (pcre2api(3)): steps, nested groups, KiB. Past any of
 * them the answer is -E2BIG, so that no text takes exponential time. */
#define REGEX_MATCH_LIMIT 200000u
#define REGEX_DEPTH_LIMIT 1000u
#define REGEX_HEAP_LIMIT 4096u

struct regex;

/* `$` is the very end, not before a last newline; \C is refused. -EINVAL:
 * *ret_offset is where in the pattern, ret_problem says what. */
#define REGEX_PROBLEM_MAX 128u
int regex_new(const char *pattern, size_t len, struct regex **ret_regex, size_t *ret_offset,
	      char ret_problem[REGEX_PROBLEM_MAX]);
/* Each keeps the next one, so that a policy can free all of its own. */
void regex_free_all(struct regex *regex); /* NULL is fine */
void regex_push(struct regex **list, struct regex *regex);

/* 1: matches; 0: does not; -E2BIG: a limit; -EINVAL: not UTF-8; -ENOMEM. */
int regex_match(const struct regex *regex, const char *text, size_t len);

#endif
