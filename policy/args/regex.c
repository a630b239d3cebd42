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

int regex_new(const char *pattern, size_t len, struct regex **ret_regex, size_t *ret_offset,
	      char ret_problem[REGEX_PROBLEM_MAX])
{
	struct regex *regex = calloc(1, sizeof(*regex));
	PCRE2_SIZE offset = 0;
	int error = 0;

	if (!regex)
		return -ENOMEM;
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, len, OPTIONS, &error, &offset, NULL);
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
	run->steps += steps;
	if (run->steps > REGEX_BUDGET)
		return -E2BIG;
	if (!run->match)
		run->match = pcre2_match_data_create(1, NULL);
	if (!run->context)
		run->context = pcre2_match_context_create(NULL);
	if (!run->match || !run->context)
		return -ENOMEM;
	pcre2_set_match_limit(run->context, (uint32_t)steps);
	pcre2_set_depth_limit(run->context, (uint32_t)steps);
	pcre2_set_heap_limit(run->context, REGEX_HEAP_LIMIT);
	return 0;
}

int regex_match(const struct regex *regex, struct regex_run *run, const char *text, size_t len)
{
	int r = prepare(run, len);

	if (r < 0)
		return r;
	r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, 0, 0, run->match, run->context);
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
