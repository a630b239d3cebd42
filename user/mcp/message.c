// SPDX-License-Identifier: Apache-2.0
#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/json/json_text.h"

static const struct json_watch watches[MESSAGE_KEYS] = {
	[MESSAGE_ID] = { "id", -1 },
	[MESSAGE_METHOD] = { "method", -1 },
	[MESSAGE_PARAMS] = { "params", -1 },
	[MESSAGE_RESULT] = { "result", -1 },
	[MESSAGE_ERROR] = { "error", -1 },
	[MESSAGE_NAME] = { "name", MESSAGE_PARAMS },
	[MESSAGE_ARGUMENTS] = { "arguments", MESSAGE_PARAMS },
	[MESSAGE_META] = { "_meta", MESSAGE_PARAMS },
	[MESSAGE_REQUEST_ID] = { "requestId", MESSAGE_PARAMS },
	[MESSAGE_IS_ERROR] = { "isError", MESSAGE_RESULT },
};
_Static_assert(MESSAGE_KEYS <= JSON_SCAN_WATCH_MAX, "the scanner watches fewer keys");

void message_scan_init(struct json_scan *scan)
{
	json_scan_init(scan, watches, MESSAGE_KEYS);
}

/* The value has been read to its end. */
static bool is_complete(const struct json_scan *scan, enum message_key key)
{
	return scan->seen[key].count && scan->seen[key].kind != JSON_NONE &&
	       scan->value != &scan->seen[key];
}

#define EXACT_MAX 9007199254740992.0 /* 2^53: below it doubles hold every integer */

/* Integers keep every digit; 1.0 and 1e0 become 1. */
static void number_key(struct message_id *id)
{
	size_t digits = strspn(id->raw + (*id->raw == '-'), "0123456789") + (*id->raw == '-');
	double value = strtod(id->raw, NULL);

	if (digits == id->raw_len && value != 0)
		snprintf(id->key, sizeof(id->key), "n%s", id->raw);
	else if (value > -EXACT_MAX && value < EXACT_MAX && value == (double)(int64_t)value)
		snprintf(id->key, sizeof(id->key), "n%.0f", value ? value : 0.0);
	else
		snprintf(id->key, sizeof(id->key), "n%.17g", value);
	id->key_len = strlen(id->key);
}

int message_id_of(const char *raw, size_t raw_len, struct message_id *ret_id)
{
	if (raw_len > JSON_SCAN_VALUE_MAX)
		return -E2BIG;
	memcpy(ret_id->raw, raw, raw_len);
	ret_id->raw[raw_len] = '\0';
	ret_id->raw_len = raw_len;
	if (raw_len && (*raw == '-' || (*raw >= '0' && *raw <= '9'))) {
		number_key(ret_id);
		return 0;
	}
	ret_id->key[0] = 's';
	if (json_text_decode(raw, raw_len, ret_id->key + 1, sizeof(ret_id->key) - 1,
			     &ret_id->key_len))
		return -EINVAL;
	ret_id->key_len++;
	return 0;
}

int message_id(const struct json_scan *scan, enum message_key key, struct message_id *ret_id)
{
	const struct json_seen *seen = &scan->seen[key];

	if (!is_complete(scan, key))
		return -ENOENT;
	if (seen->kind != JSON_STRING && seen->kind != JSON_NUMBER)
		return -EINVAL;
	return seen->cut ? -E2BIG : message_id_of(seen->raw, seen->raw_len, ret_id);
}

enum message_method message_method(const struct json_scan *scan)
{
	static const struct {
		const char *name;
		enum message_method method;
	} names[] = {
		{ "tools/call", METHOD_TOOLS_CALL },
		{ "tools/list", METHOD_TOOLS_LIST },
		{ "notifications/cancelled", METHOD_CANCELLED },
		{ "initialize", METHOD_INITIALIZE },
		{ "notifications/subscriptions/acknowledged", METHOD_ACKNOWLEDGED },
	};
	const struct json_seen *seen = &scan->seen[MESSAGE_METHOD];
	char method[JSON_SCAN_VALUE_MAX + 1];
	size_t len;

	if (!is_complete(scan, MESSAGE_METHOD))
		return METHOD_NONE;
	if (seen->cut || json_text_decode(seen->raw, seen->raw_len, method, sizeof(method), &len))
		return METHOD_OTHER;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i].name) && !memcmp(method, names[i].name, len))
			return names[i].method;
	return METHOD_OTHER;
}

bool message_is_response(const struct json_scan *scan)
{
	return scan->seen[MESSAGE_RESULT].count || scan->seen[MESSAGE_ERROR].count;
}

bool message_failed(const struct json_scan *scan)
{
	return scan->seen[MESSAGE_ERROR].count || scan->seen[MESSAGE_IS_ERROR].kind == JSON_TRUE;
}

const char *message_ambiguity(const struct json_scan *scan)
{
	enum message_method method = message_method(scan);
	bool ours = method != METHOD_NONE && method != METHOD_OTHER;

	for (int i = 0; i < (ours ? MESSAGE_IS_ERROR : MESSAGE_NAME); i++)
		if (scan->seen[i].count > 1 || scan->seen[i].folded)
			return watches[i].key;
	return NULL;
}
