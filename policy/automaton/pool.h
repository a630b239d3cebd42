/* SPDX-License-Identifier: Apache-2.0 */
/* pool.h - memory that lives and dies together. */
#ifndef EC_POOL_H
#define EC_POOL_H

#include <stddef.h>

struct pool_chunk;
struct pool {
	struct pool_chunk *chunk;
};

/* Zeroed, aligned for any type; NULL when there is no memory. */
void *pool_alloc(struct pool *pool, size_t len);
/* A copy of text with a NUL after it. */
char *pool_text(struct pool *pool, const char *text, size_t text_len);
void pool_done(struct pool *pool);

#define _cleanup_pool_ __attribute__((cleanup(pool_done)))

#endif
