// SPDX-License-Identifier: Apache-2.0
/* audit_text.c - other people's text, without a way to act on a terminal. */
#include <cjson/cJSON.h>
#include <errno.h>

#include "audit_impl.h"
#include "user/learn/quote.h"

const char *audit_text(const struct cJSON *record, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, key));

	return text ? text : "";
}

bool audit_has_number(const struct cJSON *record, const char *key)
{
	return cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(record, key));
}

/* Whole numbers that a double has exactly. */
#define NUMBER_MAX 9007199254740991.0

uint64_t audit_number(const struct cJSON *record, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= NUMBER_MAX ?
		       (uint64_t)item->valuedouble :
		       0;
}

static bool is_plain(const char *text)
{
	uint32_t code = 0;
	size_t len;

	for (; *text; text += len) {
		len = quote_decode(text, &code);
		if (!len || !quote_shows(code) || code == ' ' || code == '"' || code == '\\')
			return false;
	}
	return true;
}

void audit_put(const char *text, FILE *to)
{
	if (!text || !*text)
		fputc('?', to);
	else if (is_plain(text))
		fputs(text, to);
	else
		quote_put(text, to);
}

static void put_escape(uint32_t code, FILE *to)
{
	if (code > 0xffff)
		fprintf(to, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
			0xdc00 + ((code - 0x10000) & 0x3ff));
	else
		fprintf(to, "\\u%04x", code);
}

int audit_put_json(const struct cJSON *value, FILE *to)
{
	char *text = cJSON_PrintUnformatted(value);
	uint32_t code = 0;
	size_t len;

	if (!text)
		return -ENOMEM;
	for (const char *at = text; *at; at += len) {
		len = quote_decode(at, &code);
		if (!len) { /* not UTF-8: no string of a trail is */
			len = 1;
			put_escape(0xfffd, to);
		} else if (quote_shows(code)) {
			fwrite(at, 1, len, to);
		} else {
			put_escape(code, to);
		}
	}
	cJSON_free(text);
	return 0;
}
