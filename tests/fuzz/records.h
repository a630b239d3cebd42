/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records.h - for fuzzers of what reads trails: the bytes as a trail, and a trail whose
 * records they choose, with members among those that mean something and values of any
 * kind.
 */
#ifndef EC_FUZZ_RECORDS_H
#define EC_FUZZ_RECORDS_H

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claim.h"
#include "user/trail/trail.h"

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
	"shared",
	"denials",
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

typedef void (*records_reader)(const char *path, const void *ctx);

static void read_bytes(const uint8_t *data, size_t size, records_reader reader, const void *ctx)
{
	int fd = memfd_create("trail", MFD_CLOEXEC);
	char path[64];

	CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader(path, ctx);
	close(fd);
}

static void read_records(struct source source, records_reader reader, const void *ctx)
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
	reader(path, ctx);
	close(fd);
}

static void records_read(const uint8_t *data, size_t size, records_reader reader, const void *ctx)
{
	read_bytes(data, size, reader, ctx);
	read_records((struct source) { data, size }, reader, ctx);
}

#endif
