// SPDX-License-Identifier: Apache-2.0
/* connection.c - one peer: lines in, answers out, within the limits. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server_impl.h"

void connection_close(struct connection *peer)
{
	asked_drop(peer);
	if (peer->io)
		bufferevent_free(peer->io);
	memset(peer, 0, sizeof(*peer));
}

/* At once, as far as the socket takes it: a turn of the loop costs more. */
static int send_bytes(struct connection *peer, const char *bytes, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(peer->io);
	ssize_t sent = 0;

	if (!evbuffer_get_length(out))
		sent = send(bufferevent_getfd(peer->io), bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == len)
		return 0;
	if (!peer->unread_ns)
		peer->unread_ns = control_now();
	return evbuffer_add(out, bytes + sent, len - (size_t)sent);
}

static void send_answer(struct connection *peer, struct cJSON *answer)
{
	char *text = answer ? cJSON_PrintUnformatted(answer) : NULL;
	size_t len = text ? strlen(text) : 0;

	if (text)
		text[len++] = '\n'; /* where its NUL was */
	/* no memory: the peer sees the connection end, which is no permission */
	if (!text || send_bytes(peer, text, len) < 0)
		peer->ends = true;
	cJSON_free(text);
	cJSON_Delete(answer);
}

static void answer_line(struct connection *peer, const char *line, size_t len)
{
	bool ends = false;

	struct cJSON *answer = request_answer(peer, line, len, &ends);

	if (!peer->asked.approval)
		send_answer(peer, answer);
	peer->ends |= ends;
}

static void too_long(struct connection *peer)
{
	cJSON *answer = cJSON_CreateObject();

	if (answer)
		request_refuse(answer, "limit",
			       "a line has at most %u bytes, and all that are being sent %u",
			       CONTROL_LINE_MAX, CONTROL_BUFFERS_MAX);
	send_answer(peer, answer);
	peer->ends = true;
}

static void close_if_done(struct connection *peer)
{
	if (!peer->ends)
		return;
	bufferevent_disable(peer->io, EV_READ);
	if (!evbuffer_get_length(bufferevent_get_output(peer->io)))
		connection_close(peer);
}

/* What all have sent and nobody has read yet. */
static size_t waiting(const struct control *control)
{
	size_t len = 0;

	for (size_t i = 0; i < CONTROL_PEERS_MAX; i++)
		if (control->peers[i].io)
			len += evbuffer_get_length(bufferevent_get_input(control->peers[i].io));
	return len;
}

/* The next whole line, NULL: it has not come yet. What was looked through once is
 * not looked through again: a long line comes in many parts. */
static char *take_line(struct connection *peer, struct evbuffer *in, size_t *ret_len)
{
	struct evbuffer_ptr from, end;
	size_t len = evbuffer_get_length(in);

	if (peer->searched < len &&
	    !evbuffer_ptr_set(in, &from, peer->searched, EVBUFFER_PTR_SET)) {
		end = evbuffer_search_eol(in, &from, NULL, EVBUFFER_EOL_LF);
		peer->searched = end.pos < 0 ? len : 0;
		if (end.pos >= 0)
			return evbuffer_readln(in, ret_len, EVBUFFER_EOL_LF);
	}
	return NULL;
}

/* One line at a time: the next is read when the answer has been taken, so that
 * nobody makes us keep answers. */
static void on_read(struct bufferevent *io, void *ctx)
{
	struct connection *peer = ctx;
	struct evbuffer *in = bufferevent_get_input(io);
	char *line;
	size_t len;

	peer->active_ns = control_now();
	while (!peer->ends && !peer->unread_ns && !peer->asked.approval &&
	       (line = take_line(peer, in, &len))) {
		peer->line_ns = 0;
		if (len > CONTROL_LINE_MAX)
			too_long(peer);
		else
			answer_line(peer, line, len);
		free(line);
	}
	len = evbuffer_get_length(in);
	if (!peer->ends && !peer->unread_ns && !peer->asked.approval &&
	    (len > CONTROL_LINE_MAX ||
	     (len > CONTROL_FREE_MAX && waiting(peer->control) > CONTROL_BUFFERS_MAX)))
		too_long(peer);
	if (len && !peer->line_ns)
		peer->line_ns = peer->active_ns;
	close_if_done(peer);
}

/* The answer is out. */
static void on_written(struct bufferevent *io, void *ctx)
{
	struct connection *peer = ctx;

	peer->unread_ns = 0;
	if (peer->ends)
		connection_close(peer);
	else
		on_read(io, peer);
}

static void on_event(struct bufferevent *io, short what, void *ctx)
{
	(void)io;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		connection_close(ctx);
}

void connection_answer(struct connection *peer, struct cJSON *answer)
{
	peer->active_ns = control_now();
	peer->line_ns = 0;
	send_answer(peer, answer);
	on_read(peer->io, peer);
}

void connection_tick(struct connection *peer, uint64_t now_ns)
{
	if ((peer->line_ns && !peer->unread_ns && !peer->asked.approval &&
	     now_ns - peer->line_ns > CONTROL_WAIT_NS) ||
	    (peer->unread_ns && now_ns - peer->unread_ns > CONTROL_WAIT_NS))
		connection_close(peer);
}

/* Who it is; false: nobody that may speak here. */
static bool identify(struct connection *peer, int fd)
{
	const struct control_options *options = &peer->control->options;
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (options->ops->peer(options->session, fd, &peer->peer) < 0)
		return false;
	if (peer->peer.uid) {
		peer->role = peer->peer.call ? CONTROL_TOOL : CONTROL_AGENT;
		return peer->peer.uid == options->ops->agent(options->session);
	}
	peer->role = CONTROL_OUTSIDER;
	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) && cred.uid == 0;
}

static struct connection *free_peer(struct control *control)
{
	struct connection *quietest = NULL;
	uint64_t now = control_now();

	for (size_t i = 0; i < CONTROL_PEERS_MAX; i++) {
		struct connection *peer = &control->peers[i];

		if (!peer->control)
			return peer;
		if (!peer->asked.approval && now - peer->active_ns > CONTROL_WAIT_NS &&
		    (!quietest || peer->active_ns < quietest->active_ns))
			quietest = peer;
	}
	if (quietest)
		connection_close(quietest);
	return quietest;
}

int connection_open(struct control *control, int fd)
{
	struct connection *peer = free_peer(control);

	if (!peer)
		return -EMFILE;
	peer->control = control;
	peer->active_ns = control_now();
	if (!identify(peer, fd)) {
		peer->control = NULL;
		return -EACCES;
	}
	peer->io = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!peer->io) {
		peer->control = NULL;
		return -ENOMEM;
	}
	bufferevent_setcb(peer->io, on_read, on_written, on_event, peer);
	bufferevent_set_max_single_read(peer->io, CONTROL_FREE_MAX);
	bufferevent_setwatermark(peer->io, EV_READ, 0, CONTROL_LINE_MAX + 2);
	return bufferevent_enable(peer->io, EV_READ | EV_WRITE) ? -ENOMEM : 0;
}
