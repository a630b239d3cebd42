// SPDX-License-Identifier: Apache-2.0
#include "top_print.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/learn/quote.h"
#include "user/plain.h"

struct page {
	struct top_size size;
	unsigned int line;
	FILE *to;
};

static const cJSON *get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Cuts at a column, not within a character. Each counts as one: what is wider makes a
 * terminal wrap, and then the page is a line too long, no more. */
static size_t cut(const char *text, unsigned int columns)
{
	size_t at = 0, len;
	uint32_t code;

	for (; text[at] && columns; at += len ? len : 1, columns--)
		len = quote_decode(text + at, &code);
	return at;
}

static void put_line(struct page *page, const char *text)
{
	size_t len = page->size.columns ? cut(text, page->size.columns) : strlen(text);

	if (page->size.lines && page->line >= page->size.lines)
		return;
	if (page->size.lines && page->line)
		putc('\n', page->to);
	fwrite(text, 1, len, page->to);
	if (page->size.lines)
		fputs("\033[K", page->to); /* to the end of the line */
	else
		putc('\n', page->to);
	page->line++;
}

/* A line of any parts. */
struct text {
	char *at;
	size_t len;
	FILE *to;
};

static bool text_open(struct text *text)
{
	*text = (struct text) { 0 };
	text->to = open_memstream(&text->at, &text->len);
	return text->to;
}

static void text_put(struct text *text, struct page *page)
{
	if (!fclose(text->to))
		put_line(page, text->at);
	free(text->at);
}

static void put_plain(const char *string, FILE *to)
{
	plain_put(string, strlen(string), to);
}

static const char *controller_of(const cJSON *agent)
{
	const char *canary = plain_text(get(agent, "canary"), "state");

	if (!cJSON_IsTrue(get(get(agent, "controller"), "alive")))
		return "dead";
	return !strcmp(canary, "ok") || !strcmp(canary, "not yet") ? "alive" : canary;
}

static void put_row(const struct top_row *row, struct page *page)
{
	struct text text;

	if (!text_open(&text))
		return;
	fprintf(text.to, "%6" PRIu64 " %-7s %-8s %6u %5u %9.1f %9.1f %9" PRIu64 " %7" PRIu64 " ",
		row->uid, plain_text(row->agent, "mode"), controller_of(row->agent), row->tasks,
		row->calls, row->effects_s, row->denials_s, row->denied, row->lost);
	put_plain(plain_text(row->agent, "policy"), text.to);
	text_put(&text, page);
}

static void put_calls(const struct top_row *row, struct page *page)
{
	const cJSON *call;
	struct text text;

	cJSON_ArrayForEach (call, get(row->agent, "calls")) {
		if (!text_open(&text))
			return;
		fprintf(text.to, "       call %.0f ", plain_number(call, "call"));
		put_plain(plain_text(call, "tool"), text.to);
		fprintf(text.to, ", %.1f s old, %.1f s left", plain_number(call, "age_ms") / 1000,
			plain_number(call, "left_ms") / 1000);
		text_put(&text, page);
	}
}

static void put_head(const struct top_rows *rows, const cJSON *status, struct page *page)
{
	struct text text;

	if (!text_open(&text))
		return;
	if (!cJSON_IsTrue(get(status, "loaded")))
		fprintf(text.to, "enforcecore: no sensor is loaded, nobody is confined");
	else if (!get(status, "agents"))
		fprintf(text.to, "enforcecore: another version of the sensor is loaded (%.0f)",
			plain_number(status, "sensor_version"));
	else
		fprintf(text.to,
			"enforcecore: %zu agent%s, %u tasks, %u calls open; %.1f effects/s, %.1f "
			"denials/s; %" PRIu64 " denied, %" PRIu64 " lost",
			rows->len, rows->len == 1 ? "" : "s", rows->total.tasks, rows->total.calls,
			rows->total.effects_s, rows->total.denials_s, rows->total.denied,
			rows->total.lost);
	text_put(&text, page);
}

void top_print(const struct top_rows *rows, const struct cJSON *status, struct top_size size,
	       FILE *to)
{
	struct page page = { .size = size, .to = to };

	put_head(rows, status, &page);
	put_line(&page,
		 " AGENT MODE    CONTROL   TASKS CALLS EFFECTS/S DENIALS/S    DENIED    LOST "
		 "POLICY");
	for (size_t i = 0; i < rows->len; i++) {
		put_row(&rows->at[i], &page);
		put_calls(&rows->at[i], &page);
	}
}

static void add_row(cJSON *to, const struct top_row *row)
{
	cJSON_AddNumberToObject(to, "tasks", row->tasks);
	cJSON_AddNumberToObject(to, "open_calls", row->calls);
	cJSON_AddNumberToObject(to, "effects", (double)row->effects);
	cJSON_AddNumberToObject(to, "effects_per_s", row->effects_s);
	cJSON_AddNumberToObject(to, "denied", (double)row->denied);
	cJSON_AddNumberToObject(to, "denials_per_s", row->denials_s);
	cJSON_AddNumberToObject(to, "lost", (double)row->lost);
}

void top_print_json(const struct top_rows *rows, const struct cJSON *status, FILE *to)
{
	cJSON *object = cJSON_CreateObject(), *list, *one;
	char *text;

	cJSON_AddBoolToObject(object, "loaded", cJSON_IsTrue(get(status, "loaded")));
	add_row(object, &rows->total);
	list = cJSON_AddArrayToObject(object, "agents");
	for (size_t i = 0; list && i < rows->len; i++) {
		one = cJSON_CreateObject();
		if (!one || !cJSON_AddItemToArray(list, one))
			break;
		cJSON_AddNumberToObject(one, "agent", (double)rows->at[i].uid);
		cJSON_AddStringToObject(one, "policy", plain_text(rows->at[i].agent, "policy"));
		cJSON_AddStringToObject(one, "mode", plain_text(rows->at[i].agent, "mode"));
		cJSON_AddStringToObject(one, "controller", controller_of(rows->at[i].agent));
		add_row(one, &rows->at[i]);
		cJSON_AddItemToObject(one, "calls",
				      cJSON_Duplicate(get(rows->at[i].agent, "calls"), true));
	}
	text = cJSON_PrintUnformatted(object);
	if (text)
		fprintf(to, "%s\n", text);
	cJSON_free(text);
	cJSON_Delete(object);
}
