// SPDX-License-Identifier: Apache-2.0
/*
 * upstream.c - what the server is asked. A connection for each request: what
 * one conversation makes of its connection is no other one's trouble.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/keyvalq_struct.h>
#include <string.h>

#include "headers.h"
#include "proxy_impl.h"
#include "user/mcp/mcp.h"

/* A server that was just started may not listen yet. */
#define START_NS 20000000000ull
#define RETRY_NS 50000000ull
#define RESUME_ATTEMPTS 8
#define RESUME_MS 1000
#define RESUME_MAX_MS 30000

static void ask_again(struct exchange *exchange, uint64_t wait_ns)
{
	exchange->retry_ns = mcp_now_ns() + wait_ns;
	event_active(exchange->due, 0, 0);
}

/* The server ended a stream that it promised to go on with (MCP 2025-11-25,
 * Transports, "Resumability"): the client does not hear of it. */
static bool may_resume(const struct exchange *exchange)
{
	return exchange->upstream.body == BODY_EVENTS && exchange->stream.id[0] &&
	       exchange->is_request && !mcp_is_answered(exchange->mcp) &&
	       exchange->resumed < RESUME_ATTEMPTS && exchange->proxy->stage == PROXY_RUNS;
}

void upstream_resume(struct exchange *exchange)
{
	unsigned int ms = exchange->stream.retry_ms ? exchange->stream.retry_ms : RESUME_MS;

	if (!may_resume(exchange)) {
		exchange_abandon(exchange, "ended its answer");
		return;
	}
	exchange->resumes = true;
	exchange->resumed++;
	ask_again(exchange, (ms > RESUME_MAX_MS ? RESUME_MAX_MS : ms) * 1000000ull);
}

static void on_failure(struct exchange *exchange, bool was_asked)
{
	struct proxy *proxy = exchange->proxy;
	bool starts = !proxy->is_up && mcp_now_ns() - proxy->since_ns < START_NS;

	if (!was_asked && starts && proxy->stage == PROXY_RUNS)
		ask_again(exchange, RETRY_NS);
	else if (may_resume(exchange))
		upstream_resume(exchange);
	else
		exchange_abandon(exchange, was_asked ? "closed its connection" : "does not listen");
}

/* NULL: it failed on the way. libevent gives a request that was never sent as
 * one without a status. */
static void on_done(struct evhttp_request *request, void *ctx)
{
	struct exchange *exchange = ctx;

	exchange->upstream.request = NULL;
	if (exchange->is_over)
		return;
	if (!request || !evhttp_request_get_response_code(request))
		on_failure(exchange, !request);
	else
		proxy_fail(exchange->proxy, upstream_body_end(exchange));
}

static enum body body_of(struct evkeyvalq *headers)
{
	if (headers_is_type(headers, "text/event-stream"))
		return BODY_EVENTS;
	return headers_is_type(headers, "application/json") ? BODY_JSON : BODY_OTHER;
}

static void forget_body(struct exchange *exchange)
{
	evbuffer_drain(exchange->body, evbuffer_get_length(exchange->body));
	exchange->proxy->bytes -= exchange->bytes;
	exchange->bytes = 0;
}

/* -1 closes the connection. */
static int on_header(struct evhttp_request *request, void *ctx)
{
	struct exchange *exchange = ctx;
	struct upstream *upstream = &exchange->upstream;
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);

	upstream->status = evhttp_request_get_response_code(request);
	if (exchange->is_over || upstream->status == 100)
		return 0;
	exchange->proxy->is_up = true;
	forget_body(exchange);
	upstream->body = body_of(headers);
	if (!headers_is_plain(headers)) {
		reply_fail(exchange, 502, "the tool server's answer is compressed");
		exchange_is_over(exchange);
		return 0;
	}
	if (!exchange->resumes)
		reply_is(exchange, upstream->status, headers, upstream->body);
	else if (upstream->status != HTTP_OK || upstream->body != BODY_EVENTS)
		exchange_abandon(exchange, "did not resume its answer");
	return 0;
}

static void on_chunk(struct evhttp_request *request, void *ctx)
{
	struct exchange *exchange = ctx;
	struct evbuffer *in = evhttp_request_get_input_buffer(request);

	if (exchange->is_over)
		return;
	exchange->upstream.has_said = true;
	proxy_fail(exchange->proxy, upstream_body_feed(exchange, in));
	if (!exchange->is_over)
		exchange_update(exchange);
}

static int add_headers(struct exchange *exchange, struct evhttp_request *request)
{
	struct evkeyvalq *to = evhttp_request_get_output_headers(request);
	const struct http_upstream *upstream = exchange->proxy->options->upstream;

	if (headers_copy_request(exchange->headers, to) ||
	    evhttp_add_header(to, "Host", upstream->authority) ||
	    evhttp_add_header(to, "Connection", "close") ||
	    (exchange->resumes && evhttp_add_header(to, "Last-Event-ID", exchange->stream.id)))
		return -EINVAL;
	if (exchange->resumes || exchange->method != EVHTTP_REQ_POST)
		return 0;
	return evbuffer_add_buffer_reference(evhttp_request_get_output_buffer(request),
					     exchange->body);
}

static struct evhttp_request *new_request(struct exchange *exchange)
{
	struct evhttp_request *request = evhttp_request_new(on_done, exchange);

	if (!request)
		return NULL;
	evhttp_request_set_header_cb(request, on_header);
	evhttp_request_set_chunked_cb(request, on_chunk);
	if (add_headers(exchange, request)) {
		evhttp_request_free(request);
		return NULL;
	}
	return request;
}

static struct evhttp_connection *new_connection(struct proxy *proxy)
{
	const struct http_upstream *to = proxy->options->upstream;
	struct evhttp_connection *connection = evhttp_connection_base_new(proxy->base, NULL,
									  to->host, to->port);

	/* a call takes as long as its deadline says */
	if (connection)
		evhttp_connection_set_timeout(connection, INT32_MAX);
	return connection;
}

void upstream_ask(struct exchange *exchange)
{
	const char *path = exchange->proxy->options->upstream->path;
	struct upstream *upstream = &exchange->upstream;
	enum evhttp_cmd_type method = exchange->resumes ? EVHTTP_REQ_GET : exchange->method;
	struct evhttp_request *request;

	if (upstream->request)
		return; /* it was asked: one request has one answer */
	upstream_drop(exchange);
	upstream->connection = new_connection(exchange->proxy);
	request = upstream->connection ? new_request(exchange) : NULL;
	upstream->reads = true;
	upstream->has_said = false;
	proxy_fail(exchange->proxy, upstream_body_begin(exchange));
	upstream->request = request;
	if (!request || evhttp_make_request(upstream->connection, request, method, path)) {
		upstream->request = NULL;
		exchange_abandon(exchange, "could not be asked");
	}
}

void upstream_drop(struct exchange *exchange)
{
	struct upstream *upstream = &exchange->upstream;

	if (upstream->connection)
		evhttp_connection_free(upstream->connection);
	upstream->connection = NULL;
	upstream->request = NULL;
}

void upstream_read(struct exchange *exchange, bool reads)
{
	struct upstream *upstream = &exchange->upstream;

	if (!upstream->request || upstream->reads == reads)
		return;
	upstream->reads = reads;
	(reads ? bufferevent_enable : bufferevent_disable)(
		evhttp_connection_get_bufferevent(upstream->connection), EV_READ);
}
