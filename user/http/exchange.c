// SPDX-License-Identifier: Apache-2.0
/*
 * exchange.c - one request of a client and its conversation. The client is
 * answered by the server, or by us: refused, too late, or because the server
 * is gone.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "proxy_impl.h"
#include "user/mcp/mcp.h"

/* No wait is longer: timers do not count the time the machine sleeps, and
 * deadlines do. */
#define TICK_MAX_NS 5000000000ull

static struct evkeyvalq *new_headers(void)
{
	struct evkeyvalq *headers = malloc(sizeof(*headers));

	if (headers)
		TAILQ_INIT(headers);
	return headers;
}

static void free_headers(struct evkeyvalq *headers)
{
	if (headers)
		evhttp_clear_headers(headers);
	free(headers);
}

/* The client waits as long as its call lasts; so does its connection. */
static void on_close(struct evhttp_connection *connection, void *ctx)
{
	(void)connection;
	exchange_left(ctx);
}

static void on_wake(void *ctx)
{
	struct exchange *exchange = ctx;

	event_active(exchange->due, 0, 0);
}

static void schedule(struct exchange *exchange, uint64_t now_ns, uint64_t next_ns)
{
	uint64_t wait_ns;

	if (exchange->retry_ns && (!next_ns || exchange->retry_ns < next_ns))
		next_ns = exchange->retry_ns;
	if (!next_ns) {
		evtimer_del(exchange->due);
		return;
	}
	wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
	if (wait_ns > TICK_MAX_NS)
		wait_ns = TICK_MAX_NS;
	wait_ns += 1000; /* rounding must not make it a moment early */
	const struct timeval wait = { .tv_sec = (time_t)(wait_ns / 1000000000),
				      .tv_usec = (long)(wait_ns % 1000000000 / 1000) };

	if (evtimer_add(exchange->due, &wait))
		proxy_fail(exchange->proxy, -ENOMEM);
}

/* Takes the time into account. A call that was open or waited, and is not any
 * more, was answered by us: what the server still says of it is not heard. */
static void tick(struct exchange *exchange)
{
	uint64_t now_ns = mcp_now_ns(), next_ns = 0;
	size_t pending = mcp_pending(exchange->mcp);

	proxy_fail(exchange->proxy, mcp_tick(exchange->mcp, now_ns, &next_ns));
	if (pending && !mcp_pending(exchange->mcp) &&
	    !evbuffer_get_length(mcp_to_server(exchange->mcp))) {
		exchange_finish(exchange);
		return;
	}
	if (exchange->retry_ns && exchange->retry_ns <= now_ns) {
		exchange->retry_ns = 0;
		upstream_ask(exchange);
	}
	schedule(exchange, now_ns, next_ns);
}

static void on_due(evutil_socket_t fd, short what, void *ctx)
{
	struct exchange *exchange = ctx;

	(void)fd;
	(void)what;
	if (!exchange->is_over)
		exchange_update(exchange);
}

static int begin(struct exchange *exchange, struct evhttp_request *request)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	const char *session = evhttp_find_header(headers, "Mcp-Session-Id");
	const struct proxy_options *options = exchange->proxy->options;
	int err;

	if (session && strlen(session) <= SESSION_ID_MAX)
		strcpy(exchange->session, session);
	exchange->method = evhttp_request_get_command(request);
	exchange->headers = new_headers();
	exchange->body = evbuffer_new();
	exchange->due = evtimer_new(exchange->proxy->base, on_due, exchange);
	if (!exchange->headers || !exchange->body || !exchange->due)
		return -ENOMEM;
	err = mcp_new(options->ops, options->session, options->pending_max, &exchange->mcp);
	if (err)
		return err;
	mcp_share(exchange->mcp, exchange->proxy->anchor);
	mcp_on_wake(exchange->mcp, on_wake, exchange);
	mcp_answer_only(exchange->mcp, NULL);
	return headers_copy_request(headers, exchange->headers);
}

struct exchange *exchange_new(struct proxy *proxy, struct evhttp_request *request)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	if (exchange) {
		exchange->proxy = proxy;
		TAILQ_INSERT_TAIL(&proxy->exchanges, exchange, link);
		proxy->exchanges_len++;
	}
	if (!exchange || begin(exchange, request)) {
		if (exchange)
			exchange_free(exchange);
		front_answer(request, HTTP_INTERNAL, "EnforceCore has no memory for this request");
		return NULL;
	}
	exchange->reply.request = request;
	evhttp_connection_set_closecb(connection, on_close, exchange);
	evhttp_connection_set_timeout(connection, INT32_MAX);
	return exchange;
}

void exchange_free(struct exchange *exchange)
{
	struct proxy *proxy = exchange->proxy;
	size_t open;

	TAILQ_REMOVE(&proxy->exchanges, exchange, link);
	proxy->exchanges_len--;
	proxy->bytes -= exchange->bytes;
	reply_left(exchange);
	upstream_drop(exchange);
	if (exchange->mcp && mcp_pending(exchange->mcp))
		proxy_fail(proxy, mcp_server_ended(exchange->mcp, "was not heard", &open));
	mcp_free(exchange->mcp);
	if (exchange->due)
		event_free(exchange->due);
	if (exchange->body)
		evbuffer_free(exchange->body);
	free_headers(exchange->headers);
	free(exchange);
}

void exchange_is_over(struct exchange *exchange)
{
	exchange->is_over = true;
	exchange->retry_ns = 0;
	evtimer_del(exchange->due);
	event_active(exchange->proxy->reap, 0, 0);
}

/* The conversation has something for the server: it can only be the request,
 * on one line. */
static void ask(struct exchange *exchange)
{
	struct evbuffer *line = mcp_to_server(exchange->mcp);

	if (!evbuffer_get_length(line))
		return;
	if (evbuffer_add_buffer(exchange->body, line))
		proxy_fail(exchange->proxy, -ENOMEM);
	upstream_ask(exchange);
}

void exchange_update(struct exchange *exchange)
{
	ask(exchange);
	if (!exchange->is_over)
		tick(exchange);
	if (!exchange->is_over)
		ask(exchange); /* its turn has come */
	if (!exchange->is_over)
		reply_tell(exchange, false);
}

void exchange_finish(struct exchange *exchange)
{
	if (exchange->is_over)
		return;
	reply_tell(exchange, true);
	exchange_is_over(exchange);
}

void exchange_abandon(struct exchange *exchange, const char *how)
{
	size_t open = mcp_pending(exchange->mcp), unused;

	if (exchange->is_over)
		return;
	proxy_fail(exchange->proxy, mcp_server_broke(exchange->mcp));
	proxy_fail(exchange->proxy, mcp_server_ended(exchange->mcp, how, &unused));
	if (!open && !exchange->reply.has_begun) {
		char text[128];

		snprintf(text, sizeof(text), "the tool server %s", how);
		reply_fail(exchange, 502, text);
		exchange_is_over(exchange);
	} else {
		exchange_finish(exchange);
	}
}

/* A call that the server works on goes on, until it is answered or its deadline
 * ends it: a lost connection is no cancellation (MCP, Transports). */
void exchange_left(struct exchange *exchange)
{
	reply_left(exchange);
	if (exchange->is_over)
		return;
	if (!mcp_pending(exchange->mcp) || mcp_is_waiting(exchange->mcp))
		exchange_is_over(exchange);
	else
		upstream_read(exchange, true);
}
