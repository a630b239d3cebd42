// SPDX-License-Identifier: Apache-2.0
/* json_watch.c - the keys that are watched, and the text of their values. */
#include <string.h>

#include "json_scan_impl.h"

void json_watch_init(struct json_scan *scan, const struct json_watch *watches, size_t watches_len)
{
	if (watches_len > JSON_SCAN_WATCH_MAX)
		watches_len = JSON_SCAN_WATCH_MAX;
	for (size_t i = 0; i < watches_len; i++) {
		scan->seen[i].count = 0;
		scan->seen[i].folded = scan->seen[i].cut = false;
		scan->seen[i].raw_len = 0;
		scan->seen[i].kind = JSON_NONE;
	}
	scan->watches = watches;
	scan->watches_len = watches_len;
	scan->key_long = false;
	scan->value = NULL;
	scan->hit = scan->parent = -1;
}

void json_watch_key_begin(struct json_scan *scan)
{
	scan->key_len = 0;
	scan->key_long = false;
}

void json_watch_key_add(struct json_scan *scan, const char *bytes, size_t bytes_len)
{
	if (bytes_len > sizeof(scan->key) - scan->key_len) {
		scan->key_long = true;
		return;
	}
	memcpy(scan->key + scan->key_len, bytes, bytes_len);
	scan->key_len += bytes_len;
}

/* Rules most keys out by their first byte. */
static bool may_match(char key, char want)
{
	return (key | 0x20) == (want | 0x20) || (key & 0x80);
}

void json_watch_key_end(struct json_scan *scan)
{
	int parent = scan->depth == 1 ? -1 : scan->parent;

	scan->hit = -1;
	if (!json_watch_keys(scan) || scan->key_long || !scan->key_len)
		return;
	for (size_t i = 0; i < scan->watches_len; i++) {
		const struct json_watch *watch = &scan->watches[i];
		struct json_seen *seen = &scan->seen[i];

		if (watch->parent != parent || !may_match(scan->key[0], watch->key[0]) ||
		    !json_text_equals_folded(scan->key, scan->key_len, watch->key))
			continue;
		if (strlen(watch->key) != scan->key_len ||
		    memcmp(watch->key, scan->key, scan->key_len))
			seen->folded = true;
		seen->count++;
		scan->hit = (int)i;
		return;
	}
}

static void see(struct json_scan *scan, enum json_kind kind)
{
	struct json_seen *seen = &scan->seen[scan->hit];

	seen->kind = kind;
	seen->cut = false;
	seen->raw_len = 0;
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		scan->value = seen;
}

void json_watch_value_begin(struct json_scan *scan, enum json_kind kind)
{
	bool watched = scan->hit >= 0 && json_in_object(scan);

	if (watched)
		see(scan, kind);
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return;
	if (scan->depth == 1)
		scan->parent = kind == JSON_OBJECT && watched ? scan->hit : -1;
	scan->hit = -1;
}

void json_watch_copy(struct json_scan *scan, const char *bytes, size_t bytes_len)
{
	struct json_seen *seen = scan->value;
	size_t room = sizeof(seen->raw) - seen->raw_len;

	if (bytes_len > room) {
		seen->cut = true;
		bytes_len = room;
	}
	memcpy(seen->raw + seen->raw_len, bytes, bytes_len);
	seen->raw_len += bytes_len;
}
