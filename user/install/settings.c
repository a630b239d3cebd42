// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/json/json_scan.h"
#include "user/util.h"

#define KEY_MAX 256

int settings_check(const struct settings *settings, size_t *ret_line, size_t *ret_column)
{
	struct json_scan scan;
	size_t at, line = 1, begin = 0;

	json_scan_init(&scan, NULL, 0);
	json_scan_feed(&scan, settings->text, settings->len);
	if (json_scan_finish(&scan) == JSON_OBJECT && !scan.has_nonfinite && !scan.deep)
		return 0;
	at = scan.offset < settings->len ? (size_t)scan.offset : settings->len;
	for (size_t i = 0; i < at; i++)
		if (settings->text[i] == '\n') {
			line++;
			begin = i + 1;
		}
	*ret_line = line;
	*ret_column = at - begin + 1;
	return -EINVAL;
}

/* ---- places ---- */

static size_t skip_space(const char *text, size_t at)
{
	return at + strspn(text + at, " \t\r\n");
}

static size_t skip_string(const char *text, size_t at)
{
	for (at++; text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

/* Valid text: brackets match, and it is enough to count them. */
static size_t skip_value(const char *text, size_t at)
{
	size_t depth = 0;

	do {
		if (text[at] == '"')
			at = skip_string(text, at);
		else if (text[at] == '{' || text[at] == '[')
			depth++, at++;
		else if (text[at] == '}' || text[at] == ']')
			depth--, at++;
		else if (depth)
			at++;
		else
			at += strcspn(text + at, ",]} \t\r\n");
	} while (depth);
	return at;
}

bool settings_next(const struct settings *settings, size_t at, struct settings_item *item)
{
	const char *text = settings->text;
	bool first = item->from == 0;
	size_t next = skip_space(text, first ? at + 1 : item->to);

	if (text[next] == '}' || text[next] == ']')
		return false;
	if (!first) {
		next = skip_space(text, next + 1); /* the comma */
		item->index++;
	}
	if (text[at] == '{') {
		item->key = next;
		item->key_len = skip_string(text, next) - next;
		next = skip_space(text, skip_space(text, next + item->key_len) + 1);
	}
	item->from = next;
	item->to = skip_value(text, next);
	return true;
}

int settings_find(const struct settings *settings, size_t at, const char *key,
		  struct settings_item *ret_item)
{
	struct settings_item item = { 0 };
	char name[KEY_MAX];
	size_t len;
	int found = 0;

	while (settings_next(settings, at, &item)) {
		if (json_text_decode(settings->text + item.key, item.key_len, name,
				     sizeof(name) - 1, &len) < 0)
			continue; /* longer than any that we look for */
		name[len] = '\0';
		if (strlen(name) != len || strcmp(name, key))
			continue;
		if (found)
			return -EEXIST;
		found = 1;
		*ret_item = item;
	}
	return found;
}

size_t settings_count(const struct settings *settings, size_t at)
{
	struct settings_item item = { 0 };
	size_t n = 0;

	while (settings_next(settings, at, &item))
		n++;
	return n;
}

size_t settings_root(const struct settings *settings)
{
	return skip_space(settings->text, 0);
}

/* ---- changes ---- */

int settings_splice(struct settings *settings, size_t from, size_t to, const char *text)
{
	size_t text_len = strlen(text), rest = settings->len - to;
	char *changed = malloc(from + text_len + rest + 1);

	if (!changed)
		return -ENOMEM;
	memcpy(changed, settings->text, from);
	memcpy(changed + from, text, text_len);
	memcpy(changed + from + text_len, settings->text + to, rest);
	settings->len = from + text_len + rest;
	changed[settings->len] = '\0';
	free(settings->text);
	settings->text = changed;
	return 0;
}

static size_t item_begin(const struct settings_item *item)
{
	return item->key_len ? item->key : item->from;
}

int settings_append(struct settings *settings, size_t at, const char *text)
{
	struct settings_item item = { 0 };
	_cleanup_free_ char *added = NULL;
	size_t begin, space;

	while (settings_next(settings, at, &item))
		;
	if (!item.from)
		return settings_splice(settings, at + 1, at + 1, text);
	begin = item_begin(&item);
	space = begin;
	while (space && strchr(" \t\r\n", settings->text[space - 1]))
		space--;
	added = malloc(begin - space + strlen(text) + 3);
	if (!added)
		return -ENOMEM;
	added[0] = ',';
	memcpy(added + 1, settings->text + space, begin - space);
	strcpy(added + 1 + (begin - space), text);
	return settings_splice(settings, item.to, item.to, added);
}

int settings_remove(struct settings *settings, size_t at, size_t index)
{
	struct settings_item item = { 0 }, last = { 0 };

	while (settings_next(settings, at, &item) && item.index < index)
		last = item;
	if (last.from) /* with the comma before it */
		return settings_splice(settings, last.to, item.to, "");
	last = item;
	if (settings_next(settings, at, &item)) /* with the comma after it */
		return settings_splice(settings, item_begin(&last), item_begin(&item), "");
	return settings_splice(settings, item_begin(&last), last.to, "");
}
