/* SPDX-License-Identifier: Apache-2.0 */
/* trail_hash.h - SHA-256, with the processor's own instructions where it has them. */
#ifndef EC_TRAIL_HASH_H
#define EC_TRAIL_HASH_H

#include <stddef.h>

#include "trail_line.h"

void trail_hash(const void *bytes, size_t bytes_len, char ret_hash[TRAIL_HASH_SIZE]);

#endif
