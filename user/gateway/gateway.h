/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h - the gateway between an MCP client (our standard input and
 * output) and a stdio MCP server that it starts: each tools/call is declared
 * to the session before the server sees it, and ended before the client sees
 * its answer. Everything else passes byte for byte, in order.
 */
#ifndef EC_GATEWAY_H
#define EC_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

struct session;

struct gateway_options {
	size_t pending_max; /* 0 = ID_TABLE_MAX, which is the most */
};

/* Returns when the server is gone and the client has what it wrote.
 * 0: *ret_wait_status is the server's, as waitpid gives it. A negative errno
 * with *ret_spawn_failed: session_spawn's, there was no server. */
int gateway_run(struct session *session, const struct gateway_options *options, char *const argv[],
		int *ret_wait_status, bool *ret_spawn_failed);

/* The same between MCP clients that speak streamable HTTP, and a server that
 * does (user/http/README.md). */
struct http_listener;
struct http_upstream;
int gateway_serve(struct session *session, const struct gateway_options *options,
		  const struct http_listener *listener, const struct http_upstream *upstream,
		  char *const argv[], int *ret_wait_status, bool *ret_spawn_failed);

#endif
