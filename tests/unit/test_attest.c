// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <string.h>

#include "user/tpm/attest.h"

/* One with a name of two bytes. */
static const unsigned char
	whole
		[] = {
			0xff, 0x54, 0x43, 0x47, 0x80, 0x18, 0, 2, 'n', 'm', 0, 32, /* qualifying */
			1,    1,    1,	  1,	1,    1,    1, 1, 1,   1,   1, 1,  1, 1,    1, 1,
			1,    1,    1,	  1,	1,    1,    1, 1, 1,   1,   1, 1,  1, 1,    1, 1,
			0,    0,    0,	  0,	0,    1,    0, 2, 0,   0,   0, 7,  0, 0,    0, 3,
			1, /* clock, resets, restarts, safe */
			9,    9,    9,	  9,	9,    9,    9, 9, 0,   0,   0, 1,  0, 0x0b, 3, 0,
			0x80, 0,    0,	  32, /* PCR 15 */
			2,    2,    2,	  2,	2,    2,    2, 2, 2,   2,   2, 2,  2, 2,    2, 2,
			2,    2,    2,	  2,	2,    2,    2, 2, 2,   2,   2, 2,  2, 2,    2, 2,
		};

Test(attest, reads_what_a_quote_says)
{
	struct attest attest;

	cr_assert_null(attest_read(whole, sizeof(whole), &attest));
	cr_expect_eq(attest.clock_ms, 0x10002);
	cr_expect_eq(attest.resets, 7);
	cr_expect_eq(attest.restarts, 3);
	cr_expect(attest.clock_safe);
	cr_expect_eq(attest.pcr, 15);
	cr_expect_eq(attest.qualifying[31], 1);
	cr_expect_eq(attest.digest[0], 2);
}

Test(attest, no_part_of_it_is_one)
{
	struct attest attest;

	for (size_t len = 0; len < sizeof(whole); len++) {
		unsigned char *part = malloc(len ? len : 1); /* the sanitizer sees a step too far */

		memcpy(part, whole, len);
		cr_expect_not_null(attest_read(part, len, &attest), "%zu", len);
		free(part);
	}
}

Test(attest, nor_with_more_behind_it)
{
	unsigned char more[sizeof(whole) + 1] = { 0 };
	struct attest attest;

	memcpy(more, whole, sizeof(whole));
	cr_expect_not_null(attest_read(more, sizeof(more), &attest));
}

/* Each of these bytes has one meaning that we take. */
Test(attest, nor_of_another_kind)
{
	static const struct {
		size_t at;
		unsigned char is;
		const char *what;
	} changes[] = {
		{ 0, 0xfe, "not made by a TPM" },
		{ 5, 0x19, "a session's audit" },
		{ 6, 1, "a name of 258 bytes" },
		{ 11, 31, "another hash" },
		{ 60, 2, "a boolean of 2" },
		{ 72, 2, "two selections" },
		{ 74, 0x0c, "SHA-384" },
		{ 75, 5, "40 PCRs" },
		{ 76, 1, "two PCRs" },
		{ 77, 0, "none" },
		{ 80, 20, "another digest" },
	};
	struct attest attest;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		unsigned char changed[sizeof(whole)];

		memcpy(changed, whole, sizeof(whole));
		cr_assert_neq(changed[changes[i].at], changes[i].is, "%s", changes[i].what);
		changed[changes[i].at] = changes[i].is;
		cr_expect_not_null(attest_read(changed, sizeof(changed), &attest), "%s",
				   changes[i].what);
	}
}
