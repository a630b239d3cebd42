// SPDX-License-Identifier: Apache-2.0
#include "guards_cache.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void add(crypto_hash_sha256_state *state, const char *text)
{
	/* with its NUL: no two lists of texts are the same bytes */
	crypto_hash_sha256_update(state, (const unsigned char *)text, strlen(text) + 1);
}

void guards_cache_key(const struct policy_guard *guard, const char *body,
		      unsigned char ret_key[GUARDS_KEY_LEN])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	add(&state, guard->url);
	add(&state, guard->protocol == POLICY_GUARD_NEMO ? "nemo" : "llamaguard");
	add(&state, guard->ca_file ?: "");
	add(&state, body);
	crypto_hash_sha256_final(&state, ret_key);
}

bool guards_cache_find(struct guards_cache *cache, const unsigned char *key, uint64_t now_ns,
		       struct declare_guarded *ret_verdict)
{
	for (size_t i = 0; i < GUARDS_CACHE_MAX; i++) {
		struct guards_kept *kept = &cache->at[i];

		if (kept->until_ns <= now_ns || memcmp(kept->key, key, GUARDS_KEY_LEN))
			continue;
		kept->used_ns = now_ns;
		ret_verdict->said = kept->said;
		ret_verdict->cached = true;
		ret_verdict->why[0] = '\0';
		snprintf(ret_verdict->categories, sizeof(ret_verdict->categories), "%s",
			 kept->categories);
		return true;
	}
	return false;
}

/* That key's own place, a free one, or the one that was not used for longest. */
static struct guards_kept *place(struct guards_cache *cache, const unsigned char *key,
				 uint64_t now_ns)
{
	struct guards_kept *best = &cache->at[0];

	for (size_t i = 0; i < GUARDS_CACHE_MAX; i++) {
		struct guards_kept *kept = &cache->at[i];

		if (kept->until_ns && !memcmp(kept->key, key, GUARDS_KEY_LEN))
			return kept;
		if (kept->until_ns <= now_ns)
			kept->until_ns = kept->used_ns = 0;
		if (kept->used_ns < best->used_ns)
			best = kept;
	}
	return best;
}

void guards_cache_keep(struct guards_cache *cache, const unsigned char *key, uint64_t now_ns,
		       uint32_t cache_ms, const struct declare_guarded *verdict)
{
	struct guards_kept *kept;

	if (!cache_ms || (verdict->said != DECLARE_SAFE && verdict->said != DECLARE_UNSAFE))
		return;
	kept = place(cache, key, now_ns);
	memcpy(kept->key, key, GUARDS_KEY_LEN);
	kept->until_ns = now_ns + cache_ms * 1000000ull;
	kept->used_ns = now_ns;
	kept->said = verdict->said;
	snprintf(kept->categories, sizeof(kept->categories), "%s", verdict->categories);
}
