/* SPDX-License-Identifier: Apache-2.0 */
/* server_impl.h - inside the control socket. Used by server, connection,
 * request*.c only. */
#ifndef EC_CONTROL_SERVER_IMPL_H
#define EC_CONTROL_SERVER_IMPL_H

#include "asked.h"
#include "calls.h"
#include "server.h"
#include "user/approval/approvals.h"

struct bufferevent;
struct cJSON;
struct event;
struct evconnlistener;

/* Limits of user/PROTOCOL.md. */
#define CONTROL_PEERS_MAX 64u
#define CONTROL_LINE_MAX (10u << 20)
/* All lines that are being sent, together; a peer whose line is small is not
 * the one who loses when it is too much. */
#define CONTROL_BUFFERS_MAX (32u << 20)
#define CONTROL_FREE_MAX (256u << 10)
#define CONTROL_DEPTH_MAX 64
#define CONTROL_VALUES_MAX 262144u /* of one line: some 25 MB parsed */
#define CONTROL_WAIT_NS 10000000000ull

enum control_role {
	CONTROL_AGENT = 1,    /* a task of the agent that is part of no call */
	CONTROL_TOOL = 2,     /* one that is */
	CONTROL_OUTSIDER = 3, /* root, of no agent */
};

struct connection {
	struct control *control; /* NULL = free */
	struct bufferevent *io;
	enum control_role role;
	struct agent_peer peer;
	uint64_t active_ns; /* when it last said something */
	uint64_t line_ns;   /* when the line that has begun did, 0 = none */
	size_t searched;    /* so much of what has come has no end of a line */
	uint64_t unread_ns; /* since when an answer waits to be taken, 0 = none does */
	struct asked asked; /* while it waits nothing is read */
	bool ends;	    /* once the answer is out */
};

struct control {
	struct control_options options;
	struct evconnlistener *listener;
	struct event_base *base;
	struct event *tick;
	struct connection peers[CONTROL_PEERS_MAX];
	struct control_calls calls;
};

uint64_t control_now(void); /* CLOCK_BOOTTIME, ns */

/* connection.c */
int connection_open(struct control *control, int fd);
void connection_close(struct connection *peer);
/* The answer that a peer was kept waiting for; NULL: it ends. */
void connection_answer(struct connection *peer, struct cJSON *answer);
/* Whoever breaks a limit of time is closed. */
void connection_tick(struct connection *peer, uint64_t now_ns);

/* request.c: the answer to one line, to be freed; NULL: no memory, or (when
 * peer waits for approval) not yet. The
 * connection is to be closed after it when *ret_ends. */
struct cJSON *request_answer(struct connection *peer, const char *line, size_t len, bool *ret_ends);
/* request_ops.c, request_watch.c: one function for each op; each fills the answer. */
typedef int request_op(struct connection *peer, const struct cJSON *request, struct cJSON *answer);
request_op request_begin, request_run, request_end, request_status, request_approve;
/* A begin of which something has been settled. */
int request_begin_settled(struct connection *peer, const struct cJSON *request,
			  const struct session_settled *settled, struct cJSON *answer);
/* A member that is a string; NULL: not there. -EINVAL: the answer says that it
 * is something else. */
int request_text(const struct cJSON *request, const char *name, struct cJSON *answer,
		 const char **ret_text);
/* An answer that is a refusal; returns 0 or -ENOMEM. */
int request_refuse(struct cJSON *answer, const char *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
