// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include <errno.h>
#include <string.h>

void arena_init(struct arena *arena, uint32_t off, uint32_t len)
{
	memset(arena, 0, sizeof(*arena));
	arena->off = off;
	arena->len = len;
}

int arena_take(struct arena *arena, uint32_t len, uint32_t *ret_off)
{
	uint32_t at = arena->off, i;

	if (arena->pieces_len >= EC_MAX_CALLS)
		return -EMFILE;
	for (i = 0; i < arena->pieces_len; i++) {
		if (arena->pieces[i].off - at >= len)
			break;
		at = arena->pieces[i].off + arena->pieces[i].len;
	}
	if (arena->off + arena->len - at < len)
		return -ENOSPC;
	memmove(&arena->pieces[i + 1], &arena->pieces[i],
		(arena->pieces_len - i) * sizeof(arena->pieces[0]));
	arena->pieces[i].off = at;
	arena->pieces[i].len = len;
	arena->pieces_len++;
	*ret_off = at;
	return 0;
}

void arena_give(struct arena *arena, uint32_t off)
{
	for (uint32_t i = 0; i < arena->pieces_len; i++) {
		if (arena->pieces[i].off != off)
			continue;
		memmove(&arena->pieces[i], &arena->pieces[i + 1],
			(arena->pieces_len - i - 1) * sizeof(arena->pieces[0]));
		arena->pieces_len--;
		return;
	}
}
