// SPDX-License-Identifier: Apache-2.0
/* mcp_server.c - what the server writes. Nothing of it is withheld but answers
 * that the client already has, tools that it may not call, and what the policy
 * wants read and cannot be. */
#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>

#include "batch.h"
#include "mcp_impl.h"

/* Which of our tables waits for this answer, if any. */
static struct id_entry *find_in(struct id_table *table, const struct json_scan *scan)
{
	struct message_id id;

	if (!message_is_response(scan) || message_id(scan, MESSAGE_ID, &id))
		return NULL;
	return id_table_find(table, &id);
}

static int drop_late(struct mcp *mcp, struct id_entry *entry)
{
	mcp_note(mcp, "request %s: the tool server answered after its deadline; dropped",
		 entry->id.raw);
	id_table_remove(&mcp->late, entry);
	return 0;
}

/* Ends the call that this message answers. */
static int end_answered(struct mcp *mcp, const struct json_scan *scan)
{
	struct id_entry *entry = find_in(&mcp->calls, scan);

	if (!entry)
		return 0;
	return mcp_calls_end(mcp, entry, message_failed(scan) ? "error" : "done");
}

static int take_message(struct mcp *mcp, const struct message *message)
{
	struct id_entry *entry = find_in(&mcp->late, message->scan);

	if (entry)
		return drop_late(mcp, entry);
	if (mcp_only_is_stray(mcp, message->scan))
		return 0;
	mcp_changes_from_server(mcp, message);
	entry = find_in(&mcp->calls, message->scan);
	if (entry)
		return mcp_output_answer(mcp, message, entry);
	entry = find_in(&mcp->lists, message->scan);
	if (!entry)
		return mcp_output_pass(mcp, message);
	struct message_id id = entry->id;

	id_table_remove(&mcp->lists, entry);
	return mcp_list_pass(mcp, message, id.raw);
}

/* 1: some element answers a request that we remember. */
static int is_awaited(void *ctx, const char *element, size_t element_len)
{
	struct mcp *mcp = ctx;
	struct json_scan scan;

	message_scan_init(&scan);
	json_scan_feed(&scan, element, element_len);
	return json_scan_finish(&scan) == JSON_OBJECT &&
	       (find_in(&mcp->calls, &scan) || find_in(&mcp->lists, &scan) ||
		find_in(&mcp->late, &scan));
}

static int take_element(void *ctx, const char *element, size_t element_len)
{
	struct evbuffer *bytes = evbuffer_new();
	struct json_scan scan;
	int err = -ENOMEM;

	message_scan_init(&scan);
	json_scan_feed(&scan, element, element_len);
	bool is_object = json_scan_finish(&scan) == JSON_OBJECT;

	if (bytes && !evbuffer_add(bytes, element, element_len))
		err = (is_object ? take_message : mcp_output_pass)(
			ctx, &(struct message) { &scan, bytes, true, false });
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
	if (mcp->answers_one)
		return batch_each(text, len, take_element, mcp);
	if (!mcp_output_reader(mcp) && !batch_each(text, len, is_awaited, mcp))
		return mcp_pass(mcp->to_client, message);
	return batch_each(text, len, take_element, mcp);
}

static void note_garbage(struct mcp *mcp, const struct line *line)
{
	mcp_note(mcp,
		 "the tool server wrote a line of %" PRIu64
		 " bytes that is not a JSON-RPC message (byte %" PRIu64
		 " of its output); passed on as it is",
		 line->len, line->start + line->scan.offset);
}

static int take_line(struct mcp *mcp, struct line *line, bool newline)
{
	struct message message = { &line->scan, line->bytes, newline, false };

	switch (json_scan_finish(&line->scan)) {
	case JSON_OBJECT:
		return take_message(mcp, &message);
	case JSON_ARRAY:
		return take_batch(mcp, &message);
	case JSON_NONE:
		break;
	default:
		message.is_garbage = true;
		note_garbage(mcp, line);
	}
	return mcp_output_pass(mcp, &message);
}

static void forget(struct id_table *table, const struct json_scan *scan)
{
	struct id_entry *entry = find_in(table, scan);

	if (entry)
		id_table_remove(table, entry);
}

/* The end of a line that has streamed: its newline is what makes it a message,
 * and comes after the end of the call. */
static int end_stream(struct mcp *mcp, struct line *line, bool newline)
{
	const struct message rest = { &line->scan, line->bytes, newline, false };
	enum json_kind kind = json_scan_finish(&line->scan);
	int err = 0;

	if (kind == JSON_OBJECT) {
		err = end_answered(mcp, &line->scan);
		forget(&mcp->late, &line->scan);
		forget(&mcp->lists, &line->scan);
	} else if (kind == JSON_ARRAY) {
		/* which calls it answers is not known: none stays open */
		while (!err && mcp->calls.len)
			err = mcp_calls_end(mcp, mcp->calls.entries, "error");
	} else {
		note_garbage(mcp, line);
	}
	if (!err)
		err = mcp_pass(mcp->to_client, &rest);
	if (!err && !newline && mcp->held_since_ns && evbuffer_add(mcp->to_client, "\n", 1))
		err = -ENOMEM;
	mcp->client_in_line = !newline && !mcp->held_since_ns;
	return err ? err : mcp_flush_held(mcp);
}

static int server_end(void *ctx, struct line *line, bool newline)
{
	struct mcp *mcp = ctx;
	struct id_entry *late;
	int err = 0;

	switch (line->mode) {
	case LINE_WAITS:
		err = take_line(mcp, line, newline);
		mcp->client_in_line = !newline;
		break;
	case LINE_STREAMS:
		err = end_stream(mcp, line, newline);
		break;
	case LINE_DROPPED:
		late = find_in(&mcp->late, &line->scan);
		if (late)
			return drop_late(mcp, late);
		if (line->why)
			return mcp_output_withhold(mcp, &line->scan, line->why);
	}
	return err;
}

static int server_more(void *ctx, struct line *line)
{
	struct mcp *mcp = ctx;

	if (line->mode == LINE_WAITS && line->len > MCP_BUFFER_MAX) {
		line->why = mcp_output_must_read(mcp, &line->scan);
		if (!line->why)
			line->why = mcp_only_must_read(mcp, &line->scan);
		line->mode = line->why || find_in(&mcp->late, &line->scan) ||
					     mcp_only_is_stray(mcp, &line->scan) ?
				     LINE_DROPPED :
				     LINE_STREAMS;
	}
	if (line->mode == LINE_STREAMS && evbuffer_add_buffer(mcp->to_client, line->bytes))
		return -ENOMEM;
	if (line->mode == LINE_DROPPED)
		evbuffer_drain(line->bytes, evbuffer_get_length(line->bytes));
	return 0;
}

const struct line_ops mcp_server_ops = { .more = server_more, .end = server_end };
