// SPDX-License-Identifier: Apache-2.0
#include "trail_line.h"

#include <sodium.h>
#include <string.h>

#include "user/json/json_scan.h"

enum {
	SEQ,
	TIME,
	PREV,
	KIND,
	TORN_BYTES,
	TORN_SHA256,
	WATCHES
};

static const struct json_watch watches[WATCHES] = {
	[SEQ] = { "seq", -1 },
	[TIME] = { "time", -1 },
	[PREV] = { "prev", -1 },
	[KIND] = { "kind", -1 },
	[TORN_BYTES] = { "torn_bytes", -1 },
	[TORN_SHA256] = { "torn_sha256", -1 },
};

void trail_hash(const void *bytes, size_t bytes_len, char ret_hash[TRAIL_HASH_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, bytes, bytes_len);
	sodium_bin2hex(ret_hash, TRAIL_HASH_SIZE, hash, sizeof(hash));
}

static bool read_number(const struct json_seen *seen, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (seen->kind != JSON_NUMBER || seen->raw_len > 19)
		return false;
	for (size_t i = 0; i < seen->raw_len; i++) {
		if (seen->raw[i] < '0' || seen->raw[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(seen->raw[i] - '0');
	}
	*ret_number = number;
	return true;
}

static bool read_hash(const struct json_seen *seen, bool may_be_empty,
		      char ret_hash[TRAIL_HASH_SIZE])
{
	size_t len = (size_t)seen->raw_len - 2;

	if (seen->kind != JSON_STRING || (len != TRAIL_HASH_SIZE - 1 && !(may_be_empty && !len)))
		return false;
	memcpy(ret_hash, seen->raw + 1, len);
	ret_hash[len] = '\0';
	return true;
}

static bool is_text(const struct json_seen *seen, const char *text)
{
	size_t len = strlen(text);

	return seen->kind == JSON_STRING && seen->raw_len == len + 2 &&
	       !memcmp(seen->raw + 1, text, len);
}

static const char *find_ambiguity(const struct json_scan *scan)
{
	static const char *const reasons[WATCHES] = {
		"\"seq\" occurs twice",	       "\"time\" occurs twice",
		"\"prev\" occurs twice",       "\"kind\" occurs twice",
		"\"torn_bytes\" occurs twice", "\"torn_sha256\" occurs twice",
	};

	for (int i = 0; i < WATCHES; i++)
		if (scan->seen[i].count > 1)
			return reasons[i];
	return NULL;
}

const char *trail_line_read(const char *line, size_t line_len, struct trail_line *ret_line)
{
	struct json_scan scan;
	const char *why;

	json_scan_init(&scan, watches, WATCHES);
	json_scan_feed(&scan, line, line_len);
	if (json_scan_finish(&scan) != JSON_OBJECT || scan.deep || scan.has_nonfinite)
		return "it is not a JSON object";
	why = find_ambiguity(&scan);
	if (why)
		return why;
	if (!read_number(&scan.seen[SEQ], &ret_line->seq))
		return "it has no \"seq\"";
	if (scan.seen[TIME].kind != JSON_STRING)
		return "it has no \"time\"";
	if (!read_hash(&scan.seen[PREV], true, ret_line->prev))
		return "it has no \"prev\"";
	ret_line->recovered = is_text(&scan.seen[KIND], "recovered");
	if (!ret_line->recovered)
		return NULL;
	if (!read_number(&scan.seen[TORN_BYTES], &ret_line->torn_len) ||
	    !read_hash(&scan.seen[TORN_SHA256], false, ret_line->torn_hash))
		return "it recovers, but does not say what";
	return NULL;
}
