// SPDX-License-Identifier: Apache-2.0
#include "json_whole.h"

#include <string.h>

struct whole {
	const char *at, *end;
	const struct json_watch *watches;
	size_t watches_len;
	size_t next; /* the watch behind the one that was hit last: keys often keep an order */
	struct json_whole_seen *seen;
	struct json_whole_seen *hit; /* whose value comes next, at depth 1 */
	size_t depth;
	size_t members;				    /* of the outermost object */
	uint64_t objects[JSON_SCAN_DEPTH_MAX / 64]; /* bit set: object */
};

static void skip_space(struct whole *whole)
{
	while (whole->at < whole->end && (*whole->at == ' ' || *whole->at == '\t' ||
					  *whole->at == '\n' || *whole->at == '\r'))
		whole->at++;
}

static bool is_digit(const struct whole *whole)
{
	return whole->at < whole->end && *whole->at >= '0' && *whole->at <= '9';
}

static bool skip_digits(struct whole *whole)
{
	if (!is_digit(whole))
		return false;
	while (is_digit(whole))
		whole->at++;
	return true;
}

static bool skip_char(struct whole *whole, char c)
{
	if (whole->at == whole->end || *whole->at != c)
		return false;
	whole->at++;
	return true;
}

static bool skip_number(struct whole *whole)
{
	skip_char(whole, '-');
	if (!skip_char(whole, '0') && !skip_digits(whole))
		return false;
	if (skip_char(whole, '.') && !skip_digits(whole))
		return false;
	if (!skip_char(whole, 'e') && !skip_char(whole, 'E'))
		return true;
	if (!skip_char(whole, '+'))
		skip_char(whole, '-');
	return skip_digits(whole);
}

static bool skip_word(struct whole *whole, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(whole->end - whole->at) < len || memcmp(whole->at, word, len))
		return false;
	whole->at += len;
	return true;
}

/* At the byte behind the backslash. */
static bool skip_escape(struct whole *whole)
{
	if (whole->at == whole->end)
		return false;
	if (*whole->at != 'u')
		return *whole->at && strchr("\"\\/bfnrt", *whole->at++);
	if (whole->end - whole->at < 5)
		return false;
	for (int i = 1; i <= 4; i++)
		if (json_text_hex(whole->at[i]) < 0)
			return false;
	whole->at += 5;
	return true;
}

/* At its first quote. */
static bool skip_string(struct whole *whole)
{
	whole->at++;
	for (;;) {
		whole->at += json_text_run(whole->at, (size_t)(whole->end - whole->at));
		if (skip_char(whole, '"'))
			return true;
		if (!skip_char(whole, '\\') || !skip_escape(whole))
			return false;
	}
}

static bool equals(const char *key, size_t key_len, const char *want)
{
	/* rules most keys out by their first byte */
	return key_len && ((*key | 0x20) == (*want | 0x20) || (*key & 0x80)) &&
	       json_text_equals_folded(key, key_len, want);
}

static void hit(struct whole *whole, size_t i, bool folded)
{
	whole->hit = &whole->seen[i];
	whole->hit->count++;
	whole->hit->folded |= folded;
	whole->next = i + 1;
}

static bool is_exactly(const char *key, size_t key_len, const char *want)
{
	return strlen(want) == key_len && !memcmp(key, want, key_len);
}

/* raw: with its quotes */
static void find_watch(struct whole *whole, const char *raw, size_t raw_len)
{
	const char *key = raw + 1;
	size_t key_len = raw_len - 2;
	char decoded[JSON_SCAN_KEY_MAX];

	if (memchr(key, '\\', key_len)) {
		if (json_text_decode(raw, raw_len, decoded, sizeof(decoded), &key_len))
			return;
		key = decoded;
	}
	if (whole->next < whole->watches_len &&
	    is_exactly(key, key_len, whole->watches[whole->next].key)) {
		hit(whole, whole->next, false);
		return;
	}
	for (size_t i = 0; i < whole->watches_len; i++)
		if (equals(key, key_len, whole->watches[i].key)) {
			hit(whole, i, !is_exactly(key, key_len, whole->watches[i].key));
			return;
		}
}

static bool skip_key(struct whole *whole)
{
	const char *raw = whole->at;

	if (raw == whole->end || *raw != '"' || !skip_string(whole))
		return false;
	whole->members += whole->depth == 1;
	if (whole->depth == 1 && whole->watches_len)
		find_watch(whole, raw, (size_t)(whole->at - raw));
	skip_space(whole);
	return skip_char(whole, ':');
}

static enum json_kind skip_scalar(struct whole *whole)
{
	switch (*whole->at) {
	case '"':
		return skip_string(whole) ? JSON_STRING : JSON_INVALID;
	case 't':
		return skip_word(whole, "true") ? JSON_TRUE : JSON_INVALID;
	case 'f':
		return skip_word(whole, "false") ? JSON_FALSE : JSON_INVALID;
	case 'n':
		return skip_word(whole, "null") ? JSON_NULL : JSON_INVALID;
	default:
		return skip_number(whole) ? JSON_NUMBER : JSON_INVALID;
	}
}

static bool in_object(const struct whole *whole)
{
	size_t top = whole->depth - 1;

	return whole->objects[top / 64] >> (top % 64) & 1;
}

static bool descend(struct whole *whole, bool object)
{
	uint64_t bit = 1ull << (whole->depth % 64);

	if (whole->depth == JSON_SCAN_DEPTH_MAX)
		return false;
	if (object)
		whole->objects[whole->depth / 64] |= bit;
	else
		whole->objects[whole->depth / 64] &= ~bit;
	whole->depth++;
	whole->at++;
	return true;
}

/* Sees the value that ends here. */
static void see(struct whole *whole, const char *raw, enum json_kind kind)
{
	if (!whole->hit)
		return;
	whole->hit->kind = kind;
	whole->hit->raw = raw;
	whole->hit->raw_len = (size_t)(whole->at - raw);
	whole->hit = NULL;
}

/* What stands at a value; *ret_open: it is a container, and not an empty one. */
static enum json_kind begin_value(struct whole *whole, bool *ret_open)
{
	const char *raw = whole->at;
	enum json_kind kind;

	*ret_open = false;
	if (raw == whole->end)
		return JSON_INVALID;
	if (*raw != '{' && *raw != '[') {
		kind = skip_scalar(whole);
		see(whole, raw, kind);
		return kind;
	}
	kind = *raw == '{' ? JSON_OBJECT : JSON_ARRAY;
	see(whole, raw, kind);
	if (!descend(whole, kind == JSON_OBJECT))
		return JSON_INVALID;
	skip_space(whole);
	if (skip_char(whole, kind == JSON_OBJECT ? '}' : ']'))
		whole->depth--;
	else
		*ret_open = true;
	return kind;
}

/* Behind a value: to where the next one begins. False: there is none. */
static bool next_value(struct whole *whole)
{
	while (whole->depth) {
		bool object = in_object(whole);

		skip_space(whole);
		if (skip_char(whole, ',')) {
			skip_space(whole);
			return object ? skip_key(whole) : true;
		}
		if (!skip_char(whole, object ? '}' : ']'))
			return false;
		whole->depth--;
	}
	return false;
}

enum json_kind json_whole_counted(const char *text, size_t text_len,
				  const struct json_watch *watches, size_t watches_len,
				  struct json_whole_seen *seen, size_t *ret_members)
{
	struct whole whole = { .at = text, .end = text + text_len, .seen = seen };
	enum json_kind outermost = JSON_NONE, kind;
	bool open;

	whole.watches = watches;
	whole.watches_len = watches_len;
	memset(seen, 0, watches_len * sizeof(*seen));
	*ret_members = 0;
	skip_space(&whole);
	if (whole.at == whole.end)
		return JSON_NONE;
	do {
		skip_space(&whole);
		kind = begin_value(&whole, &open);
		if (outermost == JSON_NONE)
			outermost = kind;
		if (open && kind == JSON_OBJECT && !skip_key(&whole))
			return JSON_INVALID;
		if (kind == JSON_INVALID)
			return JSON_INVALID;
	} while (open || next_value(&whole));
	skip_space(&whole);
	*ret_members = whole.members;
	return whole.depth || whole.at != whole.end ? JSON_INVALID : outermost;
}

enum json_kind json_whole(const char *text, size_t text_len, const struct json_watch *watches,
			  size_t watches_len, struct json_whole_seen *seen)
{
	size_t members;

	return json_whole_counted(text, text_len, watches, watches_len, seen, &members);
}

void json_whole_text(const struct json_whole_seen *seen, size_t size, char *ret_text)
{
	*ret_text = '\0';
	if (seen->kind != JSON_STRING || seen->raw_len < 2 || seen->raw_len - 2 >= size)
		return;
	memcpy(ret_text, seen->raw + 1, seen->raw_len - 2);
	ret_text[seen->raw_len - 2] = '\0';
}
