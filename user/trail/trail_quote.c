// SPDX-License-Identifier: Apache-2.0
#include "trail_quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/json/json_whole.h"

size_t trail_quote_print(const struct trail_quote *quote, char line[TRAIL_QUOTE_MAX])
{
	return (size_t)snprintf(line, TRAIL_QUOTE_MAX,
				"{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\","
				"\"kind\":\"quote\",\"trail\":\"%s\",\"of\":%" PRIu64 ","
				"\"checkpoint\":\"%s\",\"pcr\":%u,\"before\":\"%s\","
				"\"attest\":\"%s\",\"key\":\"%s\",\"signature\":\"%s\"}",
				quote->seq, quote->time, quote->head, quote->trail, quote->of,
				quote->checkpoint, quote->pcr, quote->before, quote->attest,
				quote->key, quote->signature);
}

static uint64_t number_of(const struct json_whole_seen *seen)
{
	char digits[21] = "";

	if (seen->kind == JSON_NUMBER && seen->raw_len < sizeof(digits))
		memcpy(digits, seen->raw, seen->raw_len);
	return strtoull(digits, NULL, 10);
}

enum {
	TIME,
	PREV,
	TRAIL,
	OF,
	CHECKPOINT,
	PCR,
	BEFORE,
	ATTEST,
	KEY,
	SIGNATURE,
	WATCHES
};

static const struct json_watch watches[WATCHES] = {
	[TIME] = { "time", -1 },
	[PREV] = { "prev", -1 },
	[TRAIL] = { "trail", -1 },
	[OF] = { "of", -1 },
	[CHECKPOINT] = { "checkpoint", -1 },
	[PCR] = { "pcr", -1 },
	[BEFORE] = { "before", -1 },
	[ATTEST] = { "attest", -1 },
	[KEY] = { "key", -1 },
	[SIGNATURE] = { "signature", -1 },
};

static void take(const struct json_whole_seen *seen, struct trail_quote *quote)
{
	const struct {
		int watch;
		char *to;
		size_t size;
	} texts[] = {
		{ TIME, quote->time, sizeof(quote->time) },
		{ PREV, quote->head, sizeof(quote->head) },
		{ TRAIL, quote->trail, sizeof(quote->trail) },
		{ CHECKPOINT, quote->checkpoint, sizeof(quote->checkpoint) },
		{ BEFORE, quote->before, sizeof(quote->before) },
		{ ATTEST, quote->attest, sizeof(quote->attest) },
		{ KEY, quote->key, sizeof(quote->key) },
		{ SIGNATURE, quote->signature, sizeof(quote->signature) },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_whole_text(&seen[texts[i].watch], texts[i].size, texts[i].to);
	quote->of = number_of(&seen[OF]);
	quote->pcr = (unsigned int)number_of(&seen[PCR]);
}

const char *trail_quote_read(const char *line, size_t line_len, struct trail_quote *ret_quote)
{
	struct json_whole_seen seen[WATCHES];
	char printed[TRAIL_QUOTE_MAX];
	struct trail_line common;

	if (trail_line_read(line, line_len, &common) || common.kind != TRAIL_QUOTE)
		return "it is no quote";
	json_whole(line, line_len, watches, WATCHES, seen);
	ret_quote->seq = common.seq;
	take(seen, ret_quote);
	if (trail_quote_print(ret_quote, printed) != line_len || memcmp(printed, line, line_len))
		return "it is not written as a quote is";
	return NULL;
}
