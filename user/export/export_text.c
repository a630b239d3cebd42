// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export_impl.h"
#include "user/learn/quote.h"
#include "user/moment.h"

static void put_escape(uint32_t code, FILE *to)
{
	if (code > 0xffff)
		fprintf(to, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
			0xdc00 + ((code - 0x10000) & 0x3ff));
	else
		fprintf(to, "\\u%04x", code);
}

void export_put_ascii(const char *text, size_t len, FILE *to)
{
	uint32_t code = 0xfffd;
	char one[5] = "";
	size_t n;

	while (len) {
		for (n = 0; n < len && text[n] >= ' ' && text[n] <= '~';)
			n++;
		fwrite(text, 1, n, to);
		text += n;
		len -= n;
		if (!len)
			break;
		/* what is not complete at the end is not UTF-8 */
		memset(one, 0, sizeof(one));
		memcpy(one, text, len < 4 ? len : 4);
		n = quote_decode(one, &code);
		put_escape(n && n <= len ? code : 0xfffd, to);
		n = n && n <= len ? n : 1;
		text += n;
		len -= n;
	}
}

/* The short forms are those of Python's json.dumps, so that a hash over it agrees. */
void export_put_string(const char *text, FILE *to)
{
	static const char shorts[] = "\"\"\\\\\nn\rr\tt\bb\ff";
	const char *end;

	fputc('"', to);
	for (; *text; text = end) {
		end = text + strcspn(text, "\"\\\n\r\t\b\f");
		export_put_ascii(text, (size_t)(end - text), to);
		for (size_t i = 0; *end && i < sizeof(shorts) - 1; i += 2) {
			if (*end != shorts[i])
				continue;
			fprintf(to, "\\%c", shorts[i + 1]);
			end++;
			break;
		}
	}
	fputc('"', to);
}

int export_put_json(const struct cJSON *value, FILE *to)
{
	char *text = cJSON_PrintUnformatted(value);

	if (!text)
		return -ENOMEM;
	export_put_ascii(text, strlen(text), to);
	cJSON_free(text);
	return 0;
}

static int clean_text(char **text)
{
	size_t len = 0, n;
	char *clean, *at;
	uint32_t code;

	bool is_clean = true;

	for (const char *c = *text; *c; c += n ? n : 1, len += n ? n : 3) {
		n = quote_decode(c, &code);
		is_clean &= n != 0;
	}
	if (is_clean)
		return 0;
	clean = at = cJSON_malloc(len + 1);
	if (!clean)
		return -ENOMEM;
	for (const char *c = *text; *c; c += n ? n : 1) {
		n = quote_decode(c, &code);
		at = n ? mempcpy(at, c, n) : mempcpy(at, "\xef\xbf\xbd", 3);
	}
	*at = '\0';
	cJSON_free(*text);
	*text = clean;
	return 0;
}

int export_clean(struct cJSON *value)
{
	int r = 0;

	for (; value && r == 0; value = value->next) {
		if (value->string)
			r = clean_text(&value->string);
		if (r == 0 && cJSON_IsString(value))
			r = clean_text(&value->valuestring);
		if (r == 0 && value->child)
			r = export_clean(value->child);
	}
	return r;
}

const char *export_text(const struct cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

size_t export_whole(const char *text)
{
	uint32_t code;
	size_t at = 0, len;

	while (text[at] && (len = quote_decode(text + at, &code)))
		at += len;
	return at;
}

#define COUNT_MAX 9007199254740991.0

bool export_count(const struct cJSON *object, const char *name, uint64_t *ret_count)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= COUNT_MAX) ||
	    item->valuedouble != (double)(uint64_t)item->valuedouble)
		return false;
	*ret_count = (uint64_t)item->valuedouble;
	return true;
}

int export_time(struct export *export, const struct export_record *record, int64_t *ret_us)
{
	const char *text = export_text(record->json, "time"),
		   *dot = text ? strchr(text, '.') : NULL;
	int64_t seconds, us = 0, unit = 100000;

	if (!text || moment_parse(text, &seconds) < 0)
		return export_refuse(export, "its \"time\" is none");
	for (; dot && dot[1] >= '0' && dot[1] <= '9'; dot++, unit /= 10)
		us += (dot[1] - '0') * unit;
	*ret_us = seconds * 1000000 + us;
	return 0;
}
