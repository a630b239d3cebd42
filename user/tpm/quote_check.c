// SPDX-License-Identifier: Apache-2.0
#include "quote_check.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "user/trail/trail_hash.h"

/* Of lower-case digits only: a record is written in one way. */
static bool from_hex(const char *hex, unsigned char *bytes, size_t size, size_t *ret_len)
{
	size_t len = strlen(hex);

	*ret_len = 0;
	return strspn(hex, "0123456789abcdef") == len &&
	       !sodium_hex2bin(bytes, size, hex, len, NULL, ret_len, NULL) && *ret_len &&
	       2 * *ret_len == len;
}

static bool hash_from_hex(const char *hex, unsigned char bytes[ATTEST_HASH_BYTES])
{
	size_t len;

	return from_hex(hex, bytes, ATTEST_HASH_BYTES, &len) && len == ATTEST_HASH_BYTES;
}

static EVP_PKEY *read_key(const char *hex)
{
	unsigned char bytes[TRAIL_TPM_KEY_BYTES];
	const unsigned char *at = bytes;
	EVP_PKEY *key;
	size_t len;

	if (!from_hex(hex, bytes, sizeof(bytes), &len))
		return NULL;
	key = d2i_PUBKEY(NULL, &at, (long)len);
	if (key && at == bytes + len &&
	    (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC || EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool is_signed(const struct trail_quote *quote, const unsigned char *attest, size_t len)
{
	unsigned char signature[TRAIL_TPM_SIGNATURE_BYTES];
	EVP_PKEY *key = read_key(quote->key);
	EVP_MD_CTX *ctx = key ? EVP_MD_CTX_new() : NULL;
	size_t signature_len;
	bool is;

	is = ctx && from_hex(quote->signature, signature, sizeof(signature), &signature_len) &&
	     EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, signature, signature_len, attest, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return is;
}

/* TPM2_PCR_Extend, and the digest of one PCR. */
static bool is_extended(const struct trail_quote *quote, const struct attest *attest,
			char ret_after[TRAIL_HASH_SIZE])
{
	unsigned char both[2 * ATTEST_HASH_BYTES], after[ATTEST_HASH_BYTES];
	char digest[TRAIL_HASH_SIZE], said[TRAIL_HASH_SIZE];

	if (!hash_from_hex(quote->before, both) ||
	    !hash_from_hex(quote->checkpoint, both + ATTEST_HASH_BYTES))
		return false;
	trail_hash(both, sizeof(both), ret_after);
	hash_from_hex(ret_after, after);
	trail_hash(after, sizeof(after), digest);
	sodium_bin2hex(said, sizeof(said), attest->digest, sizeof(attest->digest));
	return !strcmp(said, digest);
}

const char *quote_check(const struct trail_quote *quote, struct attest *ret_attest,
			char ret_after[TRAIL_HASH_SIZE])
{
	unsigned char bytes[TRAIL_ATTEST_BYTES], checkpoint[ATTEST_HASH_BYTES];
	const char *why;
	size_t len;

	if (!from_hex(quote->attest, bytes, sizeof(bytes), &len))
		return "its \"attest\" is no hex";
	why = attest_read(bytes, len, ret_attest);
	if (why)
		return why;
	if (!hash_from_hex(quote->checkpoint, checkpoint) ||
	    memcmp(checkpoint, ret_attest->qualifying, sizeof(checkpoint)))
		return "the TPM quoted something else than this checkpoint";
	if (ret_attest->pcr != quote->pcr)
		return "the TPM quoted another PCR";
	if (!is_extended(quote, ret_attest, ret_after))
		return "the PCR is not what this checkpoint makes of it";
	return is_signed(quote, bytes, len) ? NULL : "the TPM's signature does not hold";
}

int quote_key_read(const char *path, char ret_key[2 * TRAIL_TPM_KEY_BYTES + 1])
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;
	unsigned char *bytes = NULL;
	int len;

	if (!file)
		return -errno;
	key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
	fclose(file);
	len = key ? i2d_PUBKEY(key, &bytes) : 0;
	EVP_PKEY_free(key);
	if (len > 0 && (size_t)len <= TRAIL_TPM_KEY_BYTES)
		sodium_bin2hex(ret_key, 2 * TRAIL_TPM_KEY_BYTES + 1, bytes, (size_t)len);
	OPENSSL_free(bytes);
	return len > 0 && (size_t)len <= TRAIL_TPM_KEY_BYTES ? 0 : -EINVAL;
}
