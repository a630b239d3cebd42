// SPDX-License-Identifier: Apache-2.0
/* Patterns hold for whole texts, and none costs more than its length allows. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "policy/args/regex.h"

static int match(const char *pattern, const char *text)
{
	char problem[REGEX_PROBLEM_MAX] = "";
	struct regex_run run = { 0 };
	struct regex *regex = NULL;
	size_t offset;
	int r = regex_new(pattern, strlen(pattern), &regex, &offset, problem);

	cr_assert_eq(r, 0, "%s: %s", pattern, problem);
	r = regex_match(regex, &run, text, strlen(text));
	regex_run_done(&run);
	regex_free_all(regex);
	return r;
}

Test(regex, holds_for_the_whole_text)
{
	cr_assert_eq(match("[a-z]+", "abc"), 1);
	cr_assert_eq(match("[a-z]+", "abc "), 0);
	cr_assert_eq(match("[a-z]+", "9abc"), 0);
	cr_assert_eq(match("^[a-z]+$", "abc"), 1);
	cr_assert_eq(match("^[a-z]+$", "abc\n"), 0);
	cr_assert_eq(match("^[a-z]+$", "x\nabc\ny"), 0);
	cr_assert_eq(match("a|ab", "ab"), 1);
	cr_assert_eq(match("a|^b", "ab"), 0);
	cr_assert_eq(match("", ""), 1);
	cr_assert_eq(match("(?m)^a$", "a\nb"), 0);
	cr_assert_eq(match(".*", "a\nb"), 0);
}

Test(regex, is_of_characters)
{
	cr_assert_eq(match(".", "\xc3\xa4"), 1);
	cr_assert_eq(match("[\xc3\xa4\xc3\xb6]{2}", "\xc3\xb6\xc3\xa4"), 1);
	cr_assert_eq(match("\\p{L}+", "\xc3\xb6x"), 1);
	cr_assert_eq(match("\\w+", "\xc3\xb6"), 0);
	cr_assert_eq(match("\\d", "\xd9\xa1"), 0); /* an Arabic one */
	cr_assert_eq(match(".*", "\xff"), -EINVAL);
	cr_assert_eq(match(".*", "a\xed\xa0\x80"), -EINVAL);
}

Test(regex, never_goes_on_without_end)
{
	const size_t size = 1 << 20;
	char *text = calloc(1, size);

	cr_assert_not_null(text);
	memset(text, 'a', 40);
	text[40] = '!';
	cr_assert_eq(match("(a+)+", text), -E2BIG);
	cr_assert_eq(match("(a|aa)+$", text), -E2BIG);
	cr_assert_eq(match("(?:(?R)|a)*", text), -E2BIG);
	cr_assert_eq(match("(.*)\\1\\1\\1\\1b", text), 0);
	memset(text, 'a', size - 1);
	cr_assert_eq(match("(?:.*a){12}b", text), -E2BIG);
	free(text);
}

Test(regex, takes_long_texts_as_far_as_they_are_easy)
{
	const size_t size = 1 << 20;
	char *text = calloc(1, size);

	cr_assert_not_null(text);
	memset(text, 'a', size - 1);
	cr_assert_eq(match("[a-z]+", text), 1);
	cr_assert_eq(match("[^/]{1,}", text), 1);
	text[50000] = '\0';
	cr_assert_eq(match("(?:[a-z]|\\d)*", text), 1);
	free(text);
}

Test(regex, a_call_has_a_budget)
{
	static char text[1 << 17];
	struct regex_run run = { 0 };
	char problem[REGEX_PROBLEM_MAX];
	struct regex *regex;
	int r = 1, times;
	size_t offset;

	memset(text, 'a', sizeof(text) - 1);
	cr_assert_eq(regex_new("a*", 2, &regex, &offset, problem), 0);
	for (times = 0; r == 1; times++)
		r = regex_match(regex, &run, text, strlen(text));
	cr_assert_eq(r, -E2BIG);
	cr_assert_eq(times, REGEX_BUDGET / REGEX_STEPS_MAX + 1);
	regex_run_done(&run);
	regex_free_all(regex);
}
