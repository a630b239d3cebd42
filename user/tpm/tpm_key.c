// SPDX-License-Identifier: Apache-2.0
/*
 * tpm_key.c - the attestation key. Restricted: such a key signs nothing that begins like
 * a quote and was not made by the TPM itself. Ours is made anew from the endorsement seed
 * each time, always the same one; nothing of it is stored.
 */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

#include "tpm_impl.h"

#define ATTESTATION                                                                                \
	(TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_FIXEDTPM |                \
	 TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)

/* Other templates make other keys of the same seed. */
static const TPM2B_PUBLIC template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = ATTESTATION | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
		.parameters.eccDetail = {
			.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme = { .scheme = TPM2_ALG_ECDSA,
				    .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
		.unique.ecc = { .x = { .size = 32, .buffer = "EnforceCore trail quotes 1" },
				.y = { .size = 32 } },
	},
};

static int make(struct tpm *tpm, TPM2B_PUBLIC **ret_public, char why[TPM_WHY_MAX])
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION pcrs;
	TSS2_RC rc = tpm->tss->Esys_CreatePrimary(
		tpm->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
		&sensitive, &template, &outside, &pcrs, &tpm->key, ret_public, NULL, NULL, NULL);

	if (rc)
		return tpm_failed("make a key below its endorsement seed", rc, why);
	tpm->transient = true;
	return 0;
}

static int find(struct tpm *tpm, uint32_t handle, TPM2B_PUBLIC **ret_public, char why[TPM_WHY_MAX])
{
	TSS2_RC rc = tpm->tss->Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
						     ESYS_TR_NONE, &tpm->key);

	if (!rc)
		rc = tpm->tss->Esys_ReadPublic(tpm->esys, tpm->key, ESYS_TR_NONE, ESYS_TR_NONE,
					       ESYS_TR_NONE, ret_public, NULL, NULL);
	return rc ? tpm_failed("find that key", rc, why) : 0;
}

static const char *unfit(const TPMT_PUBLIC *public)
{
	const TPMT_ECC_SCHEME *ecc = &public->parameters.eccDetail.scheme;
	const TPMT_RSA_SCHEME *rsa = &public->parameters.rsaDetail.scheme;

	if ((public->objectAttributes & ATTESTATION) != ATTESTATION)
		return "it is no restricted signing key that only this TPM has";
	if (public->type == TPM2_ALG_ECC)
		return ecc->scheme == TPM2_ALG_ECDSA &&
				       ecc->details.ecdsa.hashAlg == TPM2_ALG_SHA256 &&
				       public->parameters.eccDetail.curveID == TPM2_ECC_NIST_P256 ?
			       NULL :
			       "it signs otherwise than with ECDSA, P-256 and SHA-256";
	if (public->type == TPM2_ALG_RSA)
		return rsa->scheme == TPM2_ALG_RSASSA &&
				       rsa->details.rsassa.hashAlg == TPM2_ALG_SHA256 ?
			       NULL :
			       "it signs otherwise than with RSASSA and SHA-256";
	return "it is neither an ECC nor an RSA key";
}

static OSSL_PARAM *params_of(const TPMT_PUBLIC *public)
{
	const TPMS_ECC_POINT *point = &public->unique.ecc;
	const TPM2B_PUBLIC_KEY_RSA *modulus = &public->unique.rsa;
	uint32_t exponent = public->parameters.rsaDetail.exponent;
	unsigned char bytes[1 + 2 * 32] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	BIGNUM *n = NULL;

	if (public->type == TPM2_ALG_ECC && point->x.size <= 32 && point->y.size <= 32) {
		memcpy(bytes + 33 - point->x.size, point->x.buffer, point->x.size);
		memcpy(bytes + 65 - point->y.size, point->y.buffer, point->y.size);
		if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
						    0) &&
		    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, bytes,
						     sizeof(bytes)))
			params = OSSL_PARAM_BLD_to_param(build);
	} else if (public->type == TPM2_ALG_RSA) {
		n = BN_bin2bn(modulus->buffer, modulus->size, NULL);
		if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
		    OSSL_PARAM_BLD_push_uint32(build, OSSL_PKEY_PARAM_RSA_E,
					       exponent ? exponent : 65537))
			params = OSSL_PARAM_BLD_to_param(build);
	}
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	return params;
}

static int read_public(struct tpm *tpm, const TPMT_PUBLIC *public)
{
	OSSL_PARAM *params = params_of(public);
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_name(NULL, public->type == TPM2_ALG_ECC ? "EC" : "RSA", NULL);
	EVP_PKEY *key = NULL;
	unsigned char *bytes = NULL;
	int len = 0;

	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1)
		len = i2d_PUBKEY(key, &bytes);
	if (len > 0 && (size_t)len <= sizeof(tpm->public)) {
		memcpy(tpm->public, bytes, (size_t)len);
		tpm->public_len = (size_t)len;
	}
	OPENSSL_free(bytes);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return tpm->public_len ? 0 : -EINVAL;
}

int tpm_key_open(struct tpm *tpm, uint32_t handle, char why[TPM_WHY_MAX])
{
	TPM2B_PUBLIC *public = NULL;
	const char *unusable;
	int r = handle ? find(tpm, handle, &public, why) : make(tpm, &public, why);

	if (r < 0)
		return r;
	unusable = unfit(&public->publicArea);
	if (!unusable && read_public(tpm, &public->publicArea) < 0)
		unusable = "its public half cannot be read";
	tpm->tss->Esys_Free(public);
	if (!unusable)
		return 0;
	snprintf(why, TPM_WHY_MAX, "the TPM's key 0x%08x: %s", handle, unusable);
	return -EINVAL;
}
