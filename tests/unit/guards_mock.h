/* SPDX-License-Identifier: Apache-2.0 */
/* guards_mock.h - a guard that answers what the test says, in this process's own loop,
 * over http or with a certificate of its own. */
#ifndef EC_TEST_GUARDS_MOCK_H
#define EC_TEST_GUARDS_MOCK_H

#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct guards_mock {
	struct event_base *base;
	struct evhttp *http;
	uint16_t port;
	SSL_CTX *context; /* NULL: http */
	char ca_file[64];
	/* what it does */
	int status;
	const char *body, *location;
	size_t extra; /* so many blanks behind the body */
	bool silent;  /* it never answers */
	bool hangs_up;
	/* what it was asked */
	unsigned int asked, at_once, most_at_once;
	char last[4096], authorization[128], target[128];
	struct evhttp_request *held[64]; /* that were never answered */
	size_t held_len;
};

static inline void mock_keep(struct guards_mock *mock, struct evhttp_request *request)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(in);
	const char *key = evhttp_find_header(evhttp_request_get_input_headers(request),
					     "Authorization");

	len = len < sizeof(mock->last) - 1 ? len : sizeof(mock->last) - 1;
	evbuffer_copyout(in, mock->last, len);
	mock->last[len] = '\0';
	snprintf(mock->authorization, sizeof(mock->authorization), "%s", key ? key : "");
	snprintf(mock->target, sizeof(mock->target), "%s", evhttp_request_get_uri(request));
	mock->asked++;
}

static inline void mock_answer(struct evhttp_request *request, void *ctx)
{
	struct guards_mock *mock = ctx;
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *out = evbuffer_new();

	mock_keep(mock, request);
	if (mock->silent) {
		mock->held[mock->held_len++] = request;
		evbuffer_free(out);
		return;
	}
	if (mock->hangs_up) {
		evbuffer_free(out);
		evhttp_connection_free(evhttp_request_get_connection(request));
		return;
	}
	if (mock->location)
		evhttp_add_header(headers, "Location", mock->location);
	evbuffer_add(out, mock->body, strlen(mock->body));
	for (size_t i = 0; i < mock->extra; i++)
		evbuffer_add(out, " ", 1);
	evhttp_send_reply(request, mock->status ? mock->status : 200, "x", out);
	evbuffer_free(out);
}

/* Those that wait, answered after all. */
static inline void mock_release(struct guards_mock *mock)
{
	mock->silent = false;
	for (size_t i = 0; i < mock->held_len; i++) {
		struct evbuffer *out = evbuffer_new();

		evbuffer_add(out, mock->body, strlen(mock->body));
		evhttp_send_reply(mock->held[i], 200, "x", out);
		evbuffer_free(out);
	}
	mock->held_len = 0;
}

static inline struct bufferevent *mock_tls(struct event_base *base, void *ctx)
{
	struct guards_mock *mock = ctx;

	return bufferevent_openssl_socket_new(base, -1, SSL_new(mock->context),
					      BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

/* A certificate that nobody else signed, for this name or address. */
static inline void mock_certify(struct guards_mock *mock, const char *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *alternative = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	X509_EXTENSION *authority = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
							"critical,CA:TRUE");
	FILE *to;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"mock", -1, -1,
				   0);
	X509_set_issuer_name(cert, name);
	X509_add_ext(cert, alternative, -1);
	X509_add_ext(cert, authority, -1);
	cr_assert(X509_sign(cert, key, EVP_sha256()));
	snprintf(mock->ca_file, sizeof(mock->ca_file), "/tmp/guards_mock_%d.pem", (int)getpid());
	to = fopen(mock->ca_file, "w");
	cr_assert(PEM_write_X509(to, cert));
	fclose(to);
	mock->context = SSL_CTX_new(TLS_server_method());
	cr_assert(SSL_CTX_use_certificate(mock->context, cert));
	cr_assert(SSL_CTX_use_PrivateKey(mock->context, key));
	X509_EXTENSION_free(alternative);
	X509_EXTENSION_free(authority);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* names: of its certificate, "DNS:guard.test" or "IP:127.0.0.1"; NULL: http. */
static inline void mock_open(struct guards_mock *mock, const char *names)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in address;
	socklen_t len = sizeof(address);

	memset(mock, 0, sizeof(*mock));
	mock->base = event_base_new();
	mock->http = evhttp_new(mock->base);
	if (names) {
		mock_certify(mock, names);
		evhttp_set_bevcb(mock->http, mock_tls, mock);
	}
	evhttp_set_gencb(mock->http, mock_answer, mock);
	bound = evhttp_bind_socket_with_handle(mock->http, "127.0.0.1", 0);
	cr_assert_not_null(bound);
	cr_assert_eq(
		getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len),
		0);
	mock->port = ntohs(address.sin_port);
}

static inline void mock_close(struct guards_mock *mock)
{
	mock_release(mock);
	evhttp_free(mock->http);
	event_base_free(mock->base);
	SSL_CTX_free(mock->context);
	if (mock->ca_file[0])
		unlink(mock->ca_file);
}

#endif
