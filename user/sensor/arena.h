/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - first fit in one agent's part of the arena; at most one piece per
 * open call, so a list of EC_MAX_CALLS pieces is all it needs. */
#ifndef EC_ARENA_H
#define EC_ARENA_H

#include <stdint.h>

#include "bpf/agent.h"

struct arena {
	uint32_t off; /* in words */
	uint32_t len;
	uint32_t pieces_len;
	struct {
		uint32_t off;
		uint32_t len;
	} pieces[EC_MAX_CALLS]; /* sorted by off */
};

void arena_init(struct arena *arena, uint32_t off, uint32_t len);
/* -ENOSPC: no gap is long enough; -EMFILE: EC_MAX_CALLS pieces are taken. */
int arena_take(struct arena *arena, uint32_t len, uint32_t *ret_off);
/* That very piece, which somebody else took. -EINVAL: it lies outside, or on another. */
int arena_put(struct arena *arena, uint32_t off, uint32_t len);
void arena_give(struct arena *arena, uint32_t off);

#endif
