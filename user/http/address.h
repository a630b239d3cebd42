/* SPDX-License-Identifier: Apache-2.0 */
/* address.h - where the proxy listens, and where its server does. */
#ifndef EC_HTTP_ADDRESS_H
#define EC_HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HOST_MAX 64u
#define HTTP_PATH_MAX 512u
#define HTTP_CLOSED_MAX 4u

/* "http://127.0.0.1:3000/mcp" */
struct http_upstream {
	char host[HTTP_HOST_MAX]; /* an address, no name */
	uint16_t port;
	char path[HTTP_PATH_MAX];	   /* of the endpoint, "/" where none was written */
	char authority[HTTP_HOST_MAX + 8]; /* as the Host header has it */
};
/* NULL, or why it is none. localhost is 127.0.0.1: the server is on this host. */
const char *http_upstream_parse(const char *url, struct http_upstream *ret_upstream);

/* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one. */
struct http_listener {
	int fd; /* the caller's to close */
	bool is_loopback;
	char url[HTTP_HOST_MAX + 16]; /* "http://127.0.0.1:8080" */
	/* patterns of every endpoint that leads here, for policy_load_options.closed */
	char closed[HTTP_CLOSED_MAX][HTTP_HOST_MAX];
	const char *closed_list[HTTP_CLOSED_MAX + 1];
};
/* 0 or a negative errno, then *ret_problem says what failed. */
int http_listener_open(const char *address, struct http_listener *ret_listener,
		       const char **ret_problem);

#endif
