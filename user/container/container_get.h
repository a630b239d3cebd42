/* SPDX-License-Identifier: Apache-2.0 */
/* container_get.h - one HTTP GET of a JSON object, over a unix socket or TLS, by
 * OpenSSL's client (openssl/http.h). */
#ifndef EC_CONTAINER_GET_H
#define EC_CONTAINER_GET_H

#include <stddef.h>

struct container_get {
	const char *socket; /* a unix socket's path; NULL: TLS to host:port */
	const char *host, *port;
	const char *path;
	const char *ca_file; /* who may have signed the server's certificate */
	const char *token;   /* Authorization: Bearer; NULL: none */
	unsigned int wait_ms;
};

/* At most CONTAINER_JSON_MAX bytes; free() them. -ECONNREFUSED: nobody is there;
 * -EBADMSG: no good answer, or another than 200; -ETIMEDOUT. */
int container_get(const struct container_get *get, char **ret_text, size_t *ret_len);

#endif
