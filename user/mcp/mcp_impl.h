/* SPDX-License-Identifier: Apache-2.0 */
/* mcp_impl.h - inside the conversation. Used by mcp*.c only. */
#ifndef EC_MCP_IMPL_H
#define EC_MCP_IMPL_H

#include "id_table.h"
#include "line.h"
#include "mcp.h"
#include "warn.h"

/* A longer line streams, unless the gateway has to read all of it; a fuzzer
 * may set both limits low. */
#ifndef MCP_BUFFER_MAX
#define MCP_BUFFER_MAX (8u << 20)
/* Requests that have to be read whole: the input limit of a tool call. */
#define MCP_REQUEST_MAX (10u << 20)
#endif
/* A DOM of more values than this is not built (some 25 MB). */
#define MCP_VALUES_MAX 262144u
/* An answer of our own waits this long behind a line that does not end, if that
 * is no JSON, and if it may still become a message. */
#define MCP_CUT_GARBAGE_NS 2000000000ull
#define MCP_CUT_MESSAGE_NS 60000000000ull

struct mcp {
	const struct gateway_ops *ops;
	struct session *session;
	size_t pending_max;
	struct line client, server;
	struct evbuffer *to_client, *to_server;
	struct evbuffer *held;	/* our answers, while a server's line streams */
	uint64_t held_since_ns; /* when the first of them came, 0 = none */
	bool client_in_line;	/* the client has part of a line */
	struct id_table calls;	/* open */
	struct id_table lists;	/* tools/list requests, to be filtered */
	struct id_table late;	/* answered by us: the server's answer is dropped */
	struct warn_limit warnings;
};

/* A whole message and the newline it had, on its way. */
struct message {
	const struct json_scan *scan;
	struct evbuffer *bytes; /* moved from when it is passed on */
	bool newline;
};

int mcp_pass(struct evbuffer *to, const struct message *message);
/* Where an answer of ours goes: never into the middle of a line. */
struct evbuffer *mcp_answers(struct mcp *mcp);
int mcp_flush_held(struct mcp *mcp);
/* To standard error and to the trail (kind "protocol"), both within limits. */
void mcp_note(struct mcp *mcp, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* mcp_client.c, mcp_server.c */
extern const struct line_ops mcp_client_ops, mcp_server_ops;
int mcp_client_refuse(struct mcp *mcp, const struct json_scan *scan, int code, const char *why);

/* mcp_request.c: tools/call. Forwards it or answers it. */
int mcp_request_call(struct mcp *mcp, const struct message *message);

/* mcp_calls.c: ends of calls */
int mcp_calls_end(struct mcp *mcp, struct id_entry *entry, const char *outcome);
int mcp_calls_abandon(struct mcp *mcp, const char *how);

/* mcp_list.c: the answer to a tools/list */
int mcp_list_pass(struct mcp *mcp, const struct message *message, const char *id);

#endif
