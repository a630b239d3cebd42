/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy.h - a reverse proxy before an MCP server that speaks streamable HTTP
 * and that it starts: each tools/call is declared to the session before the
 * server sees it, and ended before the client sees its answer. README.md says
 * what passes.
 */
#ifndef EC_HTTP_PROXY_H
#define EC_HTTP_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "user/mcp/ops.h"

struct event_base;

struct proxy_options {
	const struct gateway_ops *ops;
	struct session *session;
	const struct http_listener *listener; /* the caller's */
	const struct http_upstream *upstream;
	size_t pending_max;
	/* Joins the loop before the server is started; NULL: nobody does. */
	int (*attach)(void *ctx, struct event_base *base);
	void (*detach)(void *ctx);
	void *ctx;
	unsigned int grace_ms; /* between SIGTERM and SIGKILL; 0 = 3 s */
};

/* Returns when the server is gone and the clients have their answers.
 * 0: *ret_wait_status is the server's, as waitpid gives it. A negative errno
 * with *ret_spawn_failed: the session's spawn failed, there was no server. */
int proxy_run(const struct proxy_options *options, char *const argv[], int *ret_wait_status,
	      bool *ret_spawn_failed);

#endif
