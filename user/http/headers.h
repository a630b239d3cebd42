/* SPDX-License-Identifier: Apache-2.0 */
/* headers.h - which header fields pass, and from whom a request may come. */
#ifndef EC_HTTP_HEADERS_H
#define EC_HTTP_HEADERS_H

#include <stdbool.h>

struct evhttp_request;
struct evkeyvalq;

/* All that are not about one connection (RFC 9110, 7.6.1), about the form of the
 * body, which is ours, or about resuming a stream, which the proxy does. */
int headers_copy_request(struct evkeyvalq *from, struct evkeyvalq *to);
int headers_copy_response(struct evkeyvalq *from, struct evkeyvalq *to);

/* "application/json; charset=utf-8" is application/json. */
bool headers_is_type(struct evkeyvalq *headers, const char *type);
/* The body is as it is written: no gzip. */
bool headers_is_plain(struct evkeyvalq *headers);

/* NULL, or why a request must not come in: a page in a browser may have sent
 * it (DNS rebinding; MCP, Transports, "Security Warning"). */
const char *headers_refuse(struct evhttp_request *request, bool is_loopback);

#endif
