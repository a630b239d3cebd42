/* SPDX-License-Identifier: Apache-2.0 */
/* guards_cache.h - verdicts that still hold. Of what was asked it has a hash only. */
#ifndef EC_GUARDS_CACHE_H
#define EC_GUARDS_CACHE_H

#include "policy/declare/declare.h"

/* Of one session; past it the one goes that was not used for longest. */
#define GUARDS_CACHE_MAX 256u
#define GUARDS_KEY_LEN 32u

struct guards_cache {
	struct guards_kept {
		unsigned char key[GUARDS_KEY_LEN];
		uint64_t until_ns; /* 0: free */
		uint64_t used_ns;
		enum declare_said said;
		char categories[96];
	} at[GUARDS_CACHE_MAX];
};

/* Who is asked, and what. */
void guards_cache_key(const struct policy_guard *guard, const char *body,
		      unsigned char ret_key[GUARDS_KEY_LEN]);
/* False: not known. */
bool guards_cache_find(struct guards_cache *cache, const unsigned char *key, uint64_t now_ns,
		       struct declare_guarded *ret_verdict);
/* Keeps a verdict; a failure is none. */
void guards_cache_keep(struct guards_cache *cache, const unsigned char *key, uint64_t now_ns,
		       uint32_t cache_ms, const struct declare_guarded *verdict);

#endif
