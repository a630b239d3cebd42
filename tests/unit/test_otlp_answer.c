// SPDX-License-Identifier: Apache-2.0
/* What a receiver of OTLP says. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "user/export/otlp_answer.h"
#include "user/export/otlp_post.h"

static uint64_t rejected;
static char said[32];

static void read(const char *text)
{
	otlp_answer_read(text, strlen(text), &rejected, said, sizeof(said));
}

Test(otlp_answer, a_success_says_nothing)
{
	read("{}");
	cr_assert_eq(rejected, 0);
	cr_assert_str_eq(said, "");
	read("{\"partialSuccess\":{}}");
	cr_assert_eq(rejected, 0);
}

Test(otlp_answer, a_partial_success_has_a_number_and_words)
{
	read("{\"partialSuccess\":{\"rejectedSpans\":\"12\",\"errorMessage\":\"too old\"}}");
	cr_assert_eq(rejected, 12);
	cr_assert_str_eq(said, "too old");
	read("{\"partialSuccess\":{\"rejectedSpans\":3}}");
	cr_assert_eq(rejected, 3);
	read("{\"partialSuccess\":{\"errorMessage\":\"slow down\"}}");
	cr_assert_eq(rejected, 0);
	cr_assert_str_eq(said, "slow down");
}

Test(otlp_answer, anything_else_is_nothing)
{
	const char *const texts[] = {
		"",
		"nonsense",
		"[]",
		"7",
		"{\"partialSuccess\":7}",
		"{\"partialSuccess\":{\"rejectedSpans\":\"-1\"}}",
		"{\"partialSuccess\":{\"rejectedSpans\":\"1x\"}}",
		"{\"partialSuccess\":{\"rejectedSpans\":\"99999999999999999999\"}}",
		"{\"partialSuccess\":{\"rejectedSpans\":1e300,\"errorMessage\":5}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		read(texts[i]);
		cr_assert_eq(rejected, 0, "%s", texts[i]);
		cr_assert_str_eq(said, "", "%s", texts[i]);
	}
}

Test(otlp_answer, its_words_do_nothing_to_a_terminal)
{
	read("{\"partialSuccess\":{\"errorMessage\":\"a\\u001b[2J\\u202eb\\nc and so on and on and "
	     "on\"}}");
	cr_assert_eq(strspn(said, "abcdefghijklmnopqrstuvwxyz [2J?"), strlen(said));
	cr_assert_eq(strlen(said), sizeof(said) - 1);
}

Test(otlp_answer, when_to_come_again)
{
	const int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */

	cr_assert_eq(otlp_retry_after("0", now), 0);
	cr_assert_eq(otlp_retry_after("120", now), 120000);
	cr_assert_gt(otlp_retry_after("99999999999999999999", now), 0);
	cr_assert_eq(otlp_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), 10000);
	cr_assert_eq(otlp_retry_after("Sunday, 06-Nov-94 08:49:47 GMT", now), 10000);
	cr_assert_eq(otlp_retry_after("Sun Nov  6 08:49:47 1994", now), 10000);
	cr_assert_eq(otlp_retry_after("Sun, 06 Nov 1994 08:49:27 GMT", now), 0, "it is over");
	cr_assert_eq(otlp_retry_after("soon", now), -EINVAL);
	cr_assert_eq(otlp_retry_after("-5", now), -EINVAL);
	cr_assert_eq(otlp_retry_after("", now), -EINVAL);
	cr_assert_eq(otlp_retry_after("12 parrots", now), -EINVAL);
}
