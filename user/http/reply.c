// SPDX-License-Identifier: Apache-2.0
/*
 * reply.c - what the client is told. An answer in one message is told when it
 * is whole, with its length; one that is long, or a stream of events, as it
 * comes. A client that does not read makes the server wait.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>

#include "headers.h"
#include "proxy_impl.h"
#include "user/mcp/mcp.h"

/* More than this is not kept for a client that does not read. */
#define BACKLOG_MAX (1u << 20)
/* A longer answer is told in pieces. */
#define WHOLE_MAX (256u << 10)

static size_t backlog(const struct reply *reply)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(reply->request);

	return evbuffer_get_length(
		bufferevent_get_output(evhttp_connection_get_bufferevent(connection)));
}

static void on_drained(struct evhttp_connection *connection, void *ctx)
{
	(void)connection;
	upstream_read(ctx, true);
}

static void begin(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;

	reply->has_begun = true;
	evhttp_send_reply_start(reply->request, reply->status, NULL);
}

static void send_chunk(struct exchange *exchange, struct evbuffer *bytes)
{
	struct reply *reply = &exchange->reply;

	if (!evbuffer_get_length(bytes))
		return;
	if (!reply->has_begun)
		begin(exchange);
	evhttp_send_reply_chunk_with_cb(reply->request, bytes, on_drained, exchange);
	if (backlog(reply) > BACKLOG_MAX)
		upstream_read(exchange, false);
}

/* Nothing more will be said: the connection is for the next request. */
static struct evhttp_request *take_request(struct reply *reply)
{
	struct evhttp_request *request = reply->request;
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	reply->request = NULL;
	evhttp_connection_set_closecb(connection, NULL, NULL);
	evhttp_connection_set_timeout(connection, CONNECTIONS_IDLE_SECONDS);
	return request;
}

static void end(struct exchange *exchange, struct evbuffer *rest)
{
	struct reply *reply = &exchange->reply;
	bool has_begun = reply->has_begun;

	if (has_begun && evbuffer_get_length(rest))
		evhttp_send_reply_chunk(reply->request, rest);

	struct evhttp_request *request = take_request(reply);

	if (has_begun)
		evhttp_send_reply_end(request);
	else
		evhttp_send_reply(request, reply->status, NULL, rest);
}

/* Lines become events. */
static int add_events(struct exchange *exchange, struct evbuffer *lines, struct evbuffer *to)
{
	struct reply *reply = &exchange->reply;
	struct evbuffer_iovec extent;

	while (evbuffer_get_length(lines) && evbuffer_peek(lines, -1, NULL, &extent, 1) >= 1) {
		const char *text = extent.iov_base;
		const char *newline = memchr(text, '\n', extent.iov_len);
		size_t len = newline ? (size_t)(newline - text) : extent.iov_len;

		if (!reply->in_line && len && evbuffer_add_printf(to, "event: message\ndata: ") < 0)
			return -ENOMEM;
		reply->in_line = reply->in_line || len;
		if (len && evbuffer_remove_buffer(lines, to, len) != (int)len)
			return -ENOMEM;
		if (newline) {
			evbuffer_drain(lines, 1);
			if (reply->in_line && evbuffer_add(to, "\n\n", 2))
				return -ENOMEM;
			reply->in_line = false;
		}
	}
	return 0;
}

/* We answer before the server has said in which form it would. */
static void assume(struct exchange *exchange)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->reply.request);

	exchange->reply.status = HTTP_OK;
	exchange->reply.body = BODY_JSON;
	evhttp_add_header(headers, "Content-Type", "application/json");
}

void reply_is(struct exchange *exchange, int status, struct evkeyvalq *headers, enum body body)
{
	struct reply *reply = &exchange->reply;

	reply->status = status;
	reply->body = body;
	if (!reply->request)
		return;
	if (headers)
		headers_copy_response(headers, evhttp_request_get_output_headers(reply->request));
	if (body == BODY_EVENTS)
		begin(exchange);
}

void reply_tell(struct exchange *exchange, bool all)
{
	struct evbuffer *out = mcp_to_client(exchange->mcp);
	struct reply *reply = &exchange->reply;

	if (!reply->request) {
		evbuffer_drain(out, evbuffer_get_length(out));
		return;
	}
	if (!reply->body && !all)
		return;
	if (!reply->body)
		assume(exchange);
	if (reply->body == BODY_EVENTS) {
		struct evbuffer *events = evbuffer_new();

		if (!events || add_events(exchange, out, events))
			proxy_fail(exchange->proxy, -ENOMEM);
		else if (all)
			end(exchange, events);
		else
			send_chunk(exchange, events);
		if (events)
			evbuffer_free(events);
	} else if (all) {
		end(exchange, out);
	} else if (reply->has_begun || evbuffer_get_length(out) > WHOLE_MAX) {
		send_chunk(exchange, out);
	}
}

void reply_fail(struct exchange *exchange, int status, const char *text)
{
	struct reply *reply = &exchange->reply;
	char line[256];

	if (!reply->request)
		return;
	if (reply->has_begun) {
		reply_tell(exchange, true);
		return;
	}
	snprintf(line, sizeof(line), "EnforceCore: %s", text);
	evhttp_clear_headers(evhttp_request_get_output_headers(reply->request));
	front_answer(take_request(reply), status, line);
}

void reply_comment(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	struct evbuffer *comment;

	if (!reply->request || reply->body != BODY_EVENTS || reply->in_line)
		return;
	comment = evbuffer_new();
	if (comment && !evbuffer_add(comment, ":\n\n", 3))
		send_chunk(exchange, comment);
	if (comment)
		evbuffer_free(comment);
}

void reply_reset(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;

	if (reply->has_begun)
		return;
	reply->body = 0;
	if (reply->request)
		evhttp_clear_headers(evhttp_request_get_output_headers(reply->request));
}

/* libevent leaves a request that is not answered yet to us, without a connection. */
void reply_left(struct exchange *exchange)
{
	struct evhttp_request *request = exchange->reply.request;
	struct evhttp_connection *connection;

	exchange->reply.request = NULL;
	if (!request)
		return;
	connection = evhttp_request_get_connection(request);
	if (connection)
		evhttp_connection_set_closecb(connection, NULL, NULL);
	else
		evhttp_request_free(request);
}
