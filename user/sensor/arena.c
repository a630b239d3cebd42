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

static void insert(struct arena *arena, uint32_t i, uint32_t off, uint32_t len)
{
	memmove(&arena->pieces[i + 1], &arena->pieces[i],
		(arena->pieces_len - i) * sizeof(arena->pieces[0]));
	arena->pieces[i].off = off;
	arena->pieces[i].len = len;
	arena->pieces_len++;
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
	insert(arena, i, at, len);
	*ret_off = at;
	return 0;
}

int arena_put(struct arena *arena, uint32_t off, uint32_t len)
{
	uint32_t end = arena->off + arena->len, i = 0;

	if (!len || off < arena->off || off > end || len > end - off ||
	    arena->pieces_len >= EC_MAX_CALLS)
		return -EINVAL;
	while (i < arena->pieces_len && arena->pieces[i].off < off)
		i++;
	if ((i && arena->pieces[i - 1].off + arena->pieces[i - 1].len > off) ||
	    (i < arena->pieces_len && arena->pieces[i].off < off + len))
		return -EINVAL;
	insert(arena, i, off, len);
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
