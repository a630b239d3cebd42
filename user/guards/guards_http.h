/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guards_http.h - one POST to one guard, and its answer. Over http, or over https by
 * OpenSSL. Nothing is tried again, no redirect followed, no proxy used.
 */
#ifndef EC_GUARDS_HTTP_H
#define EC_GUARDS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct evdns_base;
struct guards_http;
struct guards_tls;

/* What all requests share. */
struct guards_net {
	struct event_base *base;
	struct evdns_base *dns; /* NULL until a name is to be looked up */
	struct guards_tls *tls;
};

/* Nothing of it is kept. */
struct guards_peer {
	const char *host, *target;
	const char *key_file, *ca_file; /* NULL: none */
	uint16_t port;
	bool https, is_v6, is_name;
};

/* Called once, from the loop. bytes NULL: there is no answer, why says why. */
typedef void guards_http_done(void *ctx, const char *bytes, size_t len, const char *why);

/* NULL: *ret_why. The caller limits the time it takes. */
struct guards_http *guards_http_new(struct guards_net *net, const struct guards_peer *peer,
				    const char *body, guards_http_done *done, void *ctx,
				    const char **ret_why);
/* Also from within done. NULL is fine. */
void guards_http_free(struct guards_http *http);

#endif
