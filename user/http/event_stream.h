/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_stream.h - reads text/event-stream (WHATWG HTML, 9.2.6 "Interpreting an
 * event stream"), as it comes: the data of an event is told before the event
 * has ended, so that nothing is kept but the names of fields.
 */
#ifndef EC_EVENT_STREAM_H
#define EC_EVENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct event_stream_ops {
	/* data of an event; lines of it are joined by one space, which is the
	 * same to JSON, and never have a line end in them */
	int (*data)(void *ctx, const char *bytes, size_t bytes_len);
	int (*end)(void *ctx);	   /* of an event that had data */
	int (*comment)(void *ctx); /* somebody wants the connection kept alive */
};

#define EVENT_STREAM_FIELD_MAX 8u /* a longer name is none that we know */
#define EVENT_STREAM_ID_MAX 512u  /* a longer id is as good as none */

struct event_stream {
	enum event_stream_state {
		EVENT_LINE,  /* where a line begins */
		EVENT_FIELD, /* in its name */
		EVENT_COLON, /* after it: one space is left out */
		EVENT_VALUE,
		EVENT_COMMENT,
	} state;
	bool after_cr;
	unsigned int bom; /* bytes of a byte order mark that were seen */
	bool has_begun;
	char field[EVENT_STREAM_FIELD_MAX + 1];
	size_t field_len;
	char value[EVENT_STREAM_ID_MAX + 1]; /* of any field but data */
	size_t value_len;
	bool has_data; /* in this event: data was told */
	bool is_other; /* in this event: its type is not that of messages */
	/* what was last told, "" and 0 before */
	char id[EVENT_STREAM_ID_MAX + 1];
	unsigned int retry_ms;
};

/* A zeroed one is at the beginning of a stream. After an error, which is the
 * ops', it is not to be fed again. What follows the last event's end is dropped
 * with the stream, as the standard has it. */
int event_stream_feed(struct event_stream *stream, const char *bytes, size_t bytes_len,
		      const struct event_stream_ops *ops, void *ctx);

#endif
