// SPDX-License-Identifier: Apache-2.0
/*
 * The resolver's cache, against a list that does the same slowly: what is put,
 * asked for and forgotten, three bytes a step.
 *
 * 1. What is found is what was put last, and has not expired.
 * 2. What is not found was never there or has expired, unless there was once more than
 *    the cache has room for.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "claim.h"
#include "user/resolver/name_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECOND 1000000000ull
#define NAMES 1024u

/* Of each name and type: until when, and what the address ends with. */
struct known {
	uint64_t expires_ns;
	uint8_t mark;
	bool there;
};
static struct known known[NAMES][2];
static struct name_cache *cache;
static uint64_t now;
static size_t there; /* how many of them are, as far as was looked */
static bool was_full;

static uint16_t type_of(unsigned int which)
{
	return which ? DNS_AAAA : DNS_A;
}

static void put(unsigned int n, unsigned int which, uint8_t ttl, uint8_t mark)
{
	static struct dns_answer answer;
	struct known *k = &known[n][which];
	char name[DNS_NAME_SIZE];

	memset(&answer, 0, sizeof(answer));
	answer.addresses_len = ttl ? 1 : 0; /* without: kept for a little while */
	answer.ttl = ttl;
	answer.addresses[0][15] = mark;
	snprintf(name, sizeof(name), "n%u.org", n);
	name_cache_put(cache, name, type_of(which), &answer, now);
	k->expires_ns = now + (ttl ? ttl : NAME_TTL_NONE_S) * SECOND;
	k->mark = mark;
	there += !k->there;
	k->there = true;
	was_full |= there > NAME_CACHE_MAX;
}

static void find(unsigned int n, unsigned int which)
{
	struct known *k = &known[n][which];
	const struct dns_answer *answer;
	char name[DNS_NAME_SIZE];

	snprintf(name, sizeof(name), "n%u.org", n);
	answer = name_cache_find(cache, name, type_of(which), now);
	if (!answer) {
		CLAIM(!k->there || k->expires_ns <= now || was_full);
		there -= k->there;
		k->there = false;
		return;
	}
	CLAIM(k->there && k->expires_ns > now);
	CLAIM(answer->addresses[0][15] == k->mark);
	CLAIM(answer->ttl == (k->expires_ns - now + SECOND - 1) / SECOND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(known, 0, sizeof(known));
	now = SECOND;
	there = 0;
	was_full = false;
	CLAIM(name_cache_new(&cache) == 0);
	for (size_t i = 0; i + 3 <= size; i += 3) {
		unsigned int n = (data[i] >> 3 | data[i + 1] << 5) % NAMES,
			     which = data[i] >> 2 & 1;

		switch (data[i] & 3) {
		case 0:
			put(n, which, data[i + 2], (uint8_t)i);
			break;
		case 1:
			find(n, which);
			break;
		case 2:
			now += (uint64_t)data[i + 2] * SECOND / 8;
			break;
		case 3:
			/* many at once, to fill it */
			for (unsigned int j = 0; j < data[i + 2]; j++)
				put((n + j) % NAMES, which, (uint8_t)(data[i + 1] | 1), (uint8_t)j);
			break;
		}
	}
	for (unsigned int n = 0; n < NAMES * 2; n++)
		find(n / 2, n % 2);
	name_cache_free(cache);
	return 0;
}
