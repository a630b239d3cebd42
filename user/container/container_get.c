// SPDX-License-Identifier: Apache-2.0
#include "container_get.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "container_impl.h"
#include "user/util.h"

/* A connection that neither connects nor reads nor writes longer than that. */
static void limit(int fd, unsigned int ms)
{
	struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

static BIO *open_unix(const struct container_get *get)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	BIO *bio;

	if (fd < 0 || strlen(get->socket) >= sizeof(addr.sun_path))
		return NULL;
	strcpy(addr.sun_path, get->socket);
	limit(fd, get->wait_ms);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return NULL;
	bio = BIO_new_socket(fd, BIO_CLOSE);
	if (bio)
		TAKE_FD(fd);
	return bio;
}

/* Its name or address has to be in the certificate. */
static int expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host))
		return 0;
	ERR_clear_error();
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host) ? 0 : -EINVAL;
}

static BIO *open_tls(const struct container_get *get)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	BIO *bio = NULL;
	SSL *ssl = NULL;

	if (!context)
		return NULL;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	if (SSL_CTX_load_verify_file(context, get->ca_file))
		bio = BIO_new_ssl_connect(context);
	SSL_CTX_free(context); /* the connection has a reference of its own */
	if (!bio)
		return NULL;
	BIO_get_ssl(bio, &ssl);
	BIO_set_conn_hostname(bio, get->host);
	BIO_set_conn_port(bio, get->port);
	BIO_set_nbio(bio, 1);
	if (ssl && expect_host(ssl, get->host) == 0)
		return bio;
	BIO_free_all(bio);
	return NULL;
}

static int read_all(BIO *answer, char **ret_text, size_t *ret_len)
{
	size_t size = 16384, len = 0;
	char *text = malloc(size), *more;
	int n;

	while (text && (n = BIO_read(answer, text + len, (int)(size - len))) > 0) {
		len += (size_t)n;
		if (len < size)
			continue;
		size *= 2;
		more = size <= 2 * CONTAINER_JSON_MAX ? realloc(text, size) : NULL;
		if (!more)
			free(text);
		text = more;
	}
	*ret_text = text;
	*ret_len = len;
	return text ? 0 : -ENOMEM;
}

static int ask(const struct container_get *get, BIO *bio, char **ret_text, size_t *ret_len)
{
	STACK_OF(CONF_VALUE) *headers = NULL;
	_cleanup_free_ char *bearer = NULL;
	int seconds = (int)(get->wait_ms + 999) / 1000, r;
	BIO *answer;

	if (get->token && asprintf(&bearer, "Bearer %s", get->token) < 0)
		return -ENOMEM;
	if ((bearer && !X509V3_add_value("Authorization", bearer, &headers)) ||
	    !X509V3_add_value("Host", get->host, &headers) ||
	    !X509V3_add_value("Accept", "application/json", &headers)) {
		sk_CONF_VALUE_pop_free(headers, X509V3_conf_free);
		return -ENOMEM;
	}
	answer = OSSL_HTTP_transfer(NULL, get->host, get->port, get->path, 0, NULL, NULL, bio, bio,
				    NULL, NULL, 0, headers, NULL, NULL, "application/json", 0,
				    CONTAINER_JSON_MAX, seconds, 0);
	sk_CONF_VALUE_pop_free(headers, X509V3_conf_free);
	r = answer ? read_all(answer, ret_text, ret_len) : -EBADMSG;
	BIO_free(answer);
	ERR_clear_error();
	return r;
}

int container_get(const struct container_get *get, char **ret_text, size_t *ret_len)
{
	BIO *bio = get->socket ? open_unix(get) : open_tls(get);
	int r = -ECONNREFUSED;

	if (bio && !get->socket &&
	    BIO_do_connect_retry(bio, (int)(get->wait_ms + 999) / 1000, -1) <= 0) {
		BIO_free_all(bio);
		bio = NULL;
	}
	if (bio)
		r = ask(get, bio, ret_text, ret_len);
	BIO_free_all(bio);
	ERR_clear_error();
	return r;
}
