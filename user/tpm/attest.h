/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attest.h - what a TPM signs when it quotes a PCR: TPMS_ATTEST (TPM 2.0 Library, Part 2,
 * 10.12.8), big-endian. Its bytes come from a trail, and are anybody's.
 */
#ifndef EC_ATTEST_H
#define EC_ATTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTEST_HASH_BYTES 32u /* SHA-256: the only bank that we quote */

struct attest {
	unsigned char qualifying[ATTEST_HASH_BYTES]; /* what the caller had it sign, too */
	/* milliseconds; goes on over restarts, never back but by TPM2_Clear */
	uint64_t clock_ms;
	uint32_t resets;   /* of the machine since TPM2_Clear */
	uint32_t restarts; /* and resumes since the last of them */
	bool clock_safe;   /* no higher clock was told before */
	unsigned int pcr;
	unsigned char digest[ATTEST_HASH_BYTES]; /* SHA-256 of the PCR */
};

/* NULL: it is a quote of one PCR of the SHA-256 bank and nothing is behind it; else why not. */
const char *attest_read(const unsigned char *bytes, size_t len, struct attest *ret_attest);

#endif
