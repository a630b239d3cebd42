/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_checkpoint.h - a record that signs the chain up to itself. The bytes that
 * are signed, and those of its line, are in README.md. Used by trail*.c, and by
 * who compares heads that were witnessed elsewhere.
 */
#ifndef EC_TRAIL_CHECKPOINT_H
#define EC_TRAIL_CHECKPOINT_H

#include <stdbool.h>

#include "trail_key.h"
#include "trail_line.h"

#define TRAIL_WHY_SIZE 12
#define TRAIL_SIGNATURE_SIZE 129 /* in hex, and NUL */
#define TRAIL_CHECKPOINT_MAX 640 /* its line, and NUL */

struct trail_checkpoint {
	uint64_t seq; /* its own */
	char time[TRAIL_TIME_SIZE];
	char head[TRAIL_HASH_SIZE]; /* of the line before: its "prev" */
	char trail[TRAIL_ID_SIZE];
	char why[TRAIL_WHY_SIZE]; /* "count", "end", "segment" or "lost" */
	char key[TRAIL_KEY_SIZE];
	char signature[TRAIL_SIGNATURE_SIZE];
};

/* Fills key and signature from the rest. */
void trail_checkpoint_sign(struct trail_checkpoint *checkpoint, const struct trail_key *key);
/* Is the signature that key's over the rest? */
bool trail_checkpoint_holds(const struct trail_checkpoint *checkpoint);
/* Its line, without a newline; returns the length. */
size_t trail_checkpoint_print(const struct trail_checkpoint *checkpoint,
			      char line[TRAIL_CHECKPOINT_MAX]);
/* NULL: it is one, byte for byte as it is printed; else why it is not. Does not
 * look at the signature. */
const char *trail_checkpoint_read(const char *line, size_t line_len,
				  struct trail_checkpoint *ret_checkpoint);

#endif
