/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp.h - the conversation: takes what the client and the server wrote, holds
 * calls open between request and answer, and leaves in two buffers what each
 * side is to read. Knows neither descriptors nor time; relay.h has those.
 */
#ifndef EC_MCP_H
#define EC_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ops.h"

struct evbuffer;
struct mcp;

int mcp_new(const struct gateway_ops *ops, struct session *session, size_t pending_max,
	    struct mcp **ret_mcp);
void mcp_free(struct mcp *mcp); /* NULL is fine; open calls are the session's to end */
/* Both speak with one server: a call that is open alone is so in both. */
void mcp_share(struct mcp *mcp, struct mcp *with);

/* Each takes all of in. An error means that the gateway cannot go on. */
int mcp_from_client(struct mcp *mcp, struct evbuffer *in);
int mcp_from_server(struct mcp *mcp, struct evbuffer *in);
/* What the server has begun to say will have no end: it is dropped, as far as
 * the client does not have it already. */
int mcp_server_broke(struct mcp *mcp);
/* There will be no more from that side. */
int mcp_client_ended(struct mcp *mcp);
/* wake is called, from within anything, when mcp_tick has something to do before
 * the time that it told. */
void mcp_on_wake(struct mcp *mcp, void (*wake)(void *ctx), void *ctx);
/* The client reads here one answer, to this request (NULL: none), and whatever
 * is no answer: any other is dropped, since nobody asked for it here. */
struct message_id;
void mcp_answer_only(struct mcp *mcp, const struct message_id *request);
bool mcp_is_answered(const struct mcp *mcp); /* that request, by the server */
/* The client is told here of other lists of tools, as if the server had said so. */
void mcp_tell_changes(struct mcp *mcp);
/* Calls that have no answer yet, open or waiting. */
size_t mcp_pending(const struct mcp *mcp);
/* Calls wait for others to end or for somebody's approval, and are still to be sent. */
bool mcp_is_waiting(const struct mcp *mcp);
/* Another policy is in force: clients that want to hear of it are told that the
 * list of tools has changed. */
int mcp_policy_replaced(struct mcp *mcp);
/* how: "exited with status 1". Calls still open are ended and answered;
 * *ret_open tells how many there were. */
int mcp_server_ended(struct mcp *mcp, const char *how, size_t *ret_open);

uint64_t mcp_now_ns(void); /* CLOCK_BOOTTIME */
/* Does what is due at now_ns; *ret_next_ns: when to be called
 * again, 0 = no need. */
int mcp_tick(struct mcp *mcp, uint64_t now_ns, uint64_t *ret_next_ns);

struct evbuffer *mcp_to_client(struct mcp *mcp);
struct evbuffer *mcp_to_server(struct mcp *mcp);
size_t mcp_client_backlog(const struct mcp *mcp); /* all that the client has still to read */

#endif
