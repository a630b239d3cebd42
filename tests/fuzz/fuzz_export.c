// SPDX-License-Identifier: Apache-2.0
/*
 * Any trail (records.h), in the form that the first byte chooses, or as a page: lines of
 * JSON are JSON in ASCII, a row of CSV is a line and no field a formula, the page's parts
 * are where they were. What a receiver answers is read as well.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "records.h"
#include "user/export/export.h"
#include "user/export/otlp_answer.h"
#include "user/export/otlp_post.h"
#include "user/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) && rest;) {
		cJSON *object = cJSON_ParseWithOpts(line, NULL, true);

		CLAIM(cJSON_IsObject(object));
		cJSON_Delete(object);
		for (; *line; line++)
			CLAIM(*line >= ' ' && *line <= '~');
	}
}

/* Quoted fields begin with a quote, the others are numbers. */
static void check_csv(const char *text)
{
	bool quoted = false, begins = true;

	for (; *text; text++) {
		if (begins)
			CLAIM(*text == '"' ? !strchr("=+-@\t\r", text[1]) || !text[1] :
					     !strchr("=+@\t", *text));
		if (*text == '"')
			quoted = !quoted;
		begins = !quoted && (*text == ',' || *text == '\n');
		if (*text == '\n' || *text == '\r')
			CLAIM(!quoted);
		CLAIM(*text == '\n' || *text == '\r' || (unsigned char)*text >= ' ');
	}
	CLAIM(!quoted);
}

static void export_as(const char *path, const struct export_format *format)
{
	struct export_options options = { .format = format, .arguments = true };
	struct export_result result;
	char *text = NULL;
	size_t len = 0;
	int r;

	options.to = open_memstream(&text, &len);
	r = export_trail(path, &options, &result);
	fclose(options.to);
	CLAIM(r == 0 || ((r == -EBADMSG || r == -EINVAL) && result.trail.bad_line));
	CLAIM(strlen(text) == len);
	if (!strcmp(export_name(format), "csv"))
		check_csv(text);
	else
		check_json(text);
	free(text);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void make_page(const char *path)
{
	struct report_result result;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int r = report_write(path, to, &result);

	fclose(to);
	CLAIM(r == 0 || (r == -EBADMSG && result.trail.bad_line));
	CLAIM(strlen(text) == len);
	CLAIM(count(text, "<script") == count(text, "</script") && count(text, "<script") <= 4);
	CLAIM(count(text, "</html>") == 1);
	free(text);
}

static void tell(const char *path, const void *choice)
{
	const struct export_format *format = export_at(*(const uint8_t *)choice % 6);

	if (format)
		export_as(path, format);
	else
		make_page(path);
}

static void read_answer(const uint8_t *data, size_t size)
{
	char said[64], text[64];
	uint64_t rejected;

	otlp_answer_read((const char *)data, size, &rejected, said, sizeof(said));
	for (const char *c = said; *c; c++)
		CLAIM(*c >= ' ' && *c <= '~');
	snprintf(text, sizeof(text), "%.*s", (int)(size < 60 ? size : 60), (const char *)data);
	CLAIM(otlp_retry_after(text, 1000) >= -EINVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = size ? *data++ : 0;

	size -= size > 0;
	records_read(data, size, tell, &choice);
	read_answer(data, size);
	return 0;
}
