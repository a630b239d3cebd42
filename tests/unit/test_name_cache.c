// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "user/resolver/name_cache.h"

#define SECOND 1000000000ull

static struct name_cache *cache;
static struct dns_answer answer;

static void begin(void)
{
	name_cache_new(&cache);
	memset(&answer, 0, sizeof(answer));
	answer.addresses_len = 1;
	answer.ttl = 60;
}

static void end(void)
{
	name_cache_free(cache);
}

TestSuite(name_cache, .init = begin, .fini = end);

Test(name_cache, keeps_for_the_time_to_live)
{
	const struct dns_answer *found;

	name_cache_put(cache, "a.org", DNS_A, &answer, 100 * SECOND);
	cr_assert_null(name_cache_find(cache, "a.org", DNS_AAAA, 100 * SECOND));
	cr_assert_null(name_cache_find(cache, "b.org", DNS_A, 100 * SECOND));
	found = name_cache_find(cache, "a.org", DNS_A, 110 * SECOND);
	cr_assert(found);
	cr_assert_eq(found->ttl, 50);
	found = name_cache_find(cache, "a.org", DNS_A, 160 * SECOND - 1);
	cr_assert(found);
	cr_assert_eq(found->ttl, 1);
	cr_assert_null(name_cache_find(cache, "a.org", DNS_A, 160 * SECOND));
}

Test(name_cache, the_latest_counts)
{
	name_cache_put(cache, "a.org", DNS_A, &answer, 0);
	answer.addresses[0][15] = 9;
	name_cache_put(cache, "a.org", DNS_A, &answer, SECOND);
	cr_assert_eq(name_cache_find(cache, "a.org", DNS_A, 2 * SECOND)->addresses[0][15], 9);
	answer.ttl = 0;
	name_cache_put(cache, "a.org", DNS_A, &answer, SECOND);
	cr_assert_null(name_cache_find(cache, "a.org", DNS_A, 2 * SECOND));
}

Test(name_cache, no_answer_is_kept_shortly_and_none_for_long)
{
	struct dns_answer none = { .rcode = DNS_NXDOMAIN };

	name_cache_put(cache, "a.org", DNS_A, &none, 0);
	cr_assert_eq(name_cache_find(cache, "a.org", DNS_A, SECOND)->rcode, DNS_NXDOMAIN);
	cr_assert_null(name_cache_find(cache, "a.org", DNS_A, NAME_TTL_NONE_S * SECOND));
	answer.ttl = 1000000;
	name_cache_put(cache, "b.org", DNS_A, &answer, 0);
	cr_assert_eq(name_cache_find(cache, "b.org", DNS_A, 0)->ttl, NAME_TTL_MAX_S);
}

Test(name_cache, the_first_to_expire_makes_room)
{
	char name[32];

	for (unsigned int i = 0; i < 4 * NAME_CACHE_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.org", i);
		answer.ttl = 100 + i;
		name_cache_put(cache, name, DNS_A, &answer, 0);
	}
	for (unsigned int i = 0; i < 4 * NAME_CACHE_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.org", i);
		cr_assert_eq(!!name_cache_find(cache, name, DNS_A, 0), i >= 3 * NAME_CACHE_MAX,
			     "%u", i);
	}
}
