// SPDX-License-Identifier: Apache-2.0
#include "plain.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "user/learn/quote.h"

void plain_print(const char *text, FILE *to)
{
	for (; *text; text++)
		putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, to);
}

/* The character at bytes, and its length; 0: not UTF-8. It may be the last. */
static size_t next(const char *bytes, size_t len, uint32_t *ret_code)
{
	char copy[5] = "";
	size_t n;

	if ((unsigned char)*bytes < 0x80) {
		*ret_code = (unsigned char)*bytes;
		return 1;
	}
	memcpy(copy, bytes, len < 4 ? len : 4);
	n = quote_decode(copy, ret_code);
	return n <= len ? n : 0;
}

static bool is_bare(uint32_t code)
{
	return quote_shows(code) && code != ' ' && code != '"' && code != '\\';
}

/* How many bytes at the beginning need nothing done. */
static size_t bare_len(const char *bytes, size_t len, bool (*passes)(uint32_t code))
{
	uint32_t code = 0;
	size_t at = 0, n;

	for (; at < len; at += n) {
		n = next(bytes + at, len - at, &code);
		if (!n || !passes(code))
			break;
	}
	return at;
}

static size_t put_one(const char *bytes, size_t len, FILE *to)
{
	uint32_t code = 0;
	size_t n = next(bytes, len, &code);

	if (!n)
		fprintf(to, "\\x%02x", (unsigned char)*bytes);
	else if (code == '"' || code == '\\')
		fprintf(to, "\\%c", (char)code);
	else if (quote_shows(code))
		fwrite_unlocked(bytes, 1, n, to);
	else
		fprintf(to, "\\u{%x}", code);
	return n ? n : 1;
}

void plain_put(const char *bytes, size_t len, FILE *to)
{
	if (len && bare_len(bytes, len, is_bare) == len) {
		fwrite_unlocked(bytes, 1, len, to);
		return;
	}
	putc_unlocked('"', to);
	for (size_t at = 0; at < len;)
		at += put_one(bytes + at, len - at, to);
	putc_unlocked('"', to);
}

static void put_escape(uint32_t code, FILE *to)
{
	if (code > 0xffff)
		fprintf(to, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
			0xdc00 + ((code - 0x10000) & 0x3ff));
	else
		fprintf(to, "\\u%04x", code);
}

static bool is_bare_json(uint32_t code)
{
	return quote_shows(code) && code != '"' && code != '\\';
}

bool plain_put_json(const char *bytes, size_t len, FILE *to)
{
	bool whole = true;
	uint32_t code = 0;

	putc_unlocked('"', to);
	for (size_t at = 0, n; at < len; at += n) {
		n = bare_len(bytes + at, len - at, is_bare_json);
		if (n) {
			fwrite_unlocked(bytes + at, 1, n, to);
			continue;
		}
		n = next(bytes + at, len - at, &code);
		put_escape(n ? code : 0xfffd, to);
		whole &= n != 0;
		n = n ? n : 1;
	}
	putc_unlocked('"', to);
	return whole;
}

const char *plain_text(const struct cJSON *object, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(member) ? member->valuestring : "";
}

double plain_number(const struct cJSON *object, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(member) ? member->valuedouble : 0;
}
