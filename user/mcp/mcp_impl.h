/* SPDX-License-Identifier: Apache-2.0 */
/* mcp_impl.h - inside the conversation. Used by mcp*.c only. */
#ifndef EC_MCP_IMPL_H
#define EC_MCP_IMPL_H

#include "user/approval/approvals.h"
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

/* Bytes of calls that wait, for others to end, for somebody's approval or for guards. */
#define MCP_QUEUE_MAX (16u << 20)
/* Subscriptions to changes of the list of tools; the oldest is forgotten. */
#define MCP_SUBSCRIPTIONS_MAX 16u

/* A call that was not declared yet. */
struct mcp_waiting {
	struct message_id id;
	struct evbuffer *bytes;
	bool newline;
	bool alone;
	struct session_settled settled;
	uint64_t ticket; /* lower came earlier, to whichever peer */
};
struct mcp_queue {
	size_t len, bytes;
	struct mcp_waiting at[ID_TABLE_MAX];
};

/* Calls that somebody has to approve, or that guards look at, in the order in which they came. */
struct mcp_asked {
	struct message_id id;
	struct evbuffer *bytes; /* as the client wrote it */
	bool newline;
	uint64_t approval; /* 0 = it is settled */
	bool allowed;
	struct session_settled settled;	      /* once it is allowed to go on */
	char reason[SESSION_REASON_MAX + 64]; /* the rule's; then also who refused it */
};
struct mcp_asks {
	size_t len, bytes;
	struct mcp_asked *at[APPROVALS_MAX];
};

/* Who is to be told that another policy offers other tools. */
struct mcp_changes {
	bool is_asked;		  /* initialize has been, and was not answered yet */
	struct message_id asked;  /* by this request */
	bool is_announced;	  /* the server declared tools.listChanged */
	size_t subscriptions_len; /* 2026-07-28: by subscription only */
	struct message_id subscriptions[MCP_SUBSCRIPTIONS_MAX];
};

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
	struct mcp_queue queue;
	struct mcp_asks asks;
	bool answers_one; /* only this request is answered here */
	bool answered;	  /* it was */
	struct message_id request;
	struct mcp *next, *prev; /* a ring of all that share one server */
	void (*wake)(void *ctx); /* mcp_tick has something to do; NULL: nobody asked */
	void *wake_ctx;
	struct mcp_changes changes;
	struct warn_limit warnings;
};

/* A whole message and the newline it had, on its way. */
struct message {
	struct json_scan *scan;
	struct evbuffer *bytes; /* moved from when it is passed on */
	bool newline;
	bool is_garbage; /* not JSON */
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

/* mcp_request.c: tools/call. Forwards it, lets it wait, or answers it. */
int mcp_request_call(struct mcp *mcp, const struct message *message);
/* The same of one that has waited for others, or for somebody's approval. */
int mcp_request_waited(struct mcp *mcp, const struct message *message,
		       struct session_settled settled);
int mcp_request_settled(struct mcp *mcp, const struct message *message,
			struct session_settled settled);

/* mcp_queue.c: calls that wait for others to end */
bool mcp_queue_must_wait(const struct mcp *mcp, bool alone);
/* Takes the message; -E2BIG: there is no room for it. */
int mcp_queue_add(struct mcp *mcp, const struct message_id *id, const struct message *message,
		  bool alone, struct session_settled settled);
bool mcp_queue_has(const struct mcp *mcp, const struct message_id *id);
/* False: it does not wait. */
bool mcp_queue_remove(struct mcp *mcp, const struct message_id *id);
/* Sends what may be sent now. */
int mcp_queue_run(struct mcp *mcp);
int mcp_queue_abandon(struct mcp *mcp, const char *text);
void mcp_queue_done(struct mcp *mcp);

/* mcp_peers.c: conversations that share one server, and so the calls beside
 * which one may be open */
void mcp_peers_init(struct mcp *mcp);
void mcp_peers_leave(struct mcp *mcp);
bool mcp_peers_open(const struct mcp *mcp);  /* any call */
bool mcp_peers_alone(const struct mcp *mcp); /* one that is open alone */
bool mcp_peers_wait(const struct mcp *mcp);  /* any call, for others to end */
uint64_t mcp_peers_ticket(const struct mcp *mcp);
bool mcp_peers_is_first(const struct mcp *mcp); /* of those that wait */
/* A call has ended, or waits no longer: the others have a look. */
void mcp_peers_wake(const struct mcp *mcp);

/* mcp_ask.c: calls that wait for somebody's approval, or for guards */
/* Takes the message; -E2BIG: there is no room for it. */
int mcp_ask_add(struct mcp *mcp, const struct message_id *id, const struct message *message,
		const char *tool, const struct session_call *declared);
bool mcp_ask_has(const struct mcp *mcp, const struct message_id *id);
/* False: it does not wait. */
bool mcp_ask_remove(struct mcp *mcp, const struct message_id *id);
/* Refuses what has waited too long, sends or answers what is settled. */
int mcp_ask_run(struct mcp *mcp, uint64_t now_ns, uint64_t *ret_next_ns);
int mcp_ask_abandon(struct mcp *mcp, const char *text);
void mcp_ask_done(struct mcp *mcp);

/* mcp_calls.c: ends of calls */
int mcp_calls_end(struct mcp *mcp, struct id_entry *entry, const char *outcome);
int mcp_calls_abandon(struct mcp *mcp, const char *how);

/* mcp_output.c: what the server says, on its way to the client */
int mcp_output_answer(struct mcp *mcp, const struct message *message, struct id_entry *call);
int mcp_output_pass(struct mcp *mcp, const struct message *message);
/* A line of which the rest need not be read may stream; else why not. */
const char *mcp_output_must_read(struct mcp *mcp, const struct json_scan *scan);
/* The end of a line that was dropped for that reason. */
int mcp_output_withhold(struct mcp *mcp, struct json_scan *scan, const char *why);
/* The reader of what the server says; NULL: nobody reads it. */
const struct pii *mcp_output_reader(const struct mcp *mcp);

/* mcp_result.c: the rules of what a call answers */
bool mcp_result_is_judged(const struct mcp *mcp);
/* Before anything is done to it. -EACCES: it is withheld, and why. */
#define MCP_WHY_MAX 256u
int mcp_result_judge(struct mcp *mcp, const struct message *message, const struct id_entry *call,
		     char why[MCP_WHY_MAX]);

/* mcp_list.c: the answer to a tools/list */
int mcp_list_pass(struct mcp *mcp, const struct message *message, const char *id);

/* mcp_only.c: conversations about one request */
/* An answer that was not asked for here: it is dropped, and told. */
bool mcp_only_is_stray(struct mcp *mcp, const struct json_scan *scan);
/* A line may not stream, for it cannot be told yet. NULL: it may. */
const char *mcp_only_must_read(const struct mcp *mcp, const struct json_scan *scan);

/* mcp_changes.c: sees what says who wants to hear of changes */
void mcp_changes_from_client(struct mcp *mcp, const struct json_scan *scan);
void mcp_changes_from_server(struct mcp *mcp, const struct message *message);

#endif
