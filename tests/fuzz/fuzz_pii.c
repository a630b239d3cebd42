// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_pii.c - any text: what is redacted has nothing left to find, is bounded,
 * is UTF-8 if it was, and took time in proportion to its length.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "claim.h"
#include "policy/pii/pii.h"

#define STRATEGIES 4
/* The shortest that can be found, 7 bytes, becomes 25 ("[SHA256:…]"), or 28 as
 * a placeholder; a second round may find what the first one uncovered. */
#define GROWTH 8
/* Sanitizers make it ten times slower; the text is repeated to REPEATED bytes. */
#define REPEATED 65536u
#define NS_A_BYTE_MAX 20000.0

static struct pii *all[STRATEGIES];

static bool is_utf8(const unsigned char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = text[i] < 0x80 ? 1 : text[i] >= 0xf0 ? 4 : text[i] >= 0xe0 ? 3 : 2;

		if ((text[i] >= 0x80 && text[i] < 0xc2) || text[i] > 0xf4 || len - i < n)
			return false;
		for (size_t j = 1; j < n; j++)
			if ((text[i + j] & 0xc0) != 0x80)
				return false;
		i += n;
	}
	return true;
}

static void try_find(const char *text, size_t len)
{
	struct pii_match *matches;
	size_t count;

	CLAIM(pii_find(all[0], text, len, &matches, &count) == 0);
	for (size_t i = 0; i < count; i++) {
		CLAIM(matches[i].len && matches[i].start < len);
		CLAIM(matches[i].len <= len - matches[i].start);
		CLAIM(!i || matches[i - 1].start <= matches[i].start);
		CLAIM(pii_category_name(matches[i].category));
	}
	free(matches);
}

static void try_redact(const struct pii *pii, bool is_mask, const char *text, size_t len)
{
	struct pii_match *matches;
	size_t redacted_len, count, left;
	char *redacted;
	int r = pii_redact(pii, text, len, &redacted, &redacted_len, &count);

	CLAIM(r == 0 || r == -E2BIG);
	if (r)
		return;
	CLAIM(!redacted == !count);
	CLAIM(redacted_len <= GROWTH * len + 64);
	if (redacted) {
		CLAIM(pii_find(pii, redacted, redacted_len, &matches, &left) == 0);
		CLAIM(left == 0 || is_mask);
		free(matches);
		if (is_utf8((const unsigned char *)text, len))
			CLAIM(is_utf8((const unsigned char *)redacted, redacted_len));
	}
	free(redacted);
}

static void try_time(const char *text, size_t len)
{
	struct timespec start, end;
	char *many = malloc(REPEATED);

	CLAIM(many);
	for (size_t i = 0; i < REPEATED; i++)
		many[i] = text[i % len];
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	try_find(many, REPEATED);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	CLAIM((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec) <
	      NS_A_BYTE_MAX * REPEATED);
	free(many);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;

	for (unsigned int i = 0; i < STRATEGIES && !all[i]; i++) {
		const struct pii_options options = { PII_ALL, PII_PLACEHOLDER + i };

		CLAIM(pii_new(&options, &all[i]) == 0);
	}
	try_find(text, len);
	for (unsigned int i = 0; i < STRATEGIES; i++)
		try_redact(all[i], i + PII_PLACEHOLDER == PII_MASK, text, len);
	if (len && len % 16 == 0)
		try_time(text, len);
	return 0;
}
