// SPDX-License-Identifier: Apache-2.0
#include "json_redact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/grow.h"
#include "policy/pii/pii.h"

/* Nothing that is looked for is shorter: a@b.cc, 1.2.3.4. */
#define FOUND_MIN 6

struct level {
	bool is_object;
	bool wants_name;
	size_t redacted; /* names of this object */
};

struct walk {
	const struct pii *pii;
	const char *text;
	size_t len;
	bool (*stays)(const struct json_place *place, struct json_span value);
	size_t depth;
	struct level levels[JSON_SCAN_DEPTH_MAX + 1];
	struct json_span names[JSON_SCAN_DEPTH_MAX + 1];
	size_t copied; /* of text, into out */
	char *out;
	size_t out_len, out_max;
	char *scratch; /* decoded strings: the name, then the value */
	size_t scratch_max;
	size_t count;
};

bool json_place_is(const struct json_place *place, const char *pattern)
{
	size_t level = 0;

	for (;; level++) {
		size_t len = strcspn(pattern, "/");
		const struct json_span *at = &place->at[level];
		char name[64];

		if (level >= place->depth || len >= sizeof(name))
			return false;
		memcpy(name, pattern, len);
		name[len] = '\0';
		if (!strcmp(name, "+") ? at->text != NULL :
					 !at->text || !json_span_equals(*at, name))
			return false;
		if (!pattern[len])
			return level + 1 == place->depth;
		pattern += len + 1;
	}
}

static int append(struct walk *w, const char *text, size_t len)
{
	if (GROW(w->out, w->out_len + len + 1, w->out_max))
		return -ENOMEM;
	memcpy(w->out + w->out_len, text, len);
	w->out_len += len;
	return 0;
}

/* A surrogate without its other half, as json_text_put writes it. */
static bool is_lone_surrogate(const char *text, size_t len)
{
	return len >= 3 && (unsigned char)text[0] == 0xed && (unsigned char)text[1] >= 0xa0 &&
	       ((unsigned char)text[2] & 0xc0) == 0x80;
}

static int append_string(struct walk *w, const char *text, size_t len)
{
	int r = append(w, "\"", 1);

	for (size_t i = 0; i < len && !r;) {
		unsigned char c = (unsigned char)text[i];
		char escape[8];
		int n;

		if (is_lone_surrogate(text + i, len - i)) {
			n = snprintf(escape, sizeof(escape), "\\u%04x",
				     0xd000u | ((unsigned char)text[i + 1] & 0x3fu) << 6 |
					     ((unsigned char)text[i + 2] & 0x3fu));
			r = append(w, escape, (size_t)n);
			i += 3;
		} else if (c == '"' || c == '\\') {
			r = append(w, (char[]) { '\\', (char)c }, 2);
			i++;
		} else if (c < 0x20) {
			n = snprintf(escape, sizeof(escape), "\\u%04x", c);
			r = append(w, escape, (size_t)n);
			i++;
		} else {
			r = append(w, text + i, 1);
			i++;
		}
	}
	return r ? r : append(w, "\"", 1);
}

/* What the string says; it may be within the text itself, or scratch + offset. */
static int decode(struct walk *w, struct json_span string, size_t offset,
		  struct json_span *ret_text)
{
	size_t len = string.len - 2;

	*ret_text = (struct json_span) { string.text + 1, len };
	if (!memchr(string.text, '\\', string.len))
		return 0;
	ret_text->text = w->scratch + offset;
	return json_text_decode(string.text, string.len, w->scratch + offset, len + 1,
				&ret_text->len);
}

static int replace(struct walk *w, struct json_span string, const char *text, size_t len,
		   size_t found)
{
	size_t start = (size_t)(string.text - w->text);
	int r = append(w, w->text + w->copied, start - w->copied);

	if (!r)
		r = append_string(w, text, len);
	w->copied = start + string.len;
	w->count += found;
	return r;
}

static int redact_value(struct walk *w, struct json_span string, const struct json_span *name)
{
	struct json_span text, name_text = { 0 };
	char *redacted = NULL;
	size_t len, found;
	int r;

	if (string.len < FOUND_MIN + 2)
		return 0;
	if (GROW(w->scratch, string.len + (name ? name->len : 0), w->scratch_max))
		return -ENOMEM;
	r = decode(w, string, 0, &text);
	if (!r && name)
		r = decode(w, *name, string.len, &name_text);
	if (!r)
		r = pii_redact_named(w->pii, name_text.text, name_text.len, text.text, text.len,
				     &redacted, &len, &found);
	if (!r && redacted)
		r = replace(w, string, redacted, len, found);
	free(redacted);
	return r;
}

/* A name that was redacted gets a number, unless it is the object's first. */
static int redact_name(struct walk *w, struct json_span string, struct level *level)
{
	char *redacted = NULL, *numbered = NULL;
	struct json_span text;
	size_t len, found;
	int r;

	if (string.len < FOUND_MIN + 2)
		return 0;
	if (GROW(w->scratch, string.len, w->scratch_max))
		return -ENOMEM;
	r = decode(w, string, 0, &text);
	if (!r)
		r = pii_redact(w->pii, text.text, text.len, &redacted, &len, &found);
	if (r || !redacted)
		return r;
	if (level->redacted++ &&
	    asprintf(&numbered, "%.*s #%zu", (int)len, redacted, level->redacted) < 0)
		r = -ENOMEM;
	if (!r)
		r = replace(w, string, numbered ? numbered : redacted,
			    numbered ? strlen(numbered) : len, found);
	free(numbered);
	free(redacted);
	return r;
}

/* Moves *at past a value that stays as it is. */
static bool skip_value(struct walk *w, size_t *at)
{
	const struct json_place place = { w->depth, w->names };
	struct json_span value;

	if (!w->stays || w->depth > JSON_PLACE_MAX)
		return false;
	value = json_span_value(w->text + *at, w->len - *at);
	if (!w->stays(&place, value))
		return false;
	*at += value.len;
	return true;
}

static int take_string(struct walk *w, size_t *at)
{
	struct json_span value = { w->text + *at,
				   json_span_string_end(w->text, w->len, *at) - *at };
	struct json_span *name = w->depth ? &w->names[w->depth - 1] : NULL;

	if (value.len >= FOUND_MIN + 2 && skip_value(w, at))
		return 0;
	*at += value.len;
	return redact_value(w, value, name && name->text ? name : NULL);
}

/* The beginning of a list or an object. */
static int enter(struct walk *w, size_t *at)
{
	bool is_object = w->text[*at] == '{';

	if (skip_value(w, at))
		return 0;
	if (w->depth == JSON_SCAN_DEPTH_MAX)
		return -E2BIG;
	w->levels[w->depth] = (struct level) { .is_object = is_object, .wants_name = is_object };
	w->names[w->depth++] = (struct json_span) { 0 };
	++*at;
	return 0;
}

static int take_name(struct walk *w, size_t *at)
{
	struct level *level = &w->levels[w->depth - 1];
	struct json_span name = { w->text + *at, json_span_string_end(w->text, w->len, *at) - *at };

	w->names[w->depth - 1] = name;
	level->wants_name = false;
	*at += name.len;
	return redact_name(w, name, level);
}

static int walk(struct walk *w)
{
	int r = 0;

	for (size_t at = 0; at < w->len && !r;) {
		struct level *level = w->depth ? &w->levels[w->depth - 1] : NULL;
		char c = w->text[at];

		if (c == '"' && level && level->wants_name) {
			r = take_name(w, &at);
		} else if (c == '"') {
			r = take_string(w, &at);
		} else if (c == '{' || c == '[') {
			r = enter(w, &at);
		} else {
			if ((c == '}' || c == ']') && w->depth)
				w->depth--;
			else if (c == ',' && level)
				level->wants_name = level->is_object;
			at++;
		}
	}
	if (!r && w->count)
		r = append(w, w->text + w->copied, w->len - w->copied);
	return r;
}

int json_redact(const struct pii *pii, const char *text, size_t len,
		bool (*stays)(const struct json_place *place, struct json_span value),
		char **ret_text, size_t *ret_len, size_t *ret_count)
{
	struct walk w = { .pii = pii, .text = text, .len = len, .stays = stays };
	int r = walk(&w);

	free(w.scratch);
	if (r) {
		free(w.out);
		return r;
	}
	if (w.out)
		w.out[w.out_len] = '\0';
	*ret_text = w.out;
	*ret_len = w.out_len;
	*ret_count = w.count;
	return 0;
}
