// SPDX-License-Identifier: Apache-2.0
#include "redact.h"

#include <string.h>

#include "user/json/json_redact.h"

static bool is_one_of(const struct json_place *place, const char *const *patterns)
{
	for (; *patterns; patterns++)
		if (json_place_is(place, *patterns))
			return true;
	return false;
}

/* All but params.arguments, and but what leads there. */
static bool stays_of_call(const struct json_place *place, struct json_span value)
{
	(void)value;
	switch (place->depth) {
	case 0:
		return false;
	case 1:
		return !json_place_is(place, "params");
	case 2:
		return !json_place_is(place, "params/arguments");
	default:
		return false;
	}
}

int redact_call(const struct pii *pii, const char *text, size_t len, char **ret_text,
		size_t *ret_len, size_t *ret_count)
{
	return json_redact(pii, text, len, stays_of_call, ret_text, ret_len, ret_count);
}

/* Handles that one side makes and the other only gives back. */
static const char *const handles[] = {
	"id",
	"jsonrpc",
	"method",
	"result/protocolVersion",
	"result/resultType",
	"result/nextCursor",
	"result/requestState",
	"result/taskId",
	"result/task/taskId",
	"result/tasks/+/taskId",
	"params/progressToken",
	"params/requestId",
	"params/taskId",
	"params/elicitationId",
	NULL,
};

static const char *const blobs[] = {
	"result/content/+/data",
	"result/content/+/resource/blob",
	"result/contents/+/blob",
	"result/messages/+/content/data",
	"result/messages/+/content/resource/blob",
	"params/messages/+/content/data",
	NULL,
};

static bool is_base64(struct json_span value)
{
	for (size_t i = 1; i + 1 < value.len; i++) {
		unsigned char c = (unsigned char)value.text[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && !(c >= '0' && c <= '9') && (!c || !strchr("+/=-_", c)))
			return false;
	}
	return value.len > 2;
}

/* The keys of the specification: they carry ids and versions. */
static bool is_own_meta(const struct json_place *place)
{
	static const char own[] = "\"io.modelcontextprotocol/";
	const struct json_span *key = &place->at[2];

	return place->depth == 3 && key->text && key->len > sizeof(own) &&
	       !memcmp(key->text, own, sizeof(own) - 1) && json_span_equals(place->at[1], "_meta");
}

static bool stays_of_said(const struct json_place *place, struct json_span value)
{
	bool is_string = value.len && value.text[0] == '"';

	if (value.len && (value.text[0] == '{' || value.text[0] == '['))
		return is_own_meta(place);
	return is_string && (is_one_of(place, handles) || is_own_meta(place) ||
			     (is_one_of(place, blobs) && is_base64(value)));
}

int redact_said(const struct pii *pii, const char *text, size_t len, char **ret_text,
		size_t *ret_len, size_t *ret_count)
{
	return json_redact(pii, text, len, stays_of_said, ret_text, ret_len, ret_count);
}
