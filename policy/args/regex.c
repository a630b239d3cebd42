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
	pcre2_match_context *context;
	struct regex *next;
};

void regex_free_all(struct regex *regex)
{
	while (regex) {
		struct regex *next = regex->next;

		pcre2_code_free(regex->code);
		pcre2_match_context_free(regex->context);
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
	regex->context = pcre2_match_context_create(NULL);
	if (regex->code && regex->context) {
		pcre2_set_match_limit(regex->context, REGEX_MATCH_LIMIT);
		pcre2_set_depth_limit(regex->context, REGEX_DEPTH_LIMIT);
		pcre2_set_heap_limit(regex->context, REGEX_HEAP_LIMIT);
		*ret_regex = regex;
		return 0;
	}
	error = regex->code ? PCRE2_ERROR_NOMEMORY : error;
	regex_free_all(regex);
	*ret_offset = offset;
	pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_problem, REGEX_PROBLEM_MAX);
	return error == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -EINVAL;
}

int regex_match(const struct regex *regex, const char *text, size_t len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int r;

	if (!data)
		return -ENOMEM;
	r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, 0, 0, data, regex->context);
	pcre2_match_data_free(data);
	switch (r) {
	case PCRE2_ERROR_NOMATCH:
		return 0;
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
		return -E2BIG;
	case PCRE2_ERROR_NOMEMORY:
		return -ENOMEM;
	default:
		return r >= 0 ? 1 : -EINVAL;
	}
}
