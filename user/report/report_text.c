// SPDX-License-Identifier: Apache-2.0
/* report_text.c - other people's text in the page: it can neither end the element
 * that it stands in nor reorder or hide what stands around it. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "report_impl.h"
#include "user/learn/quote.h"

static void put_escape(uint32_t code, FILE *to)
{
	if (code > 0xffff)
		fprintf(to, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
			0xdc00 + ((code - 0x10000) & 0x3ff));
	else
		fprintf(to, "\\u%04x", code);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '<' && c != '>' && c != '&';
}

/* Bytes of a JSON text, with `also` escaped as well. Outside its strings nothing of
 * that occurs. */
static void put_json(const char *text, const char *also, FILE *to)
{
	uint32_t code = 0;
	size_t len;

	while (*text) {
		for (len = 0; is_plain((unsigned char)text[len]) && !strchr(also, text[len]);)
			len++;
		fwrite(text, 1, len, to);
		text += len;
		if (!*text)
			break;
		len = quote_decode(text, &code);
		if (!len) /* not UTF-8: no string of a trail that we wrote is */
			put_escape(0xfffd, to);
		else if (code > 0x7f && quote_shows(code))
			fwrite(text, 1, len, to);
		else
			put_escape(code, to);
		text += len ? len : 1;
	}
}

void report_put_text(const char *text, FILE *to)
{
	fputc('"', to);
	put_json(text, "\"\\", to);
	fputc('"', to);
}

int report_put_value(const struct cJSON *value, FILE *to)
{
	char *text = cJSON_PrintUnformatted(value);

	if (!text)
		return -ENOMEM;
	put_json(text, "", to);
	cJSON_free(text);
	return 0;
}

void report_put_html(const char *text, FILE *to)
{
	uint32_t code = 0;
	size_t len;

	for (; *text; text += len ? len : 1) {
		len = quote_decode(text, &code);
		if (!len)
			fputs("\\x??", to);
		else if (len == 1 && (is_plain((unsigned char)*text)))
			fputc(*text, to);
		else if (code == '<' || code == '>' || code == '&')
			fprintf(to, "&#%u;", code);
		else if (quote_shows(code))
			fwrite(text, 1, len, to);
		else
			fprintf(to, "\\u{%x}", code);
	}
}
