// SPDX-License-Identifier: Apache-2.0
#include "name_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000ull

struct entry {
	struct entry *next; /* of the same bucket */
	uint64_t expires_ns;
	uint16_t type;
	char name[DNS_NAME_SIZE];
	struct dns_answer answer;
};

#define BUCKETS 64u

struct name_cache {
	struct entry *buckets[BUCKETS];
	size_t len;
};

int name_cache_new(struct name_cache **ret_cache)
{
	*ret_cache = calloc(1, sizeof(**ret_cache));
	return *ret_cache ? 0 : -ENOMEM;
}

static void drop(struct name_cache *cache, struct entry **at)
{
	struct entry *entry = *at;

	*at = entry->next;
	free(entry);
	cache->len--;
}

void name_cache_clear(struct name_cache *cache)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (cache->buckets[i])
			drop(cache, &cache->buckets[i]);
}

void name_cache_free(struct name_cache *cache)
{
	if (!cache)
		return;
	name_cache_clear(cache);
	free(cache);
}

static struct entry **bucket_of(struct name_cache *cache, const char *name, uint16_t type)
{
	uint32_t hash = 2166136261u ^ type; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return &cache->buckets[hash % BUCKETS];
}

/* Where it is, or where the bucket ends; what has expired goes. */
static struct entry **find(struct name_cache *cache, const char *name, uint16_t type,
			   uint64_t now_ns)
{
	struct entry **at = bucket_of(cache, name, type);

	while (*at) {
		if ((*at)->expires_ns <= now_ns) {
			drop(cache, at);
			continue;
		}
		if ((*at)->type == type && !strcmp((*at)->name, name))
			break;
		at = &(*at)->next;
	}
	return at;
}

static void make_room(struct name_cache *cache)
{
	struct entry **first = NULL;

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct entry **at = &cache->buckets[i]; *at; at = &(*at)->next)
			if (!first || (*at)->expires_ns < (*first)->expires_ns)
				first = at;
	if (first)
		drop(cache, first);
}

void name_cache_put(struct name_cache *cache, const char *name, uint16_t type,
		    const struct dns_answer *answer, uint64_t now_ns)
{
	uint32_t ttl = answer->addresses_len ? answer->ttl : NAME_TTL_NONE_S;
	struct entry **at = find(cache, name, type, now_ns), *entry;

	if (*at)
		drop(cache, at);
	if (!ttl || strlen(name) > DNS_NAME_MAX)
		return;
	if (cache->len == NAME_CACHE_MAX)
		make_room(cache);
	entry = malloc(sizeof(*entry));
	if (!entry)
		return;
	if (ttl > NAME_TTL_MAX_S)
		ttl = NAME_TTL_MAX_S;
	entry->expires_ns = now_ns + ttl * SECOND_NS;
	entry->type = type;
	strcpy(entry->name, name);
	entry->answer = *answer;
	/* the room may have been made in this bucket: its start is where it was */
	at = bucket_of(cache, name, type);
	entry->next = *at;
	*at = entry;
	cache->len++;
}

const struct dns_answer *name_cache_find(struct name_cache *cache, const char *name, uint16_t type,
					 uint64_t now_ns)
{
	struct entry *entry = *find(cache, name, type, now_ns);

	if (!entry)
		return NULL;
	entry->answer.ttl = (uint32_t)((entry->expires_ns - now_ns + SECOND_NS - 1) / SECOND_NS);
	return &entry->answer;
}
