// SPDX-License-Identifier: Apache-2.0
/*
 * export_csv.c - RFC 4180 with a header line, in UTF-8: a row for each record, and one
 * for each effect, drift and unused grant of a call's end (kind observed.*). What has
 * no column stands in `rest` as JSON, so nothing is left out.
 *
 * A field that a spreadsheet would take for a formula (it begins with = + - @ or a tab
 * or return, also in their full-width forms), or that begins with ', gets a ' in front.
 * What does not show is written \uXXXX, a backslash as two: a row is one line.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "export_impl.h"
#include "user/learn/quote.h"

static const char *const columns[] = {
	"seq",	   "time",	  "kind",    "agent",	"call",	       "tool",
	"op",	   "verdict",	  "reason",  "rule",	"target",      "target_hex",
	"count",   "pid",	  "parent",  "tid",	"uid",	       "exe",
	"outcome", "duration_ms", "denials", "request", "tool_use_id", "arguments",
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

static bool is_formula(const char *text)
{
	/* U+FF1D, U+FF0B, U+FF0D, U+FF20: spreadsheets fold them */
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
					    "\xef\xbc\xa0" };

	if (*text && strchr("=+-@\t\r\n'", *text))
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (!strncmp(text, wide[i], 3))
			return true;
	return false;
}

static void put_char(const char *text, size_t len, uint32_t code, FILE *to)
{
	if (!len)
		fputs("\\ufffd", to);
	else if (code == '"')
		fputs("\"\"", to);
	else if (code == '\\')
		fputs("\\\\", to);
	else if (quote_shows(code))
		fwrite(text, 1, len, to);
	else if (code > 0xffff)
		fprintf(to, "\\U%08x", code);
	else
		fprintf(to, "\\u%04x", code);
}

static void put_text(const char *text, FILE *to)
{
	uint32_t code = 0;
	size_t len;

	fputs(is_formula(text) ? "\"'" : "\"", to);
	for (; *text; text += len ? len : 1) {
		len = quote_decode(text, &code);
		put_char(text, len, code, to);
	}
	fputc('"', to);
}

/* JSON has no effect in a cell: it begins with a bracket or brace. */
static int put_value(const cJSON *value, FILE *to)
{
	char *text;

	if (!value || cJSON_IsNull(value))
		return 0;
	if (cJSON_IsString(value)) {
		put_text(value->valuestring, to);
		return 0;
	}
	text = cJSON_PrintUnformatted(value);
	if (!text)
		return -ENOMEM;
	if (cJSON_IsNumber(value)) /* a minus in front of a number is no formula */
		fputs(text, to);
	else
		put_text(text, to);
	cJSON_free(text);
	return 0;
}

/* Takes what it writes out of the record, so that the rest remains. */
static int put_row(struct export *export, cJSON *record)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COLUMNS; i++) {
		cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(record, columns[i]);

		fputs(i ? "," : "", export->to);
		r = put_value(value, export->to);
		cJSON_Delete(value);
	}
	fputc(',', export->to);
	if (r == 0 && record->child)
		r = put_value(record, export->to);
	fputs("\r\n", export->to);
	export->result->written++;
	return r;
}

/* What an end has observed, an entry as a record: the rest of observed stays. */
static int put_list(struct export *export, const cJSON *end, cJSON *observed, const char *name,
		    const char *kind)
{
	static const char *const shared[] = { "seq", "time", "agent", "call", "tool" };
	cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(observed, name), *entry;
	int r = 0;

	while (r == 0 && cJSON_IsArray(list) && (entry = cJSON_DetachItemFromArray(list, 0))) {
		if (!cJSON_IsObject(entry)) {
			cJSON *object = cJSON_CreateObject();

			cJSON_AddItemToObject(object, "entry", entry);
			entry = object;
		}
		for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
			const cJSON *item = cJSON_GetObjectItemCaseSensitive(end, shared[i]);

			if (item && !cJSON_HasObjectItem(entry, shared[i]))
				cJSON_AddItemToObject(entry, shared[i], cJSON_Duplicate(item, 1));
		}
		cJSON_DeleteItemFromObjectCaseSensitive(entry, "kind");
		cJSON_AddStringToObject(entry, "kind", kind);
		r = put_row(export, entry);
		cJSON_Delete(entry);
	}
	if (list && !cJSON_IsArray(list))
		cJSON_AddItemToObject(observed, name, list);
	else
		cJSON_Delete(list);
	return r;
}

static int put_record(struct export *export, const struct export_record *record)
{
	static const struct {
		const char *name, *kind;
	} lists[] = {
		{ "effects", "observed.effect" },
		{ "drift", "observed.drift" },
		{ "unused", "observed.unused" },
	};
	cJSON *observed = cJSON_DetachItemFromObjectCaseSensitive(record->json, "observed"),
	      *copy = NULL;
	int r = 0;

	if (cJSON_IsObject(observed)) /* put_row empties the record */
		copy = cJSON_Duplicate(record->json, 1);
	for (size_t i = 0; copy && r == 0 && i < sizeof(lists) / sizeof(*lists); i++)
		r = put_list(export, copy, observed, lists[i].name, lists[i].kind);
	cJSON_Delete(copy);
	if (observed)
		cJSON_AddItemToObject(record->json, "observed", observed);
	return r < 0 ? r : put_row(export, record->json);
}

static int put_heads(struct export *export)
{
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(export->to, "%s,", columns[i]);
	fputs("rest\r\n", export->to);
	return 0;
}

const struct export_format export_csv = {
	.name = "csv",
	.about = "RFC 4180, a row for each record and each observed effect",
	.begin = put_heads,
	.record = put_record,
};
