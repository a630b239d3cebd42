// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN 4000u

struct pool_chunk {
	struct pool_chunk *next;
	size_t used;
	size_t len;
	_Alignas(max_align_t) unsigned char bytes[];
};

static struct pool_chunk *add_chunk(struct pool *pool, size_t len)
{
	struct pool_chunk *chunk;

	if (len < CHUNK_LEN)
		len = CHUNK_LEN;
	if (len > SIZE_MAX / 2)
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + len);
	if (!chunk)
		return NULL;
	chunk->len = len;
	chunk->next = pool->chunk;
	pool->chunk = chunk;
	return chunk;
}

void *pool_alloc(struct pool *pool, size_t len)
{
	const size_t align = _Alignof(max_align_t);
	struct pool_chunk *chunk = pool->chunk;
	void *at;

	if (len > SIZE_MAX / 2)
		return NULL;
	len = (len + align - 1) / align * align;
	if (!chunk || chunk->len - chunk->used < len)
		chunk = add_chunk(pool, len);
	if (!chunk)
		return NULL;
	at = chunk->bytes + chunk->used;
	chunk->used += len;
	return at;
}

char *pool_text(struct pool *pool, const char *text, size_t text_len)
{
	char *copy = pool_alloc(pool, text_len + 1);

	if (copy && text_len)
		memcpy(copy, text, text_len);
	return copy;
}

void pool_done(struct pool *pool)
{
	struct pool_chunk *chunk = pool->chunk, *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	pool->chunk = NULL;
}
