/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.h - the loop: moves bytes between the client, the conversation (mcp.h)
 * and the server, stops reading from whoever is ahead, and sees everything to
 * its end.
 */
#ifndef EC_GATEWAY_RELAY_H
#define EC_GATEWAY_RELAY_H

#include "gateway.h"
#include "user/mcp/ops.h"

struct event_base;

/* As gateway_run, for any session and any client. */
struct relay_options {
	const struct gateway_ops *ops;
	struct session *session;
	size_t pending_max;
	/* Joins the loop before the server is started; NULL: nobody does. */
	int (*attach)(void *ctx, struct event_base *base);
	void (*detach)(void *ctx);
	void *ctx;
	int client_in, client_out; /* not closed; may be regular files */
	unsigned int grace_ms;	   /* each step of the end takes this; 0 = 3 s */
};
int relay_run(const struct relay_options *options, char *const argv[], int *ret_wait_status,
	      bool *ret_spawn_failed);

#endif
