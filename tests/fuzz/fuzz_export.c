// SPDX-License-Identifier: Apache-2.0
/*
 * Any records in a trail, in the form that the first byte chooses, or as a page: lines of JSON are JSON in ASCII,
 * a row of CSV is a line and no field a formula, the page's parts are where they were.
 * What a receiver answers is read as well. The bytes choose the records' members among
 * those that mean something, with values of any kind.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claim.h"
#include "user/export/export.h"
#include "user/export/otlp_answer.h"
#include "user/export/otlp_post.h"
#include "user/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
	const uint8_t *data;
	size_t size;
};

static uint8_t take(struct source *source)
{
	if (!source->size)
		return 0;
	source->size--;
	return *source->data++;
}

static const char *const keys[] = {
	"kind",
	"agent",
	"call",
	"tool",
	"arguments",
	"outcome",
	"observed",
	"processes",
	"pid",
	"parent",
	"programs",
	"exe",
	"effects",
	"drift",
	"op",
	"target",
	"verdict",
	"reason",
	"rule",
	"count",
	"unused",
	"counts",
	"read",
	"open_calls",
	"lost",
	"duration_ms",
	"tool_use_id",
	"target_hex",
	"name",
	"policy",
	"omitted",
	"request",
	"violation_type",
	"input_redactions",
};
static const char *const kinds[] = { "session_begin", "call_begin", "call_end",	    "denial",
				     "effect",	      "flow",	    "call_revoked", "call_refused",
				     "session_end",   "lookup",	    "gap",	    "novelty" };
static const char *const words[] = { "read", "write",	  "exec",     "connect",    "listen",
				     "load", "privilege", "deny",     "would-deny", "allow",
				     "=1",   "/a/b",	  "[::1]:80", "</script>" };
#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DEPTH_MAX 6

static cJSON *make_value(struct source *source, int depth);

static cJSON *make_text(struct source *source)
{
	size_t len = take(source) % 16;
	cJSON *holder = cJSON_CreateObject(), *text;

	len = len < source->size ? len : source->size;
	CLAIM(!trail_add_bytes(holder, "x", source->data, len));
	source->data += len;
	source->size -= len;
	text = cJSON_DetachItemFromObject(holder, "x");
	cJSON_Delete(holder);
	return text;
}

static cJSON *make_object(struct source *source, int depth)
{
	cJSON *object = cJSON_CreateObject();

	for (int i = take(source) % 12; i > 0; i--)
		cJSON_AddItemToObject(object, keys[take(source) % LEN(keys)],
				      make_value(source, depth + 1));
	return object;
}

static cJSON *make_value(struct source *source, int depth)
{
	cJSON *array;

	switch (take(source) % (depth < DEPTH_MAX ? 6 : 4)) {
	case 0:
		return cJSON_CreateNumber(take(source) % 8);
	case 1:
		return make_text(source);
	case 2:
		return cJSON_CreateNumber(take(source) % 2 ? -1.5 : 1e300);
	case 3:
		return cJSON_CreateString(words[take(source) % LEN(words)]);
	case 4:
		array = cJSON_CreateArray();
		for (int i = take(source) % 8; i > 0; i--)
			cJSON_AddItemToArray(array, make_value(source, depth + 1));
		return array;
	default:
		return make_object(source, depth);
	}
}

/* A record of calls 1 and 2 of agents 0 and 1, which mostly can be told. */
static cJSON *make_record(struct source *source)
{
	cJSON *record = cJSON_CreateObject();

	cJSON_AddStringToObject(record, "kind", kinds[take(source) % LEN(kinds)]);
	cJSON_AddNumberToObject(record, "agent", take(source) % 2);
	cJSON_AddNumberToObject(record, "call", 1 + take(source) % 2);
	cJSON_AddItemToObject(record, "tool", make_text(source));
	cJSON_AddStringToObject(record, "op", words[take(source) % 7]);
	cJSON_AddStringToObject(record, "verdict", words[7 + take(source) % 3]);
	for (int i = take(source) % 12; i > 0; i--) {
		const char *key = keys[take(source) % LEN(keys)];

		if (strcmp(key, "kind"))
			cJSON_AddItemToObject(record, key, make_value(source, 0));
	}
	return record;
}

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

static void tell(const char *path, uint8_t choice)
{
	const struct export_format *format = export_at(choice % 6);

	if (format)
		export_as(path, format);
	else
		make_page(path);
}

static void tell_records(struct source source, uint8_t choice)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	struct trail *trail;
	char path[64];

	CLAIM(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CLAIM(!trail_open(path, &trail));
	while (source.size)
		CLAIM(!trail_append(trail, make_record(&source)));
	CLAIM(!trail_close(trail));
	tell(path, choice);
	close(fd);
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
	int fd = memfd_create("trail", MFD_CLOEXEC);
	char path[64];

	size -= size > 0;
	CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	tell(path, choice);
	close(fd);
	tell_records((struct source) { data, size }, choice);
	read_answer(data, size);
	return 0;
}
