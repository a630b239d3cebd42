/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tpm.h - one TPM 2.0, for as long as it takes to extend and quote a PCR. Others wait
 * meanwhile: what the PCR was, what it is extended with and what is quoted belong together.
 * Every call may take as long as the TPM does; who cannot wait has a thread of its own.
 */
#ifndef EC_TPM_H
#define EC_TPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "attest.h"
#include "user/trail/trail_quote.h"

#define TPM_TCTI "device:/dev/tpmrm0" /* the kernel's resource manager */
#define TPM_TCTI_MAX 256
#define TPM_PCR 15u
#define TPM_WHY_MAX 160

struct tpm;
struct tpm_options {
	char tcti[TPM_TCTI_MAX];
	uint32_t handle; /* of a persistent key, 0 = the one that this TPM makes for us */
	unsigned int pcr;
};

/* May trails extend it? Those of the firmware, of IMA, and those that can be set back to
 * zero without a restart are not for that. */
bool tpm_pcr_is_ours(unsigned int pcr);

/* Persistent objects (TPM 2.0 Library, Part 2, 7.5), in hex. */
#define TPM_HANDLES "a persistent handle, 0x81000000 to 0x81ffffff"
int tpm_handle_parse(const char *text, uint32_t *ret_handle);

/* 0, or a negative errno and why. */
int tpm_open(const struct tpm_options *options, struct tpm **ret_tpm, char why[TPM_WHY_MAX]);
void tpm_close(struct tpm *tpm); /* NULL is fine */
/* The key's public half, PEM. */
int tpm_print_key(const struct tpm *tpm, FILE *to);
/* Extends the PCR by quote->checkpoint, and fills pcr, before, attest, key, signature. */
int tpm_quote(struct tpm *tpm, struct trail_quote *quote, char why[TPM_WHY_MAX]);
/* Can it do all that? Changes nothing. */
int tpm_try(struct tpm *tpm, char why[TPM_WHY_MAX]);
/* What the PCR is, in hex. */
int tpm_look(struct tpm *tpm, char ret_pcr[TRAIL_HASH_SIZE], char why[TPM_WHY_MAX]);

#endif
