// SPDX-License-Identifier: Apache-2.0
#include "tpm.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "quote_check.h"
#include "tpm_impl.h"
#include "user/util.h"

/* In root's own folder, which is there before ours is. */
#define LOCK "/run/enforcecore-tpm.lock"

/* Somebody else's extension between ours and the quote makes it one of something else. */
#define ATTEMPTS 3

/* 0 to 7 are the firmware's, 10 is IMA's; 16 and 23 anybody sets back to zero, and 17 to 22
 * whoever has their locality. */
bool tpm_pcr_is_ours(unsigned int pcr)
{
	return pcr >= 8 && pcr <= 15 && pcr != 10;
}

int tpm_handle_parse(const char *text, uint32_t *ret_handle)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 16);

	if (*end || end == text || number < 0x81000000 || number > 0x81ffffff)
		return -EINVAL;
	*ret_handle = (uint32_t)number;
	return 0;
}

int tpm_failed(const char *what, TSS2_RC rc, char why[TPM_WHY_MAX])
{
	bool unreachable = (rc & TSS2_RC_LAYER_MASK) == TSS2_TCTI_RC_LAYER ||
			   (rc & ~TSS2_RC_LAYER_MASK) == TSS2_BASE_RC_IO_ERROR;

	snprintf(why, TPM_WHY_MAX, "the TPM cannot %s (0x%08x%s)", what, rc,
		 unreachable ? ": it is not there, or does not answer" :
		 (rc & 0xbf) == TPM2_RC_AUTH_FAIL || (rc & 0xbf) == TPM2_RC_BAD_AUTH ?
			       ": that has a password" :
			       "");
	return -EIO;
}

static int take_lock(void)
{
	_cleanup_close_ int fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return -errno;
	return TAKE_FD(fd);
}

static int open_all(struct tpm *tpm, const struct tpm_options *options, char why[TPM_WHY_MAX])
{
	const char *missing;
	TSS2_RC rc;

	tpm->tss = tss_open(&missing);
	if (!tpm->tss) {
		snprintf(why, TPM_WHY_MAX, "%s", missing);
		return -ENOENT;
	}
	tpm->lock_fd = take_lock();
	if (tpm->lock_fd < 0) {
		snprintf(why, TPM_WHY_MAX, LOCK ": %s", strerror(-tpm->lock_fd));
		return tpm->lock_fd;
	}
	rc = tpm->tss->Tss2_TctiLdr_Initialize(options->tcti, &tpm->tcti);
	if (rc)
		return tpm_failed("be opened", rc, why);
	rc = tpm->tss->Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
	if (rc)
		return tpm_failed("be asked", rc, why);
	return tpm_key_open(tpm, options->handle, why);
}

int tpm_open(const struct tpm_options *options, struct tpm **ret_tpm, char why[TPM_WHY_MAX])
{
	struct tpm *tpm = calloc(1, sizeof(*tpm));
	int r;

	if (!tpm) {
		snprintf(why, TPM_WHY_MAX, "no memory");
		return -ENOMEM;
	}
	tpm->lock_fd = -1;
	tpm->pcr = options->pcr;
	r = open_all(tpm, options, why);
	if (r < 0)
		tpm_close(tpm);
	else
		*ret_tpm = tpm;
	return r;
}

void tpm_close(struct tpm *tpm)
{
	if (!tpm)
		return;
	if (tpm->transient)
		tpm->tss->Esys_FlushContext(tpm->esys, tpm->key);
	if (tpm->esys)
		tpm->tss->Esys_Finalize(&tpm->esys);
	if (tpm->tcti)
		tpm->tss->Tss2_TctiLdr_Finalize(&tpm->tcti);
	close_fd(&tpm->lock_fd);
	free(tpm);
}

int tpm_print_key(const struct tpm *tpm, FILE *to)
{
	const unsigned char *at = tpm->public;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)tpm->public_len);
	int written = key ? PEM_write_PUBKEY(to, key) : 0;

	EVP_PKEY_free(key);
	return written && !fflush(to) ? 0 : -EIO;
}

static TPML_PCR_SELECTION select_pcr(unsigned int pcr)
{
	TPML_PCR_SELECTION selection = { .count = 1 };

	selection.pcrSelections[0].hash = TPM2_ALG_SHA256;
	selection.pcrSelections[0].sizeofSelect = 3;
	selection.pcrSelections[0].pcrSelect[pcr / 8] = (BYTE)(1u << pcr % 8);
	return selection;
}

int tpm_look(struct tpm *tpm, char ret_pcr[TRAIL_HASH_SIZE], char why[TPM_WHY_MAX])
{
	const TPML_PCR_SELECTION selection = select_pcr(tpm->pcr);
	TPML_DIGEST *values = NULL;
	TSS2_RC rc = tpm->tss->Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					     &selection, NULL, NULL, &values);
	bool is = !rc && values->count == 1 && values->digests[0].size == ATTEST_HASH_BYTES;

	if (is)
		sodium_bin2hex(ret_pcr, TRAIL_HASH_SIZE, values->digests[0].buffer,
			       ATTEST_HASH_BYTES);
	if (values)
		tpm->tss->Esys_Free(values);
	if (rc)
		return tpm_failed("read a PCR", rc, why);
	if (!is)
		snprintf(why, TPM_WHY_MAX, "the TPM has no SHA-256 bank with PCR %u", tpm->pcr);
	return is ? 0 : -ENOTSUP;
}

static int extend(struct tpm *tpm, const unsigned char hash[ATTEST_HASH_BYTES],
		  char why[TPM_WHY_MAX])
{
	TPML_DIGEST_VALUES digests = { .count = 1 };
	TSS2_RC rc;

	digests.digests[0].hashAlg = TPM2_ALG_SHA256;
	memcpy(digests.digests[0].digest.sha256, hash, ATTEST_HASH_BYTES);
	rc = tpm->tss->Esys_PCR_Extend(tpm->esys, ESYS_TR_PCR0 + tpm->pcr, ESYS_TR_PASSWORD,
				       ESYS_TR_NONE, ESYS_TR_NONE, &digests);
	return rc ? tpm_failed("extend a PCR", rc, why) : 0;
}

/* r and s as DER has them. */
static int put_ecdsa(const TPMS_SIGNATURE_ECDSA *signature, struct trail_quote *quote)
{
	ECDSA_SIG *both = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature->signatureR.buffer, signature->signatureR.size, NULL);
	BIGNUM *s = BN_bin2bn(signature->signatureS.buffer, signature->signatureS.size, NULL);
	unsigned char *bytes = NULL;
	int len = -1;

	if (both && r && s && ECDSA_SIG_set0(both, r, s)) {
		r = s = NULL;
		len = i2d_ECDSA_SIG(both, &bytes);
	}
	if (len > 0)
		sodium_bin2hex(quote->signature, sizeof(quote->signature), bytes, (size_t)len);
	OPENSSL_free(bytes);
	ECDSA_SIG_free(both);
	BN_free(r);
	BN_free(s);
	return len > 0 ? 0 : -ENOMEM;
}

static int put_signature(const TPMT_SIGNATURE *signature, struct trail_quote *quote)
{
	const TPM2B_PUBLIC_KEY_RSA *rsa = &signature->signature.rsassa.sig;

	if (signature->sigAlg == TPM2_ALG_ECDSA)
		return put_ecdsa(&signature->signature.ecdsa, quote);
	if (signature->sigAlg != TPM2_ALG_RSASSA || rsa->size > TRAIL_TPM_SIGNATURE_BYTES)
		return -EINVAL;
	sodium_bin2hex(quote->signature, sizeof(quote->signature), rsa->buffer, rsa->size);
	return 0;
}

static int sign(struct tpm *tpm, const unsigned char hash[ATTEST_HASH_BYTES],
		struct trail_quote *quote, char why[TPM_WHY_MAX])
{
	static const TPMT_SIG_SCHEME of_key = { .scheme = TPM2_ALG_NULL };
	const TPML_PCR_SELECTION selection = select_pcr(tpm->pcr);
	TPM2B_DATA qualifying = { .size = ATTEST_HASH_BYTES };
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *signature = NULL;
	TSS2_RC rc;
	int r = 0;

	memcpy(qualifying.buffer, hash, ATTEST_HASH_BYTES);
	rc = tpm->tss->Esys_Quote(tpm->esys, tpm->key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
				  &qualifying, &of_key, &selection, &attest, &signature);
	if (rc)
		return tpm_failed("quote", rc, why);
	if (attest->size > TRAIL_ATTEST_BYTES || put_signature(signature, quote) < 0) {
		snprintf(why, TPM_WHY_MAX, "the TPM's quote is too long, or signed unlike its key");
		r = -EINVAL;
	} else {
		sodium_bin2hex(quote->attest, sizeof(quote->attest), attest->attestationData,
			       attest->size);
	}
	tpm->tss->Esys_Free(attest);
	tpm->tss->Esys_Free(signature);
	return r;
}

int tpm_quote(struct tpm *tpm, struct trail_quote *quote, char why[TPM_WHY_MAX])
{
	unsigned char hash[ATTEST_HASH_BYTES];
	int r = 0;

	if (sodium_hex2bin(hash, sizeof(hash), quote->checkpoint, strlen(quote->checkpoint), NULL,
			   NULL, NULL))
		return -EINVAL;
	quote->pcr = tpm->pcr;
	sodium_bin2hex(quote->key, sizeof(quote->key), tpm->public, tpm->public_len);
	for (int i = 0; i < ATTEMPTS; i++) {
		struct attest attest;
		char after[TRAIL_HASH_SIZE];
		const char *wrong;

		r = tpm_look(tpm, quote->before, why);
		if (r == 0)
			r = extend(tpm, hash, why);
		if (r == 0)
			r = sign(tpm, hash, quote, why);
		if (r < 0)
			return r;
		/* as whoever verifies it will */
		wrong = quote_check(quote, &attest, after);
		if (!wrong)
			return 0;
		snprintf(why, TPM_WHY_MAX, "the TPM's quote is of no use: %s", wrong);
		r = -EAGAIN;
	}
	return r;
}

int tpm_try(struct tpm *tpm, char why[TPM_WHY_MAX])
{
	static const unsigned char nothing[ATTEST_HASH_BYTES];
	struct trail_quote quote;
	char pcr[TRAIL_HASH_SIZE];
	int r = tpm_look(tpm, pcr, why);

	return r < 0 ? r : sign(tpm, nothing, &quote, why);
}
