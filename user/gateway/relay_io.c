// SPDX-License-Identifier: Apache-2.0
/* relay_io.c - four descriptors, none of which may block us or be waited for
 * in vain. */
#include <errno.h>
#include <event2/buffer.h>
#include <unistd.h>

#include "user/mcp/mcp.h"
#include "relay_impl.h"

#define READ_SIZE (64 * 1024)

/* Returns 1 when something was read, 0 at the end, -EAGAIN or another error of
 * read(2). A failure of our own is told to relay_fail. */
static int read_some(struct relay *relay, enum relay_side side, size_t max)
{
	struct evbuffer_iovec room;
	ssize_t n;

	if (evbuffer_reserve_space(relay->in, READ_SIZE, &room, 1) != 1) {
		relay_fail(relay, -ENOMEM);
		return 1;
	}
	n = read(relay->ends[side].fd, room.iov_base, max < READ_SIZE ? max : READ_SIZE);
	if (n <= 0)
		return n ? -errno : 0;
	room.iov_len = (size_t)n;
	evbuffer_commit_space(relay->in, &room, 1);
	if (side == SERVER_OUT)
		relay->left_in_pipe -= relay->left_in_pipe < (size_t)n ? relay->left_in_pipe :
									 (size_t)n;
	relay_fail(relay, side == CLIENT_IN ? mcp_from_client(relay->mcp, relay->in) :
					      mcp_from_server(relay->mcp, relay->in));
	return 1;
}

static void client_ended(struct relay *relay)
{
	relay_end_close(relay, CLIENT_IN);
	relay_fail(relay, mcp_client_ended(relay->mcp));
}

/* The server may go on, but nobody can hear it any more. */
static void server_went_silent(struct relay *relay)
{
	relay_end_close(relay, SERVER_OUT);
	relay_end_close(relay, CLIENT_IN);
}

static void on_readable(struct relay *relay, enum relay_side side)
{
	int r = read_some(relay, side, READ_SIZE);

	if (r == 0 || (r < 0 && r != -EAGAIN && r != -EINTR)) {
		if (side == CLIENT_IN)
			client_ended(relay);
		else
			server_went_silent(relay);
		relay_stop_begin(relay);
	}
}

/* A reader that is gone takes what was meant for it along. */
static void reader_gone(struct relay *relay, enum relay_side side)
{
	struct evbuffer *out = side == CLIENT_OUT ? mcp_to_client(relay->mcp) :
						    mcp_to_server(relay->mcp);

	evbuffer_drain(out, evbuffer_get_length(out));
	relay_end_close(relay, side);
	relay_end_close(relay, CLIENT_IN);
	relay_stop_begin(relay);
}

static void on_writable(struct relay *relay, enum relay_side side)
{
	struct evbuffer *out = side == CLIENT_OUT ? mcp_to_client(relay->mcp) :
						    mcp_to_server(relay->mcp);
	int n = evbuffer_write(out, relay->ends[side].fd);

	if (n >= 0)
		relay->moved += (uint64_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		reader_gone(relay, side);
}

void relay_io_ready(struct relay *relay, enum relay_side side)
{
	if (side == CLIENT_IN || side == SERVER_OUT)
		on_readable(relay, side);
	else
		on_writable(relay, side);
}

void relay_io_read_left(struct relay *relay)
{
	while (!relay->err && relay->left_in_pipe &&
	       mcp_client_backlog(relay->mcp) < RELAY_BACKLOG_MAX) {
		int r = read_some(relay, SERVER_OUT, relay->left_in_pipe);

		if (r <= 0)
			relay->left_in_pipe = 0;
	}
}
