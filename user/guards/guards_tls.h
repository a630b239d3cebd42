/* SPDX-License-Identifier: Apache-2.0 */
/* guards_tls.h - who answers over https is who its certificate says, or nobody. */
#ifndef EC_GUARDS_TLS_H
#define EC_GUARDS_TLS_H

#include <openssl/ssl.h>

#include "policy/policy.h"

/* Sets of trusted certificates that are kept: reading the system's takes a while. */
#define GUARDS_TLS_MAX 16u

struct guards_tls {
	struct guards_trust {
		SSL_CTX *context;
		char *ca_file; /* NULL: the system's */
	} at[GUARDS_TLS_MAX];
	size_t next; /* the one that goes when there is no room */
};

/* One connection's: TLS 1.2 at least, the name checked. NULL: *ret_why says why. */
SSL *guards_tls_connect(struct guards_tls *tls, const char *host, bool is_name, const char *ca_file,
			const char **ret_why);
void guards_tls_done(struct guards_tls *tls);

#endif
