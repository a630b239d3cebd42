/* SPDX-License-Identifier: Apache-2.0 */
/* quote_check.h - does a quote say what its record says? Asks no TPM. */
#ifndef EC_QUOTE_CHECK_H
#define EC_QUOTE_CHECK_H

#include "attest.h"
#include "user/trail/trail_quote.h"

/* NULL: signed by the key that the record names, over the checkpoint's hash and the PCR as
 * extending it with that leaves it; else why not. ret_after: the PCR then. */
const char *quote_check(const struct trail_quote *quote, struct attest *ret_attest,
			char ret_after[TRAIL_HASH_SIZE]);

/* text: the public key of a TPM, a file with it (PEM). ret_key: as records have it, in hex.
 * -EINVAL: none. */
int quote_key_read(const char *path, char ret_key[2 * TRAIL_TPM_KEY_BYTES + 1]);

#endif
