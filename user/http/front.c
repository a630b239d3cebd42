// SPDX-License-Identifier: Apache-2.0
/* front.c - what comes in: who may ask, and what for. */
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "proxy_impl.h"
#include "user/mcp/answer.h"
#include "user/mcp/mcp.h"

void front_answer(struct evhttp_request *request, int status, const char *text)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evbuffer_new();

	evhttp_add_header(headers, "Content-Type", "text/plain; charset=utf-8");
	if (body)
		evbuffer_add_printf(body, "%s\n", text);
	evhttp_send_reply(request, status, NULL, body);
	if (body)
		evbuffer_free(body);
}

/* As JSON-RPC has it; id NULL: it could not be read. */
static void refuse(struct evhttp_request *request, const char *id, int code, const char *text)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evbuffer_new();

	evhttp_add_header(headers, "Content-Type", "application/json");
	if (body)
		answer_error(body, id, code, text);
	evhttp_send_reply(request, HTTP_BADREQUEST, NULL, body);
	if (body)
		evbuffer_free(body);
}

/* In JSON a line end is white space; within a string it cannot be. */
static void make_one_line(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
}

/* The message is one, and the request is about it. False: it was answered. */
static bool scan_body(struct evhttp_request *request, struct json_scan *ret_scan)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(body);
	char *text = (char *)evbuffer_pullup(body, -1);
	enum json_kind kind;

	message_scan_init(ret_scan);
	if (text) {
		make_one_line(text, len);
		json_scan_feed(ret_scan, text, len);
	}
	kind = json_scan_finish(ret_scan);
	if (kind == JSON_OBJECT)
		return true;
	if (kind == JSON_ARRAY)
		refuse(request, NULL, ANSWER_INVALID_REQUEST,
		       "EnforceCore passes no batch over HTTP: send its messages one by one");
	else
		refuse(request, NULL, ANSWER_PARSE_ERROR,
		       "EnforceCore: the body is not a JSON object");
	return false;
}

static void remember_request(struct exchange *exchange, const struct json_scan *scan)
{
	exchange->is_request = message_method(scan) != METHOD_NONE &&
			       !message_id(scan, MESSAGE_ID, &exchange->id);
	if (exchange->is_request)
		mcp_answer_only(exchange->mcp, &exchange->id);
}

static void post(struct exchange *exchange, struct evhttp_request *request,
		 const struct json_scan *scan)
{
	struct evbuffer *line = evhttp_request_get_input_buffer(request);
	struct message_id id;

	exchange->bytes = evbuffer_get_length(line);
	exchange->proxy->bytes += exchange->bytes;
	remember_request(exchange, scan);
	if (evbuffer_add(line, "\n", 1))
		proxy_fail(exchange->proxy, -ENOMEM);
	if (message_method(scan) == METHOD_CANCELLED && !exchange->is_request &&
	    !message_id(scan, MESSAGE_REQUEST_ID, &id) && exchange_cancel(exchange, &id, line)) {
		reply_is(exchange, 202, NULL, BODY_OTHER);
		exchange_finish(exchange);
		return;
	}
	proxy_fail(exchange->proxy, mcp_from_client(exchange->mcp, line));
	if (!mcp_pending(exchange->mcp) && !evbuffer_get_length(mcp_to_server(exchange->mcp)))
		exchange_finish(exchange); /* refused */
	else
		exchange_update(exchange);
}

static void on_post(struct proxy *proxy, struct evhttp_request *request)
{
	size_t len = evbuffer_get_length(evhttp_request_get_input_buffer(request));
	struct exchange *exchange;
	struct json_scan scan;

	/* what a page can send without asking (CORS) is not of this type */
	if (!headers_is_type(evhttp_request_get_input_headers(request), "application/json")) {
		front_answer(request, 415, "EnforceCore: Content-Type must be application/json");
		return;
	}
	if (len > EXCHANGES_BYTES_MAX - proxy->bytes) {
		front_answer(request, HTTP_SERVUNAVAIL,
			     "EnforceCore: requests of 64 MiB are open, which is the limit");
		return;
	}
	if (!scan_body(request, &scan))
		return;
	exchange = exchange_new(proxy, request);
	if (exchange)
		post(exchange, request, &scan);
}

/* A stream of what the server says unasked, the end of a session, a preflight. */
static void on_other(struct proxy *proxy, struct evhttp_request *request)
{
	struct exchange *exchange = exchange_new(proxy, request);

	if (!exchange)
		return;
	if (exchange->method == EVHTTP_REQ_GET)
		mcp_tell_changes(exchange->mcp);
	upstream_ask(exchange);
}

/* The path that was asked for, without its query. */
static bool is_endpoint(const struct proxy *proxy, struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;

	return path && !strcmp(*path ? path : "/", proxy->options->upstream->path) &&
	       !evhttp_uri_get_query(uri);
}

void front_on_request(struct evhttp_request *request, void *ctx)
{
	struct proxy *proxy = ctx;
	const char *why = headers_refuse(request, proxy->options->listener->is_loopback);
	char text[HTTP_PATH_MAX + 64];

	if (why) {
		snprintf(text, sizeof(text), "EnforceCore: %s", why);
		front_answer(request, 403, text);
	} else if (proxy->stage != PROXY_RUNS) {
		front_answer(request, HTTP_SERVUNAVAIL, "EnforceCore: the tool server is ending");
	} else if (!is_endpoint(proxy, request)) {
		snprintf(text, sizeof(text), "EnforceCore: the endpoint of the tool server is %s",
			 proxy->options->upstream->path);
		front_answer(request, HTTP_NOTFOUND, text);
	} else if (proxy->exchanges_len >= EXCHANGES_MAX) {
		front_answer(request, HTTP_SERVUNAVAIL,
			     "EnforceCore: 256 requests are open, which is the limit");
	} else if (evhttp_request_get_command(request) == EVHTTP_REQ_POST) {
		on_post(proxy, request);
	} else {
		on_other(proxy, request);
	}
}
