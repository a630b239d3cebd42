/* SPDX-License-Identifier: Apache-2.0 */
/* quoted.h - the quotes of one trail, one after the other: is it one TPM, that never went back? */
#ifndef EC_QUOTED_H
#define EC_QUOTED_H

#include "user/tpm/attest.h"
#include "user/trail/trail_quote.h"

struct quoted {
	const char *key;      /* in: quotes by another one do not hold; NULL: by any */
	uint64_t quotes;      /* that hold, also those of checkpoints that are not here */
	uint64_t foreign;     /* times that something else had extended the PCR in between */
	uint64_t foreign_seq; /* found by the quote in this record, the first of them */
	uint64_t restarts;    /* of the machine, between two of them */
	uint64_t apart;	      /* times that the TPM's clock went unlike the trail's time */
	uint64_t apart_seq;
	char signer[2 * TRAIL_TPM_KEY_BYTES + 1];
	/* of the last one */
	struct attest attest;
	char after[TRAIL_HASH_SIZE];
	int64_t time_us; /* of its checkpoint, 0 = not known */
};

/* time: of the checkpoint, NULL = that is not here. NULL, or why it does not hold. */
const char *quoted_check(struct quoted *quoted, const struct trail_quote *quote, const char *time);

#endif
