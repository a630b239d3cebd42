/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quoter.h - has a TPM quote checkpoints, on the side. While it is busy checkpoints come
 * and go: the newest is quoted next, and stands for all before it.
 */
#ifndef EC_QUOTER_H
#define EC_QUOTER_H

#include "user/tpm/tpm.h"
#include "user/trail/trail_checkpoint.h"

struct quoter;

/* Asks the TPM once, so that whoever wants it knows that it is there. Negative errno, and why. */
int quoter_open(const struct tpm_options *options, struct quoter **ret_quoter,
		char why[TPM_WHY_MAX]);
void quoter_tell(struct quoter *quoter, const struct trail_checkpoint *checkpoint);
/* 1: the next quote; 0: there is none yet; negative errno: what went wrong since the last
 * time. last: waits for what is under way. */
int quoter_take(struct quoter *quoter, bool last, struct trail_quote *ret_quote);
void quoter_close(struct quoter *quoter); /* NULL is fine */

#endif
