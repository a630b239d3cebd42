// SPDX-License-Identifier: Apache-2.0
#include "headers.h"

#include <arpa/inet.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/util.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const of_connection[] = {
	"Connection", "Keep-Alive",	   "Proxy-Connection", "TE", "Trailer",
	"Upgrade",    "Transfer-Encoding", "Content-Length",   NULL
};
/* Last-Event-ID: what a stream would repeat is known to no conversation. Origin
 * was judged here, and names another port than the server's. */
static const char *const of_request[] = {
	"Host", "Expect", "Accept-Encoding", "Last-Event-ID", "Origin", "Proxy-Authorization", NULL
};

static bool is_in(const char *const *list, const char *key)
{
	for (; *list; list++)
		if (!evutil_ascii_strcasecmp(*list, key))
			return true;
	return false;
}

static bool names(const char *connection, const char *key)
{
	size_t len = strlen(key);

	while (*connection) {
		connection += strspn(connection, " \t,");
		if (!evutil_ascii_strncasecmp(connection, key, len) &&
		    strchr(" \t,", connection[len]))
			return true;
		connection += strcspn(connection, ",");
	}
	return false;
}

/* Fields that Connection names are about the connection too. */
static bool is_named(const struct evkeyvalq *headers, const char *key)
{
	const struct evkeyval *header;

	for (header = headers->tqh_first; header; header = header->next.tqe_next)
		if (!evutil_ascii_strcasecmp(header->key, "Connection") &&
		    names(header->value, key))
			return true;
	return false;
}

static int copy(struct evkeyvalq *from, struct evkeyvalq *to, const char *const *but)
{
	struct evkeyval *header;

	for (header = from->tqh_first; header; header = header->next.tqe_next) {
		if (is_in(of_connection, header->key) || (but && is_in(but, header->key)) ||
		    is_named(from, header->key))
			continue;
		if (evhttp_add_header(to, header->key, header->value))
			return -EINVAL;
	}
	return 0;
}

int headers_copy_request(struct evkeyvalq *from, struct evkeyvalq *to)
{
	return copy(from, to, of_request);
}

int headers_copy_response(struct evkeyvalq *from, struct evkeyvalq *to)
{
	return copy(from, to, NULL);
}

bool headers_is_type(struct evkeyvalq *headers, const char *type)
{
	const char *value = evhttp_find_header(headers, "Content-Type");
	size_t len = strlen(type);

	return value && !evutil_ascii_strncasecmp(value, type, len) &&
	       strchr(" \t;", value[len]) != NULL;
}

bool headers_is_plain(struct evkeyvalq *headers)
{
	const char *encoding = evhttp_find_header(headers, "Content-Encoding");

	return !encoding || !evutil_ascii_strcasecmp(encoding, "identity");
}

static bool is_loopback_name(const char *host)
{
	struct in_addr v4;

	if (!evutil_ascii_strcasecmp(host, "localhost") || !strcmp(host, "[::1]") ||
	    !strcmp(host, "::1"))
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool is_origin_of(const char *origin, const char *host, bool is_loopback)
{
	struct evhttp_uri *uri = evhttp_uri_parse(origin);
	const char *name = uri ? evhttp_uri_get_host(uri) : NULL;
	bool is = name && *name &&
		  (is_loopback ? is_loopback_name(name) : !evutil_ascii_strcasecmp(name, host));

	if (uri)
		evhttp_uri_free(uri);
	return is;
}

const char *headers_refuse(struct evhttp_request *request, bool is_loopback)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	const char *origin = evhttp_find_header(headers, "Origin");
	const char *host = evhttp_request_get_host(request);

	if (!host || (is_loopback && !is_loopback_name(host)))
		return "the Host header names another host than this one";
	if (origin && !is_origin_of(origin, host, is_loopback))
		return "the Origin header names another host than this one";
	return NULL;
}
