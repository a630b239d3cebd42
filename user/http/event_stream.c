// SPDX-License-Identifier: Apache-2.0
#include "event_stream.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_MAX_MS 3600000u

static bool is(const struct event_stream *stream, const char *field)
{
	return !strcmp(stream->field, field);
}

/* A long name or value is cut one past what it may be, and so is no other. */
static void keep(char *text, size_t *len, size_t max, char c)
{
	if (*len < max) {
		text[(*len)++] = c;
		text[*len] = '\0';
	} else {
		*len = max + 1;
	}
}

static int begin_value(struct event_stream *stream, const struct event_stream_ops *ops, void *ctx)
{
	stream->value_len = 0;
	stream->value[0] = '\0';
	if (!is(stream, "data") || stream->is_other)
		return 0;
	if (stream->has_data)
		return ops->data(ctx, " ", 1);
	stream->has_data = true;
	return 0;
}

static void end_id(struct event_stream *stream)
{
	bool fits = stream->value_len <= EVENT_STREAM_ID_MAX &&
		    strlen(stream->value) == stream->value_len;

	memcpy(stream->id, fits ? stream->value : "", fits ? stream->value_len + 1 : 1);
}

static void end_retry(struct event_stream *stream)
{
	unsigned long ms;

	if (!stream->value_len || strspn(stream->value, "0123456789") != stream->value_len)
		return;
	ms = strtoul(stream->value, NULL, 10);
	stream->retry_ms = ms > RETRY_MAX_MS ? RETRY_MAX_MS : (unsigned int)ms;
}

static int end_event(struct event_stream *stream, const struct event_stream_ops *ops, void *ctx)
{
	bool had_data = stream->has_data;

	stream->has_data = stream->is_other = false;
	return had_data ? ops->end(ctx) : 0;
}

static int end_line(struct event_stream *stream, const struct event_stream_ops *ops, void *ctx)
{
	enum event_stream_state state = stream->state;
	int err = 0;

	stream->state = EVENT_LINE;
	if (state == EVENT_LINE)
		return end_event(stream, ops, ctx);
	if (state == EVENT_COMMENT)
		return ops->comment(ctx);
	if (state == EVENT_FIELD) /* a name without a colon has an empty value */
		err = begin_value(stream, ops, ctx);
	if (is(stream, "id"))
		end_id(stream);
	else if (is(stream, "retry"))
		end_retry(stream);
	else if (is(stream, "event") && !stream->has_data)
		stream->is_other = stream->value_len && strcmp(stream->value, "message") != 0;
	return err;
}

static int take(struct event_stream *stream, char c, const struct event_stream_ops *ops, void *ctx)
{
	switch (stream->state) {
	case EVENT_LINE:
		stream->field_len = 0;
		stream->field[0] = '\0';
		stream->state = c == ':' ? EVENT_COMMENT : EVENT_FIELD;
		if (c != ':')
			keep(stream->field, &stream->field_len, EVENT_STREAM_FIELD_MAX, c);
		return 0;
	case EVENT_FIELD:
		if (c != ':') {
			keep(stream->field, &stream->field_len, EVENT_STREAM_FIELD_MAX, c);
			return 0;
		}
		if (stream->field_len > EVENT_STREAM_FIELD_MAX)
			stream->field[0] = '\0';
		stream->state = EVENT_COLON;
		return begin_value(stream, ops, ctx);
	case EVENT_COLON:
		stream->state = EVENT_VALUE;
		if (c == ' ')
			return 0;
		/* fall through */
	case EVENT_VALUE:
		keep(stream->value, &stream->value_len, EVENT_STREAM_ID_MAX, c);
		return 0;
	case EVENT_COMMENT:
		return 0;
	}
	return 0;
}

/* Bytes of data up to the end of the line are told as they are. */
static int take_data(struct event_stream *stream, const char *bytes, size_t bytes_len,
		     const struct event_stream_ops *ops, void *ctx, size_t *ret_taken)
{
	size_t len = 0;

	while (len < bytes_len && bytes[len] != '\r' && bytes[len] != '\n')
		len++;
	*ret_taken = len;
	return !len || stream->is_other ? 0 : ops->data(ctx, bytes, len);
}

/* 1: this byte is of a byte order mark, which only a stream can begin with. */
static int skip_bom(struct event_stream *stream, char c)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (stream->has_begun)
		return 0;
	if (c == bom[stream->bom]) {
		stream->has_begun = ++stream->bom == sizeof(bom) - 1;
		return 1;
	}
	stream->has_begun = true;
	return 0;
}

int event_stream_feed(struct event_stream *stream, const char *bytes, size_t bytes_len,
		      const struct event_stream_ops *ops, void *ctx)
{
	size_t taken;
	int err = 0;

	for (size_t i = 0; !err && i < bytes_len;) {
		char c = bytes[i];

		if (skip_bom(stream, c)) {
			i++;
			continue;
		}
		if (stream->after_cr && c == '\n') {
			stream->after_cr = false;
			i++;
			continue;
		}
		stream->after_cr = c == '\r';
		if (c == '\r' || c == '\n') {
			err = end_line(stream, ops, ctx);
			i++;
		} else if (stream->state == EVENT_VALUE && is(stream, "data")) {
			err = take_data(stream, bytes + i, bytes_len - i, ops, ctx, &taken);
			i += taken;
		} else if (stream->state == EVENT_COLON && c != ' ' && is(stream, "data")) {
			stream->state = EVENT_VALUE;
		} else {
			err = take(stream, c, ops, ctx);
			i++;
		}
	}
	return err;
}
