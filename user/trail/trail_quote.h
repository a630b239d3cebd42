/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_quote.h - a record in which a TPM says that it knew a checkpoint: it extended
 * a PCR with the checkpoint's hash, and signed what the PCR was then. The bytes of its
 * line are in README.md. Whether the TPM's signature holds is asked of user/tpm.
 */
#ifndef EC_TRAIL_QUOTE_H
#define EC_TRAIL_QUOTE_H

#include "trail_line.h"

#define TRAIL_ATTEST_BYTES 256u	 /* TPMS_ATTEST of one PCR with the longest names: 235 */
#define TRAIL_TPM_KEY_BYTES 600u /* SubjectPublicKeyInfo of RSA 4096: 550 */
#define TRAIL_TPM_SIGNATURE_BYTES 512u
#define TRAIL_QUOTE_MAX 4096 /* its line, and NUL */

struct trail_quote {
	uint64_t seq; /* its own */
	char time[TRAIL_TIME_SIZE];
	char head[TRAIL_HASH_SIZE]; /* of the line before: its "prev" */
	char trail[TRAIL_ID_SIZE];
	uint64_t of;			  /* seq of the checkpoint */
	char checkpoint[TRAIL_HASH_SIZE]; /* SHA-256 of its line */
	unsigned int pcr;
	char before[TRAIL_HASH_SIZE]; /* the PCR, before it was extended */
	/* in hex: TPMS_ATTEST; SubjectPublicKeyInfo; ECDSA in DER, or PKCS #1 v1.5 */
	char attest[2 * TRAIL_ATTEST_BYTES + 1];
	char key[2 * TRAIL_TPM_KEY_BYTES + 1];
	char signature[2 * TRAIL_TPM_SIGNATURE_BYTES + 1];
};

/* Its line, without a newline; returns the length. */
size_t trail_quote_print(const struct trail_quote *quote, char line[TRAIL_QUOTE_MAX]);
/* NULL: it is one, byte for byte as it is printed; else why it is not. */
const char *trail_quote_read(const char *line, size_t line_len, struct trail_quote *ret_quote);

#endif
