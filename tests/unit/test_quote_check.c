// SPDX-License-Identifier: Apache-2.0
/* A quote that a TPM made, and what becomes of it when anything of it is changed. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include "quote_line.h"
#include "user/evidence/quoted.h"
#include "user/tpm/quote_check.h"

static struct trail_quote quote;
static struct attest attest;
static char after[TRAIL_HASH_SIZE];

static void read_quote(void)
{
	cr_assert_null(trail_quote_read(quote_line, strlen(quote_line), &quote));
}

TestSuite(quote_check, .init = read_quote);

Test(quote_check, holds_as_it_was_made)
{
	cr_expect_null(quote_check(&quote, &attest, after));
	cr_expect_eq(attest.pcr, 15);
	cr_expect_eq(attest.resets, 1);
}

/* A digit of each text is another one: nothing of it may be changed. */
Test(quote_check, every_digit_counts)
{
	char *const texts[] = { quote.checkpoint, quote.before, quote.attest, quote.key,
				quote.signature };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (char *c = texts[i]; *c; c++) {
			char was = *c;

			*c = was == '0' ? '1' : '0';
			cr_expect_not_null(quote_check(&quote, &attest, after), "text %zu at %td",
					   i, c - texts[i]);
			*c = was;
		}
	quote.pcr++;
	cr_expect_not_null(quote_check(&quote, &attest, after));
}

Test(quote_check, texts_that_are_cut_off_do_not_hold)
{
	quote.signature[2] = '\0';
	cr_expect_not_null(quote_check(&quote, &attest, after));
	read_quote();
	quote.key[10] = '\0';
	cr_expect_not_null(quote_check(&quote, &attest, after));
	read_quote();
	quote.before[63] = '\0';
	cr_expect_not_null(quote_check(&quote, &attest, after));
}

Test(quote_check, the_line_is_written_in_one_way)
{
	char line[TRAIL_QUOTE_MAX], *signature;
	struct trail_quote again;

	cr_assert_eq(trail_quote_print(&quote, line), strlen(quote_line));
	cr_assert_str_eq(line, quote_line);
	signature = strstr(line, "\"pcr\":15");
	cr_assert(signature);
	memcpy(signature, "\"pcr\":+5", 8);
	cr_expect_not_null(trail_quote_read(line, strlen(line), &again));
}

/* ---- one after the other ---- */

#define TIME "2026-11-28T07:17:29.784715Z"

Test(quote_check, another_key_does_not_hold)
{
	struct quoted quoted = { .key = quote.key }, by_another = { .key = "30" };

	cr_expect_null(quoted_check(&quoted, &quote, TIME));
	cr_expect_eq(quoted.quotes, 1);
	cr_expect_not_null(quoted_check(&by_another, &quote, TIME));
}

/* The one before, as it would have been. */
static struct quoted before_it(void)
{
	struct quoted quoted = { .attest = { .pcr = 15, .resets = 1, .clock_ms = 6000 } };

	cr_assert_null(quote_check(&quote, &attest, after));
	strcpy(quoted.signer, quote.key);
	strcpy(quoted.after, quote.before);
	quoted.attest.clock_ms = attest.clock_ms - 1000;
	return quoted;
}

Test(quote_check, follows_the_one_before)
{
	struct quoted quoted = before_it();

	cr_expect_null(quoted_check(&quoted, &quote, TIME));
	cr_expect_eq(quoted.foreign, 0);
	cr_expect_str_eq(quoted.after, after);
}

Test(quote_check, what_else_has_extended_the_pcr_is_seen)
{
	struct quoted quoted = before_it();

	quoted.after[0] ^= 1;
	cr_expect_null(quoted_check(&quoted, &quote, TIME));
	cr_expect_eq(quoted.foreign, 1);
	cr_expect_eq(quoted.foreign_seq, 296);
}

Test(quote_check, a_tpm_that_goes_back_does_not_hold)
{
	struct quoted quoted = before_it();

	quoted.attest.clock_ms += 1001;
	cr_expect_not_null(quoted_check(&quoted, &quote, TIME));
	quoted = before_it();
	quoted.attest.resets = 2;
	cr_expect_not_null(quoted_check(&quoted, &quote, TIME));
	quoted = before_it();
	quoted.attest.restarts = 1;
	cr_expect_not_null(quoted_check(&quoted, &quote, TIME));
	/* after a restart the PCR begins anew */
	quoted = before_it();
	quoted.attest.resets = 0;
	quoted.after[0] ^= 1;
	cr_expect_null(quoted_check(&quoted, &quote, TIME));
	cr_expect_eq(quoted.restarts, 1);
	cr_expect_eq(quoted.foreign, 0);
}

Test(quote_check, a_day_in_a_second_is_seen)
{
	struct quoted quoted = before_it();

	quoted.time_us = 1795850248 * INT64_C(1000000); /* a second before TIME */
	cr_expect_null(quoted_check(&quoted, &quote, TIME));
	cr_expect_eq(quoted.apart, 0);
	quoted = before_it();
	quoted.time_us = (1795850248 - 86400) * INT64_C(1000000);
	cr_expect_null(quoted_check(&quoted, &quote, TIME));
	cr_expect_eq(quoted.apart, 1);
	cr_expect_eq(quoted.apart_seq, 296);
}
