// SPDX-License-Identifier: Apache-2.0
#include "guards_http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guards_answer.h"
#include "guards_tls.h"
#include "user/util.h"

#define HEADERS_MAX (32 << 10)
/* Longer than any guard may take (policy/text/load_guards.c): its caller is who ends it. */
#define TIMEOUT_S 600
#define KEY_MAX 4096u

struct guards_http {
	struct evhttp_connection *connection;
	struct event *finished;
	guards_http_done *done;
	void *ctx;
	SSL *ssl; /* the connection's; NULL: http */
	char *bytes;
	size_t len;
	char why[96];
};

static void because(struct guards_http *http, const char *why)
{
	if (!http->why[0])
		snprintf(http->why, sizeof(http->why), "%s", why);
}

/* Of a connection that failed before anything was said on it. */
static void look_at_tls(struct guards_http *http)
{
	long verified = http->ssl ? SSL_get_verify_result(http->ssl) : X509_V_OK;

	if (verified != X509_V_OK && !http->why[0])
		snprintf(http->why, sizeof(http->why), "its certificate is not trusted: %.60s",
			 X509_verify_cert_error_string(verified));
	else if (http->ssl && !SSL_is_init_finished(http->ssl))
		because(http, "no TLS could be agreed upon");
}

static void on_error(enum evhttp_request_error error, void *ctx)
{
	struct guards_http *http = ctx;

	if (error == EVREQ_HTTP_DATA_TOO_LONG)
		because(http, "its answer is too long");
	else if (error == EVREQ_HTTP_INVALID_HEADER)
		because(http, "its answer is no HTTP");
	else if (error == EVREQ_HTTP_EOF)
		look_at_tls(http);
	if (error == EVREQ_HTTP_EOF)
		because(http, "it ended the connection");
}

static void take_answer(struct guards_http *http, struct evhttp_request *request)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	int status = evhttp_request_get_response_code(request);

	if (!status) {
		look_at_tls(http);
		because(http, "it cannot be reached");
	} else if (status != 200) {
		snprintf(http->why, sizeof(http->why), "it answers %d", status);
	} else {
		http->len = evbuffer_get_length(body);
		http->bytes = malloc(http->len + 1);
		if (http->bytes)
			evbuffer_copyout(body, http->bytes, http->len);
		else
			because(http, "no memory");
	}
}

/* From within the connection, or from within evhttp_make_request: it is left alone. */
static void on_answer(struct evhttp_request *request, void *ctx)
{
	struct guards_http *http = ctx;

	if (request) {
		take_answer(http, request);
	} else {
		look_at_tls(http);
		because(http, "it cannot be reached");
	}
	event_active(http->finished, 0, 0);
}

static void on_finished(evutil_socket_t fd, short what, void *ctx)
{
	struct guards_http *http = ctx;

	(void)fd;
	(void)what;
	http->done(http->ctx, http->bytes, http->len, http->why);
}

/* The first line of a file that somebody else may write; its end is no part of it. */
static const char *read_key(const char *path, char ret_key[KEY_MAX])
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat stat;
	ssize_t len;

	if (fd < 0 || fstat(fd, &stat) || !S_ISREG(stat.st_mode))
		return "its key_file cannot be read";
	len = read(fd, ret_key, KEY_MAX - 1);
	if (len < 0)
		return "its key_file cannot be read";
	ret_key[len] = '\0';
	ret_key[strcspn(ret_key, "\r\n")] = '\0';
	for (const char *c = ret_key; *c; c++)
		if (*c <= ' ' || *c > '~')
			return "its key_file has no key in its first line";
	return *ret_key ? NULL : "its key_file has no key in its first line";
}

static const char *add_headers(struct evhttp_request *request, const struct guards_peer *peer)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	char host[320], key[KEY_MAX], authorization[KEY_MAX + 16] = "";
	const char *why = peer->key_file ? read_key(peer->key_file, key) : NULL;
	bool failed;

	if (why)
		return why;
	snprintf(host, sizeof(host), peer->is_v6 ? "[%.253s]:%u" : "%.253s:%u", peer->host,
		 peer->port);
	failed = evhttp_add_header(headers, "Host", host) ||
		 evhttp_add_header(headers, "Content-Type", "application/json") ||
		 evhttp_add_header(headers, "Accept", "application/json") ||
		 evhttp_add_header(headers, "Connection", "close") ||
		 evhttp_add_header(headers, "User-Agent", "enforcecore");
	if (!failed && peer->key_file) {
		snprintf(authorization, sizeof(authorization), "Bearer %s", key);
		failed = evhttp_add_header(headers, "Authorization", authorization);
	}
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(authorization, sizeof(authorization));
	return failed ? "no memory" : NULL;
}

/* Without a resolver of its own libevent would look names up, and everybody wait. */
static const char *need_names(struct guards_net *net)
{
	if (!net->dns)
		net->dns = evdns_base_new(net->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
							     EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	return net->dns ? NULL : "names cannot be looked up on this host";
}

static const char *connect_to(struct guards_http *http, struct guards_net *net,
			      const struct guards_peer *peer)
{
	bool is_local = !strcmp(peer->host, "localhost");
	bool looks_up = peer->is_name && !is_local;
	struct bufferevent *io = NULL;
	const char *why = looks_up ? need_names(net) : NULL;

	if (why)
		return why;
	if (peer->https) {
		http->ssl = guards_tls_connect(net->tls, peer->host, peer->is_name, peer->ca_file,
					       &why);
		if (!http->ssl)
			return why;
		io = bufferevent_openssl_socket_new(net->base, -1, http->ssl,
						    BUFFEREVENT_SSL_CONNECTING,
						    BEV_OPT_CLOSE_ON_FREE);
		if (!io) {
			SSL_free(http->ssl);
			http->ssl = NULL;
			return "no memory for TLS";
		}
	}
	http->connection = evhttp_connection_base_bufferevent_new(
		net->base, looks_up ? net->dns : NULL, io, is_local ? "127.0.0.1" : peer->host,
		peer->port);
	if (!http->connection) {
		if (io)
			bufferevent_free(io);
		http->ssl = NULL;
		return "no memory";
	}
	evhttp_connection_set_timeout(http->connection, TIMEOUT_S);
	evhttp_connection_set_retries(http->connection, 0);
	evhttp_connection_set_max_body_size(http->connection, GUARDS_ANSWER_MAX);
	evhttp_connection_set_max_headers_size(http->connection, HEADERS_MAX);
	return NULL;
}

static const char *post(struct guards_http *http, const struct guards_peer *peer, const char *body)
{
	struct evhttp_request *request = evhttp_request_new(on_answer, http);
	const char *why;

	if (!request)
		return "no memory";
	evhttp_request_set_error_cb(request, on_error);
	why = add_headers(request, peer);
	if (!why && evbuffer_add(evhttp_request_get_output_buffer(request), body, strlen(body)))
		why = "no memory";
	if (why) {
		evhttp_request_free(request);
		return why;
	}
	/* what fails at once has called on_answer, or owns no request any more */
	if (evhttp_make_request(http->connection, request, EVHTTP_REQ_POST, peer->target)) {
		because(http, "it cannot be reached");
		event_active(http->finished, 0, 0);
	}
	return NULL;
}

struct guards_http *guards_http_new(struct guards_net *net, const struct guards_peer *peer,
				    const char *body, guards_http_done *done, void *ctx,
				    const char **ret_why)
{
	struct guards_http *http = calloc(1, sizeof(*http));

	*ret_why = "no memory";
	if (!http)
		return NULL;
	http->done = done;
	http->ctx = ctx;
	http->finished = event_new(net->base, -1, 0, on_finished, http);
	if (http->finished)
		*ret_why = connect_to(http, net, peer);
	if (http->finished && !*ret_why)
		*ret_why = post(http, peer, body);
	if (!*ret_why)
		return http;
	guards_http_free(http);
	return NULL;
}

void guards_http_free(struct guards_http *http)
{
	if (!http)
		return;
	if (http->connection)
		evhttp_connection_free(http->connection);
	if (http->finished)
		event_free(http->finished);
	free(http->bytes);
	free(http);
}
