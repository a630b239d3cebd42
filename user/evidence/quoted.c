// SPDX-License-Identifier: Apache-2.0
#include "quoted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/moment.h"
#include "user/tpm/quote_check.h"

/* A TPM's clock may go wrong by 15 % (Part 1, 36.3); a checkpoint waits for its quote while
 * the TPM is busy with others. */
#define CLOCK_PERCENT 15
#define CLOCK_SLACK_US (60 * INT64_C(1000000))

static int64_t time_of(const char *time)
{
	int64_t seconds;

	if (!time || strlen(time) != TRAIL_TIME_SIZE - 1 || moment_parse(time, &seconds) < 0)
		return 0;
	return seconds * 1000000 + strtol(time + 20, NULL, 10);
}

/* Only TPM2_Clear takes any of it back. */
static const char *went_back(const struct attest *last, const struct attest *now)
{
	if (now->resets < last->resets)
		return "the TPM had been reset more often before: it was cleared, or this is older";
	if (now->resets > last->resets)
		return last->clock_safe && now->clock_safe && now->clock_ms < last->clock_ms ?
			       "the TPM's clock went back" :
			       NULL;
	if (now->restarts < last->restarts || now->clock_ms < last->clock_ms)
		return "the TPM's clock went back";
	return NULL;
}

static bool is_apart(const struct quoted *last, const struct attest *now, int64_t time_us)
{
	int64_t by_clock = (int64_t)(now->clock_ms - last->attest.clock_ms) * 1000;
	int64_t by_time = time_us - last->time_us;
	int64_t distance = by_clock > by_time ? by_clock - by_time : by_time - by_clock;

	/* what the machine slept the TPM did not count */
	if (!time_us || !last->time_us || now->resets != last->attest.resets ||
	    now->restarts != last->attest.restarts)
		return false;
	return distance >
	       CLOCK_SLACK_US + (by_clock > by_time ? by_clock : by_time) / 100 * CLOCK_PERCENT;
}

static void compare(struct quoted *quoted, const struct trail_quote *quote,
		    const struct attest *attest, int64_t time_us)
{
	bool same_boot = attest->resets == quoted->attest.resets;

	quoted->restarts += !same_boot;
	if (same_boot && attest->pcr == quoted->attest.pcr &&
	    strcmp(quote->before, quoted->after) && !quoted->foreign++)
		quoted->foreign_seq = quote->seq;
	if (is_apart(quoted, attest, time_us) && !quoted->apart++)
		quoted->apart_seq = quote->seq;
}

const char *quoted_check(struct quoted *quoted, const struct trail_quote *quote, const char *time)
{
	int64_t time_us = time_of(time);
	char after[TRAIL_HASH_SIZE];
	struct attest attest;
	const char *why;

	if (quoted->key && strcmp(quoted->key, quote->key))
		return "it is quoted by another TPM, or with another key";
	why = quote_check(quote, &attest, after);
	if (why)
		return why;
	if (!strcmp(quoted->signer, quote->key)) {
		why = went_back(&quoted->attest, &attest);
		if (why)
			return why;
		compare(quoted, quote, &attest, time_us);
	}
	memcpy(quoted->signer, quote->key, sizeof(quoted->signer));
	memcpy(quoted->after, after, sizeof(after));
	quoted->attest = attest;
	quoted->time_us = time_us;
	quoted->quotes++;
	return NULL;
}
