// SPDX-License-Identifier: Apache-2.0
#include "regex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define OPTIONS                                                                                    \
	(PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |                   \
	 PCRE2_NEVER_BACKSLASH_C)
/* PCRE2's own limits are for each place where a match may begin; a callout at
 * every item counts them all. */
#define SEARCH_OPTIONS (PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C)

struct regex {
	pcre2_code *code;
	struct regex *next;
};

void regex_free_all(struct regex *regex)
{
	while (regex) {
		struct regex *next = regex->next;

		pcre2_code_free(regex->code);
		free(regex);
		regex = next;
	}
}

void regex_push(struct regex **list, struct regex *regex)
{
	regex->next = *list;
	*list = regex;
}

static int compile(const char *pattern, size_t len, uint32_t options, struct regex **ret_regex,
		   size_t *ret_offset, char ret_problem[REGEX_PROBLEM_MAX])
{
	struct regex *regex = calloc(1, sizeof(*regex));
	PCRE2_SIZE offset = 0;
	int error = 0;

	if (!regex)
		return -ENOMEM;
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, len, options, &error, &offset, NULL);
	if (regex->code) {
		/* where it is not to be had, the interpreter does it */
		pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
		*ret_regex = regex;
		return 0;
	}
	regex_free_all(regex);
	*ret_offset = offset;
	pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_problem, REGEX_PROBLEM_MAX);
	return error == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -EINVAL;
}

int regex_new(const char *pattern, size_t len, struct regex **ret_regex, size_t *ret_offset,
	      char ret_problem[REGEX_PROBLEM_MAX])
{
	return compile(pattern, len, OPTIONS, ret_regex, ret_offset, ret_problem);
}

int regex_new_search(const char *pattern, size_t len, bool bounded, struct regex **ret_regex,
		     size_t *ret_offset, char ret_problem[REGEX_PROBLEM_MAX])
{
	return compile(pattern, len, SEARCH_OPTIONS | (bounded ? 0 : PCRE2_AUTO_CALLOUT), ret_regex,
		       ret_offset, ret_problem);
}

void regex_run_done(struct regex_run *run)
{
	pcre2_match_data_free(run->match);
	pcre2_match_context_free(run->context);
	memset(run, 0, sizeof(*run));
}

static int prepare(struct regex_run *run, size_t len)
{
	uint64_t steps = REGEX_STEPS + (uint64_t)REGEX_STEPS_BYTE * len;

	if (steps > REGEX_STEPS_MAX)
		steps = REGEX_STEPS_MAX;
	if (!run->match)
		run->match = pcre2_match_data_create(1, NULL);
	if (!run->context)
		run->context = pcre2_match_context_create(NULL);
	if (!run->match || !run->context)
		return -ENOMEM;
	pcre2_set_match_limit(run->context, (uint32_t)steps);
	pcre2_set_depth_limit(run->context, (uint32_t)steps);
	pcre2_set_heap_limit(run->context, REGEX_HEAP_LIMIT);
	return (int)steps;
}

static int match(const struct regex *regex, struct regex_run *run, const char *text, size_t len)
{
	int r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, 0, 0, run->match, run->context);

	if (r == PCRE2_ERROR_JIT_STACKLIMIT) /* 32 KiB; the interpreter has its heap */
		r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_JIT, run->match,
				run->context);
	if (r >= 0 || r == PCRE2_ERROR_NOMATCH)
		return r >= 0;
	if (r == PCRE2_ERROR_NOMEMORY)
		return -ENOMEM;
	/* one code for each way not to be UTF-8 */
	return r <= PCRE2_ERROR_UTF8_ERR1 && r >= PCRE2_ERROR_UTF8_ERR21 ? -EINVAL : -E2BIG;
}

int regex_match(const struct regex *regex, struct regex_run *run, const char *text, size_t len)
{
	int r = prepare(run, len);

	if (r < 0)
		return r;
	run->steps += (uint64_t)r;
	return run->steps > REGEX_BUDGET ? -E2BIG : match(regex, run, text, len);
}

struct search {
	uint64_t left; /* steps */
	size_t at;
};

/* Called before each item of the pattern is tried. */
static int count(pcre2_callout_block *block, void *ctx)
{
	struct search *search = ctx;
	size_t at = block->current_position;
	uint64_t steps = 1 + (at > search->at ? at - search->at : search->at - at);

	search->at = at;
	if (steps > search->left)
		return PCRE2_ERROR_MATCHLIMIT;
	search->left -= steps;
	return 0;
}

int regex_search(const struct regex *regex, struct regex_run *run, const char *text, size_t len)
{
	uint64_t steps = REGEX_SEARCH_STEPS + (uint64_t)REGEX_SEARCH_STEPS_BYTE * len;
	struct search search = { .left = REGEX_SEARCH_BUDGET - run->search_steps };
	int r = prepare(run, len);

	if (r < 0)
		return r;
	if (steps < search.left)
		search.left = steps;
	steps = search.left;
	pcre2_set_callout(run->context, count, &search);
	r = match(regex, run, text, len);
	pcre2_set_callout(run->context, NULL, NULL);
	run->search_steps += steps - search.left;
	return r;
}
