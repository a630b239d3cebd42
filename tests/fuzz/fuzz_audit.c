// SPDX-License-Identifier: Apache-2.0
/*
 * Any records in a trail, shown: nothing of them acts on a terminal, and JSON is
 * JSON. The bytes choose the records' members among those that mean something,
 * with values of any kind; then they are a trail themselves.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claim.h"
#include "user/audit/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	for (; *text; text++)
		CLAIM(*text == '\n' || ((unsigned char)*text >= 0x20 && *text != 0x7f));
}

static void check_json(char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) && rest;) {
		cJSON *object = cJSON_ParseWithOpts(line, NULL, true);

		CLAIM(object);
		cJSON_Delete(object);
	}
}

static void show(const char *path, uint64_t id, bool json)
{
	struct trail_report report;
	uint64_t found = 0;
	char *shown = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&shown, &len);
	int r;

	r = id ? audit_call(path, id, json, to, &report, &found) :
		 audit_list(path, json, to, &report);
	fclose(to);
	CLAIM(r == 0 || (r == -EBADMSG && report.bad_line));
	CLAIM(strlen(shown) == len);
	check_text(shown);
	if (json)
		check_json(shown);
	free(shown);
}

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
	"kind",	       "agent",	    "call",	  "tool",	"arguments", "time",   "outcome",
	"observed",    "processes", "pid",	  "parent",	"programs",  "exe",    "effects",
	"drift",       "op",	    "target",	  "verdict",	"reason",    "rule",   "count",
	"unused",      "counts",    "read",	  "open_calls", "omitted",   "shared", "lost",
	"duration_ms", "denials",   "tool_use_id"
};
static const char *const kinds[] = { "session_begin", "call_begin", "call_end",	    "denial",
				     "effect",	      "flow",	    "call_revoked", "call_refused" };
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

	switch (take(source) % (depth < DEPTH_MAX ? 5 : 3)) {
	case 0:
		return cJSON_CreateNumber(take(source) % 8);
	case 1:
		return make_text(source);
	case 2:
		return cJSON_CreateNumber(take(source) % 2 ? -1.5 : 1e300);
	case 3:
		array = cJSON_CreateArray();
		for (int i = take(source) % 8; i > 0; i--)
			cJSON_AddItemToArray(array, make_value(source, depth + 1));
		return array;
	default:
		return make_object(source, depth);
	}
}

/* A record of calls 1 and 2 of agents 0 and 1. */
static cJSON *make_record(struct source *source)
{
	cJSON *record = cJSON_CreateObject();

	cJSON_AddStringToObject(record, "kind", kinds[take(source) % LEN(kinds)]);
	cJSON_AddNumberToObject(record, "agent", take(source) % 2);
	cJSON_AddNumberToObject(record, "call", 1 + take(source) % 2);
	for (int i = take(source) % 12; i > 0; i--) {
		const char *key = keys[take(source) % LEN(keys)];

		if (strcmp(key, "time") && strcmp(key, "kind"))
			cJSON_AddItemToObject(record, key, make_value(source, 0));
	}
	return record;
}

static void show_all(const char *path)
{
	for (int json = 0; json < 2; json++) {
		show(path, 0, json);
		show(path, 1, json);
	}
}

static void show_records(struct source source)
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
	show_all(path);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("trail", MFD_CLOEXEC);
	char path[64];

	CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	show_all(path);
	close(fd);
	show_records((struct source) { data, size });
	return 0;
}
