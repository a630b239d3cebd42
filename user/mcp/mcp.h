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

/* Each takes all of in. An error means that the gateway cannot go on. */
int mcp_from_client(struct mcp *mcp, struct evbuffer *in);
int mcp_from_server(struct mcp *mcp, struct evbuffer *in);
/* There will be no more from that side. */
int mcp_client_ended(struct mcp *mcp);
/* wake is called, from within anything, when mcp_tick has something to do before
 * the time that it told. */
void mcp_on_wake(struct mcp *mcp, void (*wake)(void *ctx), void *ctx);
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
