// SPDX-License-Identifier: Apache-2.0
#include "trace_replay.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/verdict.h"
#include "trace_filter.h"
#include "user/plain.h"

/* A line of a trail is shorter (user/trail/trail_line.h). */
#define LINE_MAX_LEN ((size_t)2 << 20)

static uint64_t number_of(const cJSON *record, const char *name)
{
	double number = plain_number(record, name);

	return number >= 0 && number < 9007199254740992.0 ? (uint64_t)number : 0;
}

static struct trace_text text_of(const cJSON *record, const char *name)
{
	const char *text = plain_text(record, name);

	return (struct trace_text) { *text ? text : NULL, strlen(text) };
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The exact bytes, where the trail has them; else what it shows. */
static struct trace_text bytes_of(struct trace_replay *replay, const cJSON *record)
{
	const char *hex = plain_text(record, "target_hex");
	size_t len = strlen(hex) / 2;

	if (!len || len > replay->hex_room)
		return text_of(record, "target");
	for (size_t i = 0; i < len; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return text_of(record, "target");
		replay->hex[i] = (char)(high << 4 | low);
	}
	return (struct trace_text) { replay->hex, len };
}

static enum trace_kind kind_of(const char *name)
{
	for (enum trace_kind kind = TRACE_EFFECT; kind <= TRACE_UNSEEN; kind++)
		if (kind != TRACE_LOST && !strcmp(name, trace_kind_name(kind)))
			return kind;
	return !strcmp(name, "gap") ? TRACE_LOST : 0;
}

static void tell(struct trace_replay *replay, const cJSON *record, enum trace_kind kind)
{
	struct trace_event event = {
		.kind = kind,
		.agent = number_of(record, "agent"),
		.call = number_of(record, "call"),
		.tool = text_of(record, "tool"),
		.op = trace_op(plain_text(record, "op")),
		.verdict = trace_verdict(plain_text(record, "verdict")),
		.reason = plain_text(record, kind == TRACE_UNSEEN ? "what" : "reason"),
		.pid = (uint32_t)number_of(record, "pid"),
		.tid = (uint32_t)number_of(record, "tid"),
		.uid = (uint32_t)number_of(record, "uid"),
		.target = bytes_of(replay, record),
		.address = text_of(record, "address"),
		.exe = text_of(record, "exe"),
		.request = text_of(record, "tool_use_id"),
		.outcome = plain_text(record, "outcome"),
		.duration_ms = plain_number(record, "duration_ms"),
		.denials = number_of(record, "denials"),
		.lost_effects = number_of(record, "lost_effects") +
				number_of(record, "lost_denials") +
				number_of(record, "unwritten_effects") +
				number_of(record, "unwritten_denials"),
	};

	snprintf(event.time, sizeof(event.time), "%s", plain_text(record, "time"));
	replay->each(replay->ctx, &event);
}

/* A text with a NUL in it would end there: no record has one. The time is printed
 * as it is, so it must look like one. */
static bool is_time(const char *text)
{
	return strlen(text) < 32 && !text[strspn(text, "0123456789-:.TZ")];
}

static int take_line(struct trace_replay *replay)
{
	cJSON *record = NULL;
	enum trace_kind kind;

	replay->line[replay->len] = '\0';
	if (strlen(replay->line) == replay->len)
		record = cJSON_ParseWithOpts(replay->line, NULL, true);
	if (replay->hex_room < replay->len) {
		char *hex = realloc(replay->hex, replay->len);

		if (!hex) {
			cJSON_Delete(record);
			return -ENOMEM;
		}
		replay->hex = hex;
		replay->hex_room = replay->len;
	}
	kind = kind_of(plain_text(record, "kind"));
	if (!cJSON_IsObject(record) || !is_time(plain_text(record, "time")))
		replay->bad_lines++;
	else if (kind)
		tell(replay, record, kind);
	cJSON_Delete(record);
	return 0;
}

static int keep(struct trace_replay *replay, const char *bytes, size_t len)
{
	size_t room = replay->len + len + 1;

	if (replay->skip || room > LINE_MAX_LEN) {
		replay->skip = 1;
		replay->len = 0;
		return 0;
	}
	if (room > replay->room) {
		char *line = realloc(replay->line, 2 * room);

		if (!line)
			return -ENOMEM;
		replay->line = line;
		replay->room = 2 * room;
	}
	memcpy(replay->line + replay->len, bytes, len);
	replay->len += len;
	return 0;
}

int trace_replay_feed(struct trace_replay *replay, const char *bytes, size_t len)
{
	int r = 0;

	while (r == 0 && len) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end ? (size_t)(end - bytes) : len;

		r = keep(replay, bytes, part);
		if (r == 0 && end && replay->skip)
			replay->bad_lines++;
		else if (r == 0 && end)
			r = take_line(replay);
		if (end)
			replay->skip = replay->len = 0;
		bytes += part + (end != NULL);
		len -= part + (end != NULL);
	}
	return r;
}

void trace_replay_done(struct trace_replay *replay)
{
	free(replay->line);
	free(replay->hex);
}
