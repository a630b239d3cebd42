// SPDX-License-Identifier: Apache-2.0
/*
 * relay_stop.c - the end: first EOF, then SIGTERM, then SIGKILL, a grace period
 * apart; and when the server is gone, all it wrote still goes to the client.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "user/mcp/mcp.h"
#include "relay_impl.h"
#include "user/mcp/warn.h"
#include "user/process.h"

/* Grace periods that a client may take without reading anything. */
#define FLUSH_PATIENCE 10

static void enter(struct relay *relay, enum relay_stage stage)
{
	const struct timeval grace = { .tv_sec = relay->grace_ms / 1000,
				       .tv_usec = relay->grace_ms % 1000 * 1000 };

	relay->stage = stage;
	relay->moved_before = relay->moved;
	relay->waited = mcp_is_waiting(relay->mcp);
	if (evtimer_add(relay->grace, &grace))
		relay_fail(relay, -ENOMEM);
}

void relay_stop_begin(struct relay *relay)
{
	if (relay->stage == STAGE_RUNS)
		enter(relay, STAGE_LEAVES);
}

void relay_stop_now(struct relay *relay)
{
	relay_end_close(relay, CLIENT_IN);
	if (relay->stage >= STAGE_FLUSHES) {
		relay->stage = STAGE_OVER;
		return;
	}
	/* told twice: somebody is impatient */
	bool again = relay->stage >= STAGE_TERMINATED;

	kill(relay->pid, again ? SIGKILL : SIGTERM);
	enter(relay, again ? STAGE_KILLED : STAGE_TERMINATED);
}

/* Somebody still reads, so there is something to wait for. */
static bool moves(const struct relay *relay)
{
	return relay->moved != relay->moved_before &&
	       (mcp_client_backlog(relay->mcp) || relay->waited ||
		evbuffer_get_length(mcp_to_server(relay->mcp)));
}

void relay_stop_grace(struct relay *relay)
{
	switch (relay->stage) {
	case STAGE_LEAVES:
		if (moves(relay)) {
			enter(relay, STAGE_LEAVES);
			break;
		}
		kill(relay->pid, SIGTERM);
		enter(relay, STAGE_TERMINATED);
		break;
	case STAGE_TERMINATED:
		kill(relay->pid, SIGKILL);
		enter(relay, STAGE_KILLED);
		break;
	case STAGE_FLUSHES:
		relay->idle = moves(relay) ? 0 : relay->idle + 1;
		if (relay->idle < FLUSH_PATIENCE)
			enter(relay, STAGE_FLUSHES);
		else
			relay->stage = STAGE_OVER;
		break;
	default: /* not even SIGKILL helped */
		relay_fail(relay, -ETIMEDOUT);
	}
}

/* Descendants of the server may hold its output open, and write to it, for
 * ever: what counts is what was in it when the server exited. */
void relay_stop_exited(struct relay *relay)
{
	int left = 0;

	if (relay_end_is_open(relay, SERVER_OUT) &&
	    !ioctl(relay->ends[SERVER_OUT].fd, FIONREAD, &left) && left > 0)
		relay->left_in_pipe = (size_t)left;
	relay_end_close(relay, SERVER_IN);
	enter(relay, STAGE_FLUSHES);
}

static void tell(struct relay *relay, bool expected)
{
	size_t open_calls;
	char how[96];

	relay->told = true;
	process_how_ended(relay->wait_status, how, sizeof(how));
	relay_fail(relay, mcp_server_ended(relay->mcp, how, &open_calls));
	if (open_calls)
		warn_say("the tool server %s with %zu call%s open", how, open_calls,
			 open_calls == 1 ? "" : "s");
	else if (!expected)
		warn_say("the tool server %s", how);
}

void relay_stop_flush(struct relay *relay)
{
	relay_io_read_left(relay);
	if (!relay->left_in_pipe && !relay->told)
		tell(relay, !relay_end_is_open(relay, CLIENT_IN));
	if (relay->told &&
	    (!mcp_client_backlog(relay->mcp) || !relay_end_is_open(relay, CLIENT_OUT)))
		relay->stage = STAGE_OVER;
}

void relay_stop_pulse(struct relay *relay)
{
	if (!relay->ends[CLIENT_OUT].wanted && relay_end_hung_up(relay, CLIENT_OUT)) {
		relay_end_close(relay, CLIENT_OUT);
		relay_end_close(relay, CLIENT_IN);
		relay_stop_begin(relay);
	}
	if (!relay->ends[CLIENT_IN].wanted && relay_end_hung_up(relay, CLIENT_IN))
		relay_stop_begin(relay);
}
