/* SPDX-License-Identifier: Apache-2.0 */
/* witnessed.h - heads that were told elsewhere, against the trail they are of. */
#ifndef EC_WITNESSED_H
#define EC_WITNESSED_H

#include "user/trail/trail_checkpoint.h"

struct witnessed;

/* Reads a witness file, or a log in which such lines are: whatever else is in it is
 * passed over. */
int witnessed_open(const char *path, struct witnessed **ret_witnessed);
/* NULL, or why the checkpoint is not what was witnessed. */
const char *witnessed_check(struct witnessed *witnessed, const struct trail_checkpoint *checkpoint);
/* After all of the trail, from record `first` on, was checked. *ret_heads: so many
 * were compared. NULL, or what is missing in the trail. */
const char *witnessed_end(struct witnessed *witnessed, const char *trail, uint64_t first,
			  uint64_t last, size_t *ret_heads);
void witnessed_close(struct witnessed *witnessed); /* NULL is fine */

#endif
