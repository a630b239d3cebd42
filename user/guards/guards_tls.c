// SPDX-License-Identifier: Apache-2.0
#include "guards_tls.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct guards_trust *trust)
{
	SSL_CTX_free(trust->context);
	free(trust->ca_file);
	memset(trust, 0, sizeof(*trust));
}

static SSL_CTX *new_context(const char *ca_file)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		return NULL;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
	    !(ca_file ? SSL_CTX_load_verify_file(context, ca_file) :
			SSL_CTX_set_default_verify_paths(context))) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

static bool is_of(const struct guards_trust *trust, const char *ca_file)
{
	if (!trust->context || !trust->ca_file != !ca_file)
		return false;
	return !ca_file || !strcmp(trust->ca_file, ca_file);
}

static SSL_CTX *context_of(struct guards_tls *tls, const char *ca_file)
{
	struct guards_trust *trust;

	for (size_t i = 0; i < GUARDS_TLS_MAX; i++)
		if (is_of(&tls->at[i], ca_file))
			return tls->at[i].context;
	trust = &tls->at[tls->next];
	forget(trust);
	if (ca_file && !(trust->ca_file = strdup(ca_file)))
		return NULL;
	trust->context = new_context(ca_file);
	if (!trust->context) {
		forget(trust);
		return NULL;
	}
	tls->next = (tls->next + 1) % GUARDS_TLS_MAX;
	return trust->context;
}

SSL *guards_tls_connect(struct guards_tls *tls, const char *host, bool is_name, const char *ca_file,
			const char **ret_why)
{
	SSL_CTX *context = context_of(tls, ca_file);
	SSL *ssl = context ? SSL_new(context) : NULL;
	X509_VERIFY_PARAM *wanted;

	*ret_why = context ? "no memory for TLS" : "the certificates to trust cannot be read";
	if (!ssl)
		return NULL;
	wanted = SSL_get0_param(ssl);
	if (is_name ? SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host) :
		      X509_VERIFY_PARAM_set1_ip_asc(wanted, host))
		return ssl;
	SSL_free(ssl);
	return NULL;
}

void guards_tls_done(struct guards_tls *tls)
{
	for (size_t i = 0; i < GUARDS_TLS_MAX; i++)
		forget(&tls->at[i]);
}
