// SPDX-License-Identifier: Apache-2.0
/* Any bytes as what a TPM signed, and as the line of a quote: nothing but the one that is
 * known to hold does, and a line that is read is printed as it was. */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "tests/unit/quote_line.h"
#include "user/evidence/quoted.h"
#include "user/tpm/quote_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_attest(const uint8_t *data, size_t size)
{
	struct attest attest;

	if (!attest_read(data, size, &attest)) {
		CLAIM(size > 2 * ATTEST_HASH_BYTES && size <= TRAIL_ATTEST_BYTES);
		CLAIM(attest.pcr < 32);
	}
}

static void as_line(const char *line, size_t len)
{
	char printed[TRAIL_QUOTE_MAX], after[TRAIL_HASH_SIZE];
	struct trail_quote quote;
	struct attest attest;

	if (trail_quote_read(line, len, &quote))
		return;
	CLAIM(trail_quote_print(&quote, printed) == len && !memcmp(printed, line, len));
	if (!quote_check(&quote, &attest, after)) {
		struct quoted quoted = { .quotes = 0 };

		CLAIM(attest.pcr == quote.pcr);
		CLAIM(strstr(quote_line, quote.attest) && strstr(quote_line, quote.before));
		CLAIM(!quoted_check(&quoted, &quote, NULL) && quoted.quotes == 1);
	}
}

/* The one that holds, some bytes of it others. */
static void changed(const uint8_t *data, size_t size)
{
	char line[sizeof(quote_line)];

	memcpy(line, quote_line, sizeof(line));
	for (size_t i = 0; i + 2 < size && i < 24; i += 3)
		line[(data[i] << 8 | data[i + 1]) % (sizeof(line) - 1)] = (char)data[i + 2];
	as_line(line, sizeof(line) - 1);
}

/* In its texts: as hex of whatever else. */
static void with_attest(const uint8_t *data, size_t size)
{
	char after[TRAIL_HASH_SIZE];
	struct trail_quote quote;
	struct attest attest;

	CLAIM(!trail_quote_read(quote_line, strlen(quote_line), &quote));
	if (size > TRAIL_ATTEST_BYTES)
		return;
	for (size_t i = 0; i < size; i++) {
		quote.attest[2 * i] = "0123456789abcdef"[data[i] >> 4];
		quote.attest[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
	}
	quote.attest[2 * size] = '\0';
	CLAIM(quote_check(&quote, &attest, after) || strstr(quote_line, quote.attest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_attest(data, size);
	as_line((const char *)data, size);
	changed(data, size);
	with_attest(data, size);
	return 0;
}
