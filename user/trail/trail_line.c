// SPDX-License-Identifier: Apache-2.0
#include "trail_line.h"

#include <string.h>

#include "user/json/json_whole.h"

enum {
	SEQ,
	TIME,
	PREV,
	KIND,
	TORN_BYTES,
	TORN_SHA256,
	TRAIL,
	SEGMENT,
	LAST,
	WATCHES
};

static const struct json_watch watches[WATCHES] = {
	[SEQ] = { "seq", -1 },
	[TIME] = { "time", -1 },
	[PREV] = { "prev", -1 },
	[KIND] = { "kind", -1 },
	[TORN_BYTES] = { "torn_bytes", -1 },
	[TORN_SHA256] = { "torn_sha256", -1 },
	[TRAIL] = { "trail", -1 },
	[SEGMENT] = { "segment", -1 },
	[LAST] = { "last", -1 },
};

static bool read_number(const struct json_whole_seen *seen, uint64_t *ret_number)
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

/* A text of that length (but for NUL), or empty where it may be. */
static bool read_text(const struct json_whole_seen *seen, size_t size, bool may_be_empty,
		      char *ret_text)
{
	size_t len = seen->raw_len - 2;

	if (seen->kind != JSON_STRING || (len != size - 1 && !(may_be_empty && !len)))
		return false;
	memcpy(ret_text, seen->raw + 1, len);
	ret_text[len] = '\0';
	return true;
}

static bool is_text(const struct json_whole_seen *seen, const char *text)
{
	size_t len = strlen(text);

	return seen->kind == JSON_STRING && seen->raw_len == len + 2 &&
	       !memcmp(seen->raw + 1, text, len);
}

static const char *find_ambiguity(const struct json_whole_seen *seen)
{
	static const char *const reasons[WATCHES] = {
		"\"seq\" occurs twice",	       "\"time\" occurs twice",
		"\"prev\" occurs twice",       "\"kind\" occurs twice",
		"\"torn_bytes\" occurs twice", "\"torn_sha256\" occurs twice",
		"\"trail\" occurs twice",      "\"segment\" occurs twice",
		"\"last\" occurs twice",
	};

	for (int i = 0; i < WATCHES; i++)
		if (seen[i].count > 1)
			return reasons[i];
	return NULL;
}

static enum trail_kind kind_of(const struct json_whole_seen *kind)
{
	return is_text(kind, "recovered")	? TRAIL_RECOVERED :
	       is_text(kind, "checkpoint")	? TRAIL_CHECKPOINT :
	       is_text(kind, "quote")		? TRAIL_QUOTE :
	       is_text(kind, "segment")		? TRAIL_SEGMENT :
	       is_text(kind, "segment_deleted") ? TRAIL_SEGMENT_DELETED :
						  TRAIL_OTHER;
}

/* What only some kinds have. */
static const char *read_kind(const struct json_whole_seen *seen, struct trail_line *line)
{
	line->kind = kind_of(&seen[KIND]);
	if (!read_text(&seen[TRAIL], sizeof(line->trail), false, line->trail))
		line->trail[0] = '\0';
	if (line->kind == TRAIL_RECOVERED &&
	    (!read_number(&seen[TORN_BYTES], &line->torn_len) ||
	     !read_text(&seen[TORN_SHA256], sizeof(line->torn_hash), false, line->torn_hash)))
		return "it recovers, but does not say what";
	if (line->kind == TRAIL_SEGMENT &&
	    (!read_number(&seen[SEGMENT], &line->segment) || line->segment < 2 || !*line->trail))
		return "it begins a segment, but does not say which";
	if (line->kind == TRAIL_SEGMENT_DELETED &&
	    (!read_number(&seen[SEGMENT], &line->segment) || !line->segment ||
	     !read_number(&seen[LAST], &line->last)))
		return "it tells of a deleted segment, but not which";
	return NULL;
}

const char *trail_line_read(const char *line, size_t line_len, struct trail_line *ret_line)
{
	struct json_whole_seen seen[WATCHES];
	const char *why;

	if (json_whole(line, line_len, watches, WATCHES, seen) != JSON_OBJECT)
		return "it is not a JSON object";
	why = find_ambiguity(seen);
	if (why)
		return why;
	if (!read_number(&seen[SEQ], &ret_line->seq))
		return "it has no \"seq\"";
	if (seen[TIME].kind != JSON_STRING)
		return "it has no \"time\"";
	if (!read_text(&seen[PREV], sizeof(ret_line->prev), true, ret_line->prev))
		return "it has no \"prev\"";
	return read_kind(seen, ret_line);
}

void trail_line_id(const struct trail_line *line, const char hash[TRAIL_HASH_SIZE],
		   char ret_id[TRAIL_ID_SIZE])
{
	memcpy(ret_id, *line->trail ? line->trail : hash, TRAIL_ID_SIZE - 1);
	ret_id[TRAIL_ID_SIZE - 1] = '\0';
}
