// SPDX-License-Identifier: Apache-2.0
#include "texts.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/grow.h"
#include "policy/pii/view.h"

/* Of a list whose items make one command; longer ones are data. */
#define JOINED_MAX 65536u

struct walk {
	texts_each *each;
	void *ctx;
	const char *argument;
};

/* Each stage by itself: what one of them undoes, the next may hide again. */
static int tell(const struct walk *w, struct text *text)
{
	_cleanup_view_ struct view view = { 0 };
	struct text seen = *text;
	int r;

	text->argument = seen.argument = w->argument;
	if ((r = w->each(w->ctx, text)) != 0 || (r = view_init(&view, text->at, text->len)) < 0)
		return r;
	for (size_t i = 0; r == 0 && i < view.len; i++) {
		seen.at = view.stages[i].text;
		seen.len = view.stages[i].len;
		r = w->each(w->ctx, &seen);
	}
	return r;
}

static int tell_string(const struct walk *w, const cJSON *value)
{
	struct text text = { .at = value->valuestring, .name = value->string };

	text.len = text.at ? strlen(text.at) : 0;
	return text.at ? tell(w, &text) : 0;
}

static int tell_name(const struct walk *w, const cJSON *value)
{
	struct text text = { .at = value->string, .is_name = true };

	text.len = text.at ? strlen(text.at) : 0;
	return text.len ? tell(w, &text) : 0;
}

static int tell_number(const struct walk *w, const cJSON *value)
{
	char digits[32];
	struct text text = { .at = digits, .name = value->string, .is_number = true };

	text.len = (size_t)snprintf(digits, sizeof(digits), "%.15g", value->valuedouble);
	text.argument = w->argument;
	return w->each(w->ctx, &text);
}

/* ["sh", "-c", "…"] is what a shell gets as one line. */
static int tell_joined(const struct walk *w, const cJSON *list)
{
	_cleanup_memory_ char *joined = NULL;
	struct text text = { .name = list->string, .is_joined = true };
	const cJSON *item;
	size_t len = 0;

	cJSON_ArrayForEach (item, list) {
		if (!cJSON_IsString(item) || !item->valuestring)
			return 0;
		len += strlen(item->valuestring) + 1;
	}
	if (!list->child || !list->child->next || len > JOINED_MAX)
		return 0;
	joined = malloc(len);
	if (!joined)
		return -ENOMEM;
	cJSON_ArrayForEach (item, list) {
		size_t item_len = strlen(item->valuestring);

		memcpy(joined + text.len, item->valuestring, item_len);
		text.len += item_len;
		joined[text.len++] = ' ';
	}
	text.len--;
	text.at = joined;
	return tell(w, &text);
}

static int walk(const struct walk *w, const cJSON *value)
{
	const cJSON *child;
	int r = 0;

	if (cJSON_IsString(value) || cJSON_IsRaw(value))
		return tell_string(w, value);
	if (cJSON_IsNumber(value))
		return tell_number(w, value);
	if (cJSON_IsArray(value))
		r = tell_joined(w, value);
	for (child = value->child; r == 0 && child; child = child->next)
		if ((r = tell_name(w, child)) == 0)
			r = walk(w, child);
	return r;
}

int texts_walk(const struct cJSON *value, texts_each *each, void *ctx)
{
	struct walk w = { .each = each, .ctx = ctx };
	int r = 0;

	if (!cJSON_IsObject(value))
		return value ? walk(&w, value) : 0;
	for (const cJSON *child = value->child; r == 0 && child; child = child->next) {
		w.argument = child->string;
		if ((r = tell_name(&w, child)) == 0)
			r = walk(&w, child);
	}
	return r;
}
