// SPDX-License-Identifier: Apache-2.0
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/http.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/util.h"

#define BACKLOG 128

union address {
	struct sockaddr_storage storage;
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool is_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

static bool is_any(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr);
}

/* Of this host only: a policy in this kernel is about no other one. */
static bool is_here(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static const char *take_upstream(const struct evhttp_uri *uri, struct http_upstream *upstream)
{
	const char *scheme = evhttp_uri_get_scheme(uri), *host = evhttp_uri_get_host(uri),
		   *path = evhttp_uri_get_path(uri);
	int port = evhttp_uri_get_port(uri);
	size_t len = host ? strlen(host) : 0;

	if (!scheme || evutil_ascii_strcasecmp(scheme, "http") != 0)
		return "it must begin with http://";
	if (evhttp_uri_get_userinfo(uri) || evhttp_uri_get_query(uri) ||
	    evhttp_uri_get_fragment(uri))
		return "it must be no more than a host, a port and a path";
	if (!len || len >= sizeof(upstream->host))
		return "it has no host";
	if (port == 0 || port > 65535)
		return "its port must be 1 to 65535";
	if (strlen(path) >= sizeof(upstream->path))
		return "its path is too long";
	if (!evutil_ascii_strcasecmp(host, "localhost"))
		host = "127.0.0.1";
	if (*host == '[') /* libevent keeps the brackets */
		snprintf(upstream->host, sizeof(upstream->host), "%.*s", (int)(len - 2), host + 1);
	else
		snprintf(upstream->host, sizeof(upstream->host), "%s", host);
	if (!is_here(upstream->host))
		return "its host must be a loopback address: the server is started here";
	upstream->port = port < 0 ? 80 : (uint16_t)port;
	snprintf(upstream->path, sizeof(upstream->path), "%s", *path ? path : "/");
	snprintf(upstream->authority, sizeof(upstream->authority),
		 strchr(upstream->host, ':') ? "[%s]:%u" : "%s:%u", upstream->host, upstream->port);
	return NULL;
}

const char *http_upstream_parse(const char *url, struct http_upstream *ret_upstream)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	const char *why;

	if (!uri)
		return "it is not a URL";
	why = take_upstream(uri, ret_upstream);
	evhttp_uri_free(uri);
	return why;
}

/* Whatever reaches the socket: an unspecified address is this host. */
static void close_endpoints(const union address *address, const char *text, uint16_t port,
			    struct http_listener *listener)
{
	size_t len = 0;

	if (is_any(address)) {
		snprintf(listener->closed[len++], HTTP_HOST_MAX, "*:%u", port);
	} else if (address->any.sa_family == AF_INET) {
		snprintf(listener->closed[len++], HTTP_HOST_MAX, "%s%s:%u", text,
			 is_loopback(address) ? "/8" : "", port);
	} else {
		snprintf(listener->closed[len++], HTTP_HOST_MAX, "[%s]:%u", text, port);
	}
	for (size_t i = 0; i < len; i++)
		listener->closed_list[i] = listener->closed[i];
	listener->closed_list[len] = NULL;
}

static int describe(struct http_listener *listener)
{
	union address address;
	socklen_t len = sizeof(address);
	char text[INET6_ADDRSTRLEN];
	bool v4;

	if (getsockname(listener->fd, &address.any, &len))
		return -errno;
	v4 = address.any.sa_family == AF_INET;
	if (!inet_ntop(address.any.sa_family,
		       v4 ? (void *)&address.v4.sin_addr : (void *)&address.v6.sin6_addr, text,
		       sizeof(text)))
		return -errno;
	uint16_t port = ntohs(v4 ? address.v4.sin_port : address.v6.sin6_port);

	listener->is_loopback = is_loopback(&address);
	snprintf(listener->url, sizeof(listener->url), v4 ? "http://%s:%u" : "http://[%s]:%u", text,
		 port);
	close_endpoints(&address, text, port, listener);
	return 0;
}

static int bind_to(const union address *address, socklen_t len)
{
	_cleanup_close_ int fd = socket(address->any.sa_family,
					SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (address->any.sa_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
	    bind(fd, &address->any, len) || listen(fd, BACKLOG))
		return -errno;
	return TAKE_FD(fd);
}

/* Its length, 0: it is none. libevent's reader of addresses takes no port 0. */
static socklen_t parse_address(const char *text, union address *address)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	char host[HTTP_HOST_MAX];
	unsigned long port;

	if (!len || len >= sizeof(host) || !colon[1] || strlen(colon + 1) > 5 ||
	    colon[1 + strspn(colon + 1, "0123456789")])
		return 0;
	port = strtoul(colon + 1, NULL, 10);
	if (port > UINT16_MAX)
		return 0;
	snprintf(host, sizeof(host), "%.*s", (int)len, text);
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons((uint16_t)port);
		return sizeof(address->v4);
	}
	if (*host != '[' || host[len - 1] != ']')
		return 0;
	host[len - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) != 1)
		return 0;
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_port = htons((uint16_t)port);
	return sizeof(address->v6);
}

int http_listener_open(const char *text, struct http_listener *ret_listener,
		       const char **ret_problem)
{
	union address address = { 0 };
	socklen_t len = parse_address(text, &address);
	int err;

	if (!len) {
		*ret_problem = "it must be an address and a port, such as 127.0.0.1:8080 or "
			       "[::1]:8080";
		return -EINVAL;
	}
	ret_listener->fd = bind_to(&address, len);
	err = ret_listener->fd < 0 ? ret_listener->fd : describe(ret_listener);
	if (!err)
		return 0;
	if (ret_listener->fd >= 0)
		close(ret_listener->fd);
	ret_listener->fd = -1;
	*ret_problem = strerror(-err);
	return err;
}
