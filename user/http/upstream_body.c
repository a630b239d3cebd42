// SPDX-License-Identifier: Apache-2.0
/* upstream_body.c - what the server answers, as lines of a conversation. */
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "proxy_impl.h"
#include "user/mcp/mcp.h"

static int feed(struct exchange *exchange, const char *bytes, size_t bytes_len)
{
	struct evbuffer *in = exchange->proxy->in;

	if (evbuffer_add(in, bytes, bytes_len))
		return -ENOMEM;
	return mcp_from_server(exchange->mcp, in);
}

static int on_data(void *ctx, const char *bytes, size_t bytes_len)
{
	return feed(ctx, bytes, bytes_len);
}

static int on_end(void *ctx)
{
	struct exchange *exchange = ctx;

	exchange->resumed = 0;
	return feed(exchange, "\n", 1);
}

static int on_comment(void *ctx)
{
	reply_comment(ctx);
	return 0;
}

static const struct event_stream_ops event_ops = { on_data, on_end, on_comment };

static int feed_events(struct exchange *exchange, struct evbuffer *in)
{
	struct evbuffer_iovec extent;
	int err = 0;

	while (!err && evbuffer_get_length(in) && evbuffer_peek(in, -1, NULL, &extent, 1) >= 1) {
		err = event_stream_feed(&exchange->stream, extent.iov_base, extent.iov_len,
					&event_ops, exchange);
		evbuffer_drain(in, extent.iov_len);
	}
	return err;
}

/* Between the tokens of one message a line end is white space. */
static int feed_json(struct exchange *exchange, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	char *text = (char *)evbuffer_pullup(in, -1);

	if (!text)
		return len ? -ENOMEM : 0;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n' || text[i] == '\r')
			text[i] = ' ';
	return mcp_from_server(exchange->mcp, in);
}

int upstream_body_begin(struct exchange *exchange)
{
	struct event_stream *stream = &exchange->stream, fresh = { .retry_ms = stream->retry_ms };

	memcpy(fresh.id, stream->id, sizeof(fresh.id));
	*stream = fresh;
	return mcp_server_broke(exchange->mcp);
}

int upstream_body_feed(struct exchange *exchange, struct evbuffer *in)
{
	switch (exchange->upstream.body) {
	case BODY_EVENTS:
		return feed_events(exchange, in);
	case BODY_JSON:
		return feed_json(exchange, in);
	default:
		return mcp_from_server(exchange->mcp, in);
	}
}

/* The server has answered the request, but no call: its word stays if it says
 * that it failed; else ours is told instead. */
static int end_unanswered(struct exchange *exchange)
{
	struct evbuffer *out = mcp_to_client(exchange->mcp), *word = evbuffer_new();
	bool failed = exchange->upstream.status >= 400;
	size_t open;
	int err = -ENOMEM;

	if (word && !evbuffer_add_buffer(word, out))
		err = mcp_server_ended(exchange->mcp, "ended its answer", &open);
	if (!err && failed) {
		evbuffer_drain(out, evbuffer_get_length(out));
		err = evbuffer_add_buffer(out, word) ? -ENOMEM : 0;
	} else if (!err) {
		reply_reset(exchange);
	}
	if (word)
		evbuffer_free(word);
	return err;
}

int upstream_body_end(struct exchange *exchange)
{
	bool is_events = exchange->upstream.body == BODY_EVENTS;
	int err = 0;

	if (!is_events && exchange->upstream.has_said)
		err = feed(exchange, "\n", 1);
	if (err)
		return err;
	if (is_events && exchange->is_request && !mcp_is_answered(exchange->mcp)) {
		upstream_resume(exchange);
		return 0;
	}
	if (mcp_pending(exchange->mcp))
		err = end_unanswered(exchange);
	if (!err)
		exchange_finish(exchange);
	return err;
}
