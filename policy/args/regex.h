/* SPDX-License-Identifier: Apache-2.0 */
/* regex.h - a pattern that the whole of a text must match (PCRE2, UTF-8). */
#ifndef EC_REGEX_H
#define EC_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest pattern, in bytes. */
#define REGEX_LEN_MAX 4096u
/* Patterns of one policy: PCRE2 takes up to 64 KiB for one. */
#define REGEX_MAX 1000u
/* What one match may cost: steps (pcre2api(3)), so many and so many for each
 * byte of the text, and KiB. Past any of them the answer is -E2BIG, so that no
 * text takes more than time in proportion to its length. */
#define REGEX_STEPS 5000u
#define REGEX_STEPS_BYTE 20u
#define REGEX_STEPS_MAX 1000000u
#define REGEX_HEAP_LIMIT 16384u
/* What one search may cost: items of the pattern that are tried and bytes that
 * they go over, so many and so many for each byte of the text; and all searches
 * of one run together. Exact, and the same on every machine. */
#define REGEX_SEARCH_STEPS 1000000u
#define REGEX_SEARCH_STEPS_BYTE 100u
#define REGEX_SEARCH_BUDGET 200000000u
/* Steps that the matches of one call may be given together. */
#define REGEX_BUDGET 500000000u

struct regex;

/* `$` is the very end, not before a last newline; \C is refused. -EINVAL:
 * *ret_offset is where in the pattern, ret_problem says what. */
#define REGEX_PROBLEM_MAX 128u
int regex_new(const char *pattern, size_t len, struct regex **ret_regex, size_t *ret_offset,
	      char ret_problem[REGEX_PROBLEM_MAX]);
/* The same for regex_search: a match may begin anywhere and end before the end
 * of the text, `$` also before a last newline. bounded: our own, whose
 * repetitions all have a bound, so that its steps need not be counted. */
int regex_new_search(const char *pattern, size_t len, bool bounded, struct regex **ret_regex,
		     size_t *ret_offset, char ret_problem[REGEX_PROBLEM_MAX]);
/* Each keeps the next one, so that a policy can free all of its own. */
void regex_free_all(struct regex *regex); /* NULL is fine */
void regex_push(struct regex **list, struct regex *regex);

/* Memory for one match after another; zeroed at first. */
struct regex_run {
	void *match;   /* pcre2_match_data */
	void *context; /* pcre2_match_context */
	uint64_t steps;
	uint64_t search_steps;
};
void regex_run_done(struct regex_run *run);

/* 1: matches; 0: does not; -E2BIG: a limit; -EINVAL: not UTF-8; -ENOMEM. */
int regex_match(const struct regex *regex, struct regex_run *run, const char *text, size_t len);
/* The same of a regex_new_search; text must be UTF-8. */
int regex_search(const struct regex *regex, struct regex_run *run, const char *text, size_t len);

#endif
