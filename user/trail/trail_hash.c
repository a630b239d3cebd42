// SPDX-License-Identifier: Apache-2.0
#include "trail_hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts; /* one of each thread, freed with it */
static bool has_contexts;

static void free_context(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void prepare(void)
{
	has_contexts = !pthread_key_create(&contexts, free_context);
}

/* To set one up takes longer than to hash most lines. NULL: there is none. */
static EVP_MD_CTX *context(void)
{
	EVP_MD_CTX *ctx;

	pthread_once(&once, prepare);
	if (!has_contexts)
		return NULL;
	ctx = pthread_getspecific(contexts);
	if (ctx)
		return ctx;
	ctx = EVP_MD_CTX_new();
	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
	    !pthread_setspecific(contexts, ctx))
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

/* libcrypto uses the processor's instructions for it. libsodium, which does not,
 * cannot fail. */
void trail_hash(const void *bytes, size_t bytes_len, char ret_hash[TRAIL_HASH_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	EVP_MD_CTX *ctx = context();

	if (!ctx || !EVP_DigestInit_ex(ctx, NULL, NULL) ||
	    !EVP_DigestUpdate(ctx, bytes, bytes_len) || !EVP_DigestFinal_ex(ctx, hash, NULL))
		crypto_hash_sha256(hash, bytes, bytes_len);
	sodium_bin2hex(ret_hash, TRAIL_HASH_SIZE, hash, sizeof(hash));
}
