// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_client.c - what the client writes. Nothing reaches the server of which
 * the server could make a call that the gateway did not see.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "batch.h"
#include "mcp_impl.h"

int mcp_client_refuse(struct mcp *mcp, const struct json_scan *scan, int code, const char *why)
{
	struct message_id id;
	bool known = scan->seen[MESSAGE_ID].count == 1 && !message_id(scan, MESSAGE_ID, &id);

	mcp_note(mcp, "a message of the client was not forwarded: %s", why);
	if (!known && code == ANSWER_INVALID_REQUEST && !scan->seen[MESSAGE_ID].count &&
	    message_method(scan) != METHOD_NONE)
		return 0; /* a notification: nobody waits for an answer */
	return answer_error(mcp_answers(mcp), known ? id.raw : NULL, code, why);
}

static int remember_list(struct mcp *mcp, const struct message *message)
{
	struct message_id id;

	if (message_id(message->scan, MESSAGE_ID, &id))
		return mcp_pass(mcp->to_server, message);
	if (id_table_find(&mcp->calls, &id) || id_table_find(&mcp->late, &id) ||
	    mcp_queue_has(mcp, &id) || mcp_ask_has(mcp, &id))
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST,
					 "a call with this id is still open");
	if (!id_table_find(&mcp->lists, &id) && !id_table_add(&mcp->lists, &id, ID_TABLE_MAX))
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST,
					 "too many tools/list requests are open");
	return mcp_pass(mcp->to_server, message);
}

static int cancel(struct mcp *mcp, const struct message *message)
{
	struct id_entry *entry = NULL;
	struct message_id id;
	int err = 0;

	if (!message_id(message->scan, MESSAGE_REQUEST_ID, &id)) {
		if (mcp_queue_remove(mcp, &id) || mcp_ask_remove(mcp, &id))
			return 0; /* the server never heard of it */
		entry = id_table_find(&mcp->calls, &id);
	}
	if (entry)
		err = mcp_calls_end(mcp, entry, "cancelled");
	return err ? err : mcp_pass(mcp->to_server, message);
}

static int refuse_ambiguous(struct mcp *mcp, const struct json_scan *scan, const char *key)
{
	char why[96];

	snprintf(why, sizeof(why), "\"%s\" is there twice, or in another case", key);
	return mcp_client_refuse(mcp, scan, ANSWER_INVALID_REQUEST, why);
}

static int take_message(struct mcp *mcp, const struct message *message)
{
	const char *key = message_ambiguity(message->scan);

	if (key)
		return refuse_ambiguous(mcp, message->scan, key);
	mcp_changes_from_client(mcp, message->scan);
	switch (message_method(message->scan)) {
	case METHOD_TOOLS_CALL:
		return mcp_request_call(mcp, message);
	case METHOD_TOOLS_LIST:
		return remember_list(mcp, message);
	case METHOD_CANCELLED:
		return cancel(mcp, message);
	default:
		return mcp_pass(mcp->to_server, message);
	}
}

/* ---- batches ---- */

/* 1: this element cannot go by unread. */
static int concerns_us(void *ctx, const char *element, size_t element_len)
{
	struct json_scan scan;
	enum message_method method;

	(void)ctx;
	message_scan_init(&scan);
	json_scan_feed(&scan, element, element_len);
	if (json_scan_finish(&scan) != JSON_OBJECT || message_ambiguity(&scan))
		return 1;
	method = message_method(&scan);
	return method != METHOD_NONE && method != METHOD_OTHER;
}

static int take_element(void *ctx, const char *element, size_t element_len)
{
	struct json_scan scan;
	struct evbuffer *bytes;
	int err = -ENOMEM;

	message_scan_init(&scan);
	json_scan_feed(&scan, element, element_len);
	if (json_scan_finish(&scan) != JSON_OBJECT)
		return mcp_client_refuse(ctx, &scan, ANSWER_INVALID_REQUEST,
					 "an element of a batch is not an object");
	bytes = evbuffer_new();
	if (bytes && !evbuffer_add(bytes, element, element_len))
		err = take_message(ctx, &(struct message) { &scan, bytes, true, false });
	if (bytes)
		evbuffer_free(bytes);
	return err;
}

static int take_batch(struct mcp *mcp, const struct message *message)
{
	size_t len = evbuffer_get_length(message->bytes);
	const char *text = (const char *)evbuffer_pullup(message->bytes, -1);

	if (!text)
		return -ENOMEM;
	if (!batch_each(text, len, concerns_us, mcp))
		return mcp_pass(mcp->to_server, message);
	return batch_each(text, len, take_element, mcp);
}

/* ---- lines ---- */

/* A carriage return is white space in JSON and the end of a line for some
 * servers (Python's text streams). True if one of the pieces that such a
 * server sees would be a message. */
static bool hides_message(struct evbuffer *bytes)
{
	struct evbuffer_ptr found = evbuffer_search(bytes, "\r", 1, NULL);
	size_t len = evbuffer_get_length(bytes), pieces = 0;
	const char *text, *end;
	bool hidden = false;

	if (found.pos < 0 || (size_t)found.pos == len - 1)
		return false;
	text = (const char *)evbuffer_pullup(bytes, -1);
	if (!text)
		return true;
	for (end = text + len; text < end;) {
		const char *cr = memchr(text, '\r', (size_t)(end - text));
		size_t piece_len = (size_t)((cr ? cr : end) - text);
		struct json_scan scan;

		json_scan_init(&scan, NULL, 0);
		json_scan_feed(&scan, text, piece_len);
		enum json_kind kind = json_scan_finish(&scan);

		pieces += kind != JSON_NONE;
		hidden |= kind == JSON_OBJECT || kind == JSON_ARRAY;
		text += piece_len + 1;
	}
	return hidden && pieces > 1;
}

static int take_line(struct mcp *mcp, struct line *line, bool newline)
{
	const struct message message = { &line->scan, line->bytes, newline, false };
	enum json_kind kind = json_scan_finish(&line->scan);

	if (kind == JSON_NONE)
		return mcp_pass(mcp->to_server, &message);
	if (kind == JSON_INVALID || line->scan.deep || line->scan.has_nonfinite)
		return answer_error(mcp_answers(mcp), NULL, ANSWER_PARSE_ERROR,
				    line->scan.deep ? "the message is nested too deep" :
						      "the message is not valid JSON");
	if (hides_message(line->bytes))
		return mcp_client_refuse(mcp, &line->scan, ANSWER_INVALID_REQUEST,
					 "a carriage return hides a second message");
	if (kind == JSON_OBJECT)
		return take_message(mcp, &message);
	if (kind == JSON_ARRAY)
		return take_batch(mcp, &message);
	return mcp_client_refuse(mcp, &line->scan, ANSWER_INVALID_REQUEST,
				 "the message is not an object");
}

/* May the rest of this line go by unread? Only when nothing that can still
 * come makes it one of the messages that the gateway handles. */
static bool may_stream(const struct line *line)
{
	enum message_method method = message_method(&line->scan);

	if (line->scan.kind != JSON_OBJECT)
		return false;
	if (method == METHOD_NONE)
		return message_is_response(&line->scan) && !line->scan.seen[MESSAGE_METHOD].count;
	return method == METHOD_OTHER;
}

static const char too_long[] = "the message is longer than 10 MiB";

static const char *stream_fault(const struct line *line)
{
	ssize_t cr = evbuffer_search(line->bytes, "\r", 1, NULL).pos;

	if (cr >= 0 && (size_t)cr + 1 < evbuffer_get_length(line->bytes))
		return "a long message has a carriage return in it";
	if (json_scan_failed(&line->scan) || line->scan.deep || line->scan.has_nonfinite)
		return "the message is not valid JSON";
	if (message_ambiguity(&line->scan) || !may_stream(line))
		return "a long message has its method twice, or too late";
	return NULL;
}

static void drop(struct line *line, const char *why)
{
	evbuffer_drain(line->bytes, evbuffer_get_length(line->bytes));
	line->mode = LINE_DROPPED;
	line->why = why;
}

/* A carriage return at the very end waits: the end of the line may follow. */
static int stream_bytes(struct mcp *mcp, struct line *line)
{
	bool waits = evbuffer_search(line->bytes, "\r", 1, NULL).pos >= 0;
	size_t len = evbuffer_get_length(line->bytes) - waits;

	return evbuffer_remove_buffer(line->bytes, mcp->to_server, len) == (int)len ? 0 : -ENOMEM;
}

/* What has streamed is an object that is not closed: cut here, it is no
 * message whatever reads it. */
static int stream_more(struct mcp *mcp, struct line *line)
{
	const char *why = stream_fault(line);

	if (!why)
		return stream_bytes(mcp, line);
	drop(line, why);
	return evbuffer_add(mcp->to_server, "\n", 1) ? -ENOMEM : 0;
}

static int client_more(void *ctx, struct line *line)
{
	struct mcp *mcp = ctx;

	if (line->mode == LINE_WAITS && line->len > MCP_BUFFER_MAX) {
		if (may_stream(line) && !stream_fault(line))
			line->mode = LINE_STREAMS;
		else if (line->len > MCP_REQUEST_MAX)
			drop(line, too_long);
	}
	if (line->mode == LINE_STREAMS)
		return stream_more(mcp, line);
	return 0;
}

/* A call that was too long gets the answer that a model reads. */
static int answer_dropped(struct mcp *mcp, const struct line *line)
{
	struct message_id id;

	if (line->why == too_long && !message_ambiguity(&line->scan) &&
	    message_method(&line->scan) == METHOD_TOOLS_CALL &&
	    !message_id(&line->scan, MESSAGE_ID, &id)) {
		mcp_note(mcp, "a call of the client was not forwarded: %s", line->why);
		return answer_refusal(mcp_answers(mcp), id.raw,
				      "EnforceCore refused this call: its arguments are longer than"
				      " 10 MiB");
	}
	return mcp_client_refuse(mcp, &line->scan, ANSWER_INVALID_REQUEST, line->why);
}

static int client_end(void *ctx, struct line *line, bool newline)
{
	struct mcp *mcp = ctx;
	const struct message rest = { &line->scan, line->bytes, newline, false };

	switch (line->mode) {
	case LINE_WAITS:
		return take_line(mcp, line, newline);
	case LINE_STREAMS:
		return mcp_pass(mcp->to_server, &rest);
	default:
		return answer_dropped(mcp, line);
	}
}

const struct line_ops mcp_client_ops = { .more = client_more, .end = client_end };
