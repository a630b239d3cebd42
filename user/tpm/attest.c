// SPDX-License-Identifier: Apache-2.0
#include "attest.h"

#include <string.h>

#define MAGIC 0xff544347u /* TPM_GENERATED: what is signed for others never begins so */
#define TYPE_QUOTE 0x8018u
#define ALG_SHA256 0x000bu
#define NAME_MAX_BYTES 66u	/* a hash's number, and SHA-512 */
#define PCR_SELECT_MAX_BYTES 4u /* 32 PCRs */

/* What is left; after a step too far nothing is. */
struct cursor {
	const unsigned char *at;
	size_t left;
	bool failed;
};

static const unsigned char *take(struct cursor *cursor, size_t len)
{
	const unsigned char *at = cursor->at;

	if (cursor->failed || len > cursor->left) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += len;
	cursor->left -= len;
	return at;
}

static uint64_t take_number(struct cursor *cursor, size_t len)
{
	const unsigned char *at = take(cursor, len);
	uint64_t number = 0;

	for (size_t i = 0; at && i < len; i++)
		number = number << 8 | at[i];
	return number;
}

/* A TPM2B of exactly a hash. */
static bool take_hash(struct cursor *cursor, unsigned char ret_hash[ATTEST_HASH_BYTES])
{
	const unsigned char *at;

	if (take_number(cursor, 2) != ATTEST_HASH_BYTES)
		return false;
	at = take(cursor, ATTEST_HASH_BYTES);
	if (at)
		memcpy(ret_hash, at, ATTEST_HASH_BYTES);
	return at != NULL;
}

/* Which one bit is set. */
static bool take_pcr(struct cursor *cursor, unsigned int *ret_pcr)
{
	size_t len = (size_t)take_number(cursor, 1), set = 0;
	const unsigned char *bits = len <= PCR_SELECT_MAX_BYTES ? take(cursor, len) : NULL;

	for (unsigned int i = 0; bits && i < 8 * len; i++) {
		if (!(bits[i / 8] >> i % 8 & 1))
			continue;
		*ret_pcr = i;
		set++;
	}
	return set == 1;
}

const char *attest_read(const unsigned char *bytes, size_t len, struct attest *ret_attest)
{
	struct cursor cursor = { .at = bytes, .left = len };
	uint64_t name_len, safe;

	if (take_number(&cursor, 4) != MAGIC)
		return "no TPM made it";
	if (take_number(&cursor, 2) != TYPE_QUOTE)
		return "it is no quote of a TPM";
	name_len = take_number(&cursor, 2);
	if (name_len > NAME_MAX_BYTES || !take(&cursor, (size_t)name_len))
		return "the name of its key is cut off, or too long";
	if (!take_hash(&cursor, ret_attest->qualifying))
		return "what it qualifies is no SHA-256";
	ret_attest->clock_ms = take_number(&cursor, 8);
	ret_attest->resets = (uint32_t)take_number(&cursor, 4);
	ret_attest->restarts = (uint32_t)take_number(&cursor, 4);
	safe = take_number(&cursor, 1);
	ret_attest->clock_safe = safe == 1;
	take_number(&cursor, 8); /* the firmware's version */
	if (cursor.failed || safe > 1)
		return "its clock is cut off, or none";
	if (take_number(&cursor, 4) != 1 || take_number(&cursor, 2) != ALG_SHA256 ||
	    !take_pcr(&cursor, &ret_attest->pcr))
		return "it is not of one PCR of the SHA-256 bank";
	if (!take_hash(&cursor, ret_attest->digest))
		return "its digest is no SHA-256";
	return cursor.left ? "something is behind it" : NULL;
}
