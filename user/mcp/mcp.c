// SPDX-License-Identifier: Apache-2.0
#include "mcp.h"

#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mcp_impl.h"

int mcp_new(const struct gateway_ops *ops, struct session *session, size_t pending_max,
	    struct mcp **ret_mcp)
{
	struct mcp *mcp = calloc(1, sizeof(*mcp));

	if (!mcp)
		return -ENOMEM;
	mcp_peers_init(mcp);
	mcp->ops = ops;
	mcp->session = session;
	mcp->pending_max = pending_max && pending_max < ID_TABLE_MAX ? pending_max : ID_TABLE_MAX;
	mcp->to_client = evbuffer_new();
	mcp->to_server = evbuffer_new();
	mcp->held = evbuffer_new();
	if (line_init(&mcp->client) || line_init(&mcp->server) || !mcp->to_client ||
	    !mcp->to_server || !mcp->held) {
		mcp_free(mcp);
		return -ENOMEM;
	}
	*ret_mcp = mcp;
	return 0;
}

static void free_buffer(struct evbuffer *buffer)
{
	if (buffer)
		evbuffer_free(buffer);
}

void mcp_free(struct mcp *mcp)
{
	if (!mcp)
		return;
	mcp_queue_done(mcp);
	mcp_peers_leave(mcp);
	mcp_ask_done(mcp);
	line_done(&mcp->client);
	line_done(&mcp->server);
	free_buffer(mcp->to_client);
	free_buffer(mcp->to_server);
	free_buffer(mcp->held);
	free(mcp);
}

int mcp_from_client(struct mcp *mcp, struct evbuffer *in)
{
	int err = line_feed(&mcp->client, in, &mcp_client_ops, mcp);

	return err ? err : mcp_queue_run(mcp);
}

int mcp_from_server(struct mcp *mcp, struct evbuffer *in)
{
	int err = line_feed(&mcp->server, in, &mcp_server_ops, mcp);

	return err ? err : mcp_queue_run(mcp);
}

int mcp_server_broke(struct mcp *mcp)
{
	bool told = mcp->server.mode == LINE_STREAMS;

	line_drop(&mcp->server);
	return told && evbuffer_add(mcp->to_client, "\n", 1) ? -ENOMEM : mcp_flush_held(mcp);
}

int mcp_client_ended(struct mcp *mcp)
{
	return line_finish(&mcp->client, &mcp_client_ops, mcp);
}

void mcp_on_wake(struct mcp *mcp, void (*wake)(void *ctx), void *ctx)
{
	mcp->wake = wake;
	mcp->wake_ctx = ctx;
}

size_t mcp_pending(const struct mcp *mcp)
{
	return mcp->calls.len + mcp->queue.len + mcp->asks.len;
}

bool mcp_is_waiting(const struct mcp *mcp)
{
	return mcp->queue.len > 0 || mcp->asks.len > 0;
}

int mcp_server_ended(struct mcp *mcp, const char *how, size_t *ret_open)
{
	int err = line_finish(&mcp->server, &mcp_server_ops, mcp);

	*ret_open = mcp_pending(mcp);
	return err ? err : mcp_calls_abandon(mcp, how);
}

struct evbuffer *mcp_to_client(struct mcp *mcp)
{
	return mcp->to_client;
}

struct evbuffer *mcp_to_server(struct mcp *mcp)
{
	return mcp->to_server;
}

size_t mcp_client_backlog(const struct mcp *mcp)
{
	return evbuffer_get_length(mcp->to_client) + evbuffer_get_length(mcp->held);
}

uint64_t mcp_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

int mcp_pass(struct evbuffer *to, const struct message *message)
{
	if (evbuffer_add_buffer(to, message->bytes) ||
	    (message->newline && evbuffer_add(to, "\n", 1)))
		return -ENOMEM;
	return 0;
}

struct evbuffer *mcp_answers(struct mcp *mcp)
{
	if (mcp->server.mode == LINE_STREAMS) {
		if (!mcp->held_since_ns)
			mcp->held_since_ns = mcp_now_ns();
		return mcp->held;
	}
	if (mcp->client_in_line) /* the server ended without a newline */
		evbuffer_add(mcp->to_client, "\n", 1);
	mcp->client_in_line = false;
	return mcp->to_client;
}

int mcp_flush_held(struct mcp *mcp)
{
	mcp->held_since_ns = 0;
	return evbuffer_add_buffer(mcp->to_client, mcp->held) ? -ENOMEM : 0;
}

void mcp_note(struct mcp *mcp, const char *format, ...)
{
	char text[512], more[64] = "";
	uint64_t unsaid;
	va_list args;

	if (!warn_allowed(&mcp->warnings, &unsaid))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text) - sizeof(more), format, args);
	va_end(args);
	if (unsaid)
		snprintf(more, sizeof(more), " (and %" PRIu64 " more not told)", unsaid);
	size_t len = strlen(text);

	snprintf(text + len, sizeof(text) - len, "%s", more);
	warn_say("%s", text);
	mcp->ops->note(mcp->session, "protocol", text);
}
