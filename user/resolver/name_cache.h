/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_cache.h - answers that have not expired, a bounded number: when it is
 * full, the one that expires first makes room.
 */
#ifndef EC_NAME_CACHE_H
#define EC_NAME_CACHE_H

#include "user/dns/dns_message.h"

#define NAME_CACHE_MAX 256u
/* Longer times to live are cut to this one. */
#define NAME_TTL_MAX_S 3600u
/* An answer without addresses is asked for again after so long. */
#define NAME_TTL_NONE_S 5u

struct name_cache;

int name_cache_new(struct name_cache **ret_cache);
void name_cache_free(struct name_cache *cache);
/* rcode NOERROR or NXDOMAIN. Without memory it is not kept. */
void name_cache_put(struct name_cache *cache, const char *name, uint16_t type,
		    const struct dns_answer *answer, uint64_t now_ns);
/* NULL: not there, or expired. ttl is what is left of it, at least 1 s. Good until the next
 * call. */
const struct dns_answer *name_cache_find(struct name_cache *cache, const char *name, uint16_t type,
					 uint64_t now_ns);
void name_cache_clear(struct name_cache *cache);

#endif
