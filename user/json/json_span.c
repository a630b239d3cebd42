// SPDX-License-Identifier: Apache-2.0
#include "json_span.h"

#include <string.h>

#include "json_text.h"

/* Longer names are not asked for. */
#define NAME_MAX_LEN 64

static size_t skip_space(const char *text, size_t len, size_t at)
{
	while (at < len &&
	       (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
		at++;
	return at;
}

size_t json_span_string_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at < len ? at + 1 : len;
}

static size_t container_end(const char *text, size_t len, size_t at)
{
	size_t depth = 0;

	while (at < len) {
		char c = text[at];

		if (c == '"') {
			at = json_span_string_end(text, len, at);
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		at++;
		if (!depth)
			break;
	}
	return at;
}

static size_t value_end(const char *text, size_t len, size_t at)
{
	if (at >= len)
		return len;
	if (text[at] == '"')
		return json_span_string_end(text, len, at);
	if (text[at] == '{' || text[at] == '[')
		return container_end(text, len, at);
	while (at < len && text[at] && !strchr(",]} \t\r\n", text[at]))
		at++;
	return at;
}

struct json_span json_span_value(const char *text, size_t len)
{
	size_t at = skip_space(text, len, 0), end = value_end(text, len, at);

	return end > at ? (struct json_span) { text + at, end - at } : (struct json_span) { 0 };
}

bool json_span_equals(struct json_span string, const char *text)
{
	char decoded[NAME_MAX_LEN];
	size_t len = strlen(text);

	if (string.len == len + 2 && !memcmp(string.text + 1, text, len))
		return !memchr(text, '\\', len);
	if (!memchr(string.text, '\\', string.len))
		return false;
	return !json_text_decode(string.text, string.len, decoded, sizeof(decoded), &len) &&
	       len == strlen(text) && !memcmp(decoded, text, len);
}

struct json_span json_span_member(struct json_span object, const char *name)
{
	struct json_span found = { 0 };
	const char *text = object.text;
	size_t len = object.len, at = 1;

	if (!text || !len || text[0] != '{')
		return found;
	for (;;) {
		at = skip_space(text, len, at);
		if (at >= len || text[at] != '"')
			return found;
		struct json_span key = { text + at, json_span_string_end(text, len, at) - at };

		at = skip_space(text, len, at + key.len);
		at = skip_space(text, len, at + 1); /* past the colon */
		size_t end = value_end(text, len, at);

		if (end > at && json_span_equals(key, name))
			found = (struct json_span) { text + at, end - at };
		at = skip_space(text, len, end) + 1; /* past the comma */
	}
}

bool json_span_is(struct json_span value, const char *raw)
{
	return value.text && value.len == strlen(raw) && !memcmp(value.text, raw, value.len);
}
