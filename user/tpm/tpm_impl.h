/* SPDX-License-Identifier: Apache-2.0 */
/* tpm_impl.h - what tpm*.c share; nobody else's. */
#ifndef EC_TPM_IMPL_H
#define EC_TPM_IMPL_H

#include "tpm.h"
#include "tss.h"

struct tpm {
	const struct tss *tss;
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	ESYS_TR key;
	bool transient; /* the key is to be flushed */
	unsigned int pcr;
	int lock_fd;
	unsigned char public[TRAIL_TPM_KEY_BYTES]; /* SubjectPublicKeyInfo */
	size_t public_len;
};

/* tpm_key.c: makes or finds the key, and reads its public half. */
int tpm_key_open(struct tpm *tpm, uint32_t handle, char why[TPM_WHY_MAX]);
/* -EIO, and what went wrong. */
int tpm_failed(const char *what, TSS2_RC rc, char why[TPM_WHY_MAX]);

#endif
