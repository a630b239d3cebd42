/* SPDX-License-Identifier: Apache-2.0 */
/* relay_impl.h - inside the loop. Used by relay*.c only. */
#ifndef EC_GATEWAY_RELAY_IMPL_H
#define EC_GATEWAY_RELAY_IMPL_H

#include <sys/types.h>

#include "relay.h"

struct event;
struct event_base;
struct evbuffer;
struct mcp;

enum relay_side {
	CLIENT_IN,
	CLIENT_OUT,
	SERVER_IN,
	SERVER_OUT,
	RELAY_SIDES
};

/* A descriptor and what we want from it. fd -1: it has ended. */
struct relay_end {
	struct relay *relay;
	enum relay_side side;
	int fd;
	int flags_before; /* to be restored; -1: the descriptor is ours to close */
	struct event *event;
	bool wanted;
};

/* How far the end has come. Each stage but the first and last lasts one grace
 * period, or until the server exits. */
enum relay_stage {
	STAGE_RUNS = 1,
	STAGE_LEAVES,	  /* the server has been told by EOF */
	STAGE_TERMINATED, /* by SIGTERM */
	STAGE_KILLED,	  /* by SIGKILL */
	STAGE_FLUSHES,	  /* the server is gone, the client has still to read */
	STAGE_OVER,
};

#define RELAY_SIGNALS 4

struct relay {
	const struct gateway_ops *ops;
	struct session *session;
	struct mcp *mcp;
	struct event_base *base;
	struct relay_end ends[RELAY_SIDES];
	struct evbuffer *in; /* what was just read; empty between events */
	struct event *signals[RELAY_SIGNALS];
	struct event *ring;  /* the session has records */
	struct event *due;   /* mcp_tick */
	struct event *grace; /* the stage has lasted long enough */
	struct event *pulse; /* looks for a client that left while we do not read it */
	unsigned int grace_ms;
	enum relay_stage stage;
	pid_t pid;
	int wait_status;
	bool told;		      /* the conversation knows that the server is gone */
	size_t left_in_pipe;	      /* of what the server wrote, when it exited */
	uint64_t moved, moved_before; /* bytes written, for the grace period */
	bool waited;		      /* calls still waited when the grace period began */
	unsigned int idle;	      /* grace periods in which nothing moved */
	int err;
};

/* relay_end.c: makes the descriptor non-blocking; ours: it is closed at the end */
int relay_end_open(struct relay *relay, enum relay_side side, int fd, bool ours);
void relay_end_close(struct relay *relay, enum relay_side side);
bool relay_end_is_open(const struct relay *relay, enum relay_side side);
void relay_end_want(struct relay *relay, enum relay_side side, bool wanted);
/* The other process is gone, as far as can be told without reading. */
bool relay_end_hung_up(const struct relay *relay, enum relay_side side);

/* relay_io.c */
void relay_io_ready(struct relay *relay, enum relay_side side);
/* Reads what the server left, as far as the client keeps up. */
void relay_io_read_left(struct relay *relay);

/* relay_stop.c */
void relay_stop_begin(struct relay *relay);  /* the polite end */
void relay_stop_now(struct relay *relay);    /* we were told to end */
void relay_stop_grace(struct relay *relay);  /* the stage has lasted long enough */
void relay_stop_exited(struct relay *relay); /* the server has exited */
void relay_stop_flush(struct relay *relay);  /* the server has exited: what is left to do */
void relay_stop_pulse(struct relay *relay);  /* has the client left while we wait? */

/* More than this is not kept for a side that does not read: its writer waits. */
#define RELAY_BACKLOG_MAX (1u << 20)
/* Our own answers to the client come on top of the server's output. */
#define RELAY_ANSWERS_MAX (16u << 20)

/* relay.c: to be called when anything has changed */
void relay_update(struct relay *relay);
void relay_fail(struct relay *relay, int err);

#endif
