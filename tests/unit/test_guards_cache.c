// SPDX-License-Identifier: Apache-2.0
/* Verdicts hold for a while; failures, and what was not used, do not. */
#include "guards_asked.h"
#include "user/guards/guards_cache.h"

TestSuite(guards_cache, .init = begin, .fini = finish, .timeout = 60);

Test(guards_cache, verdicts_hold_for_a_while_and_failures_do_not)
{
	guard.cache_ms = 60000;
	mock.status = 500;
	fails("{\"a\":1}", "500");
	mock.status = 0;
	cr_expect_eq(verdict("{\"a\":1}")->said, DECLARE_SAFE);
	cr_expect_eq(mock.asked, 2);
	mock.body = COMPLETION("\"unsafe\\nS2\"");
	cr_expect_eq(ask("{\"a\":1}"), 0);
	cr_expect_eq(told->said, DECLARE_SAFE);
	cr_expect(told->cached);
	cr_expect_str_eq(told->guard, "g");
	cr_expect_eq(verdict("{\"a\":2}")->said, DECLARE_UNSAFE);
	cr_expect_eq(ask("{\"a\":2}"), 0);
	cr_expect_str_eq(told->categories, "S2");
	cr_expect_eq(mock.asked, 3);
	guard.model = "another";
	cr_expect_eq(ask("{\"a\":1}"), 1, "another model, another verdict");
	wait_for(answers + 1);
	guard.model = "m";
	guard.cache_ms = 0;
}

Test(guards_cache, a_policy_may_want_to_ask_each_time)
{
	guard.cache_ms = 0;
	verdict("{}");
	verdict("{}");
	cr_expect_eq(mock.asked, 2);
}

Test(guards_cache, is_bounded_and_forgets_what_was_not_used)
{
	static struct guards_cache cache;
	struct declare_guarded said = { .said = DECLARE_SAFE }, found;
	unsigned char key[GUARDS_KEY_LEN] = { 0 };

	for (unsigned int i = 0; i < GUARDS_CACHE_MAX + 1; i++) {
		memcpy(key, &i, sizeof(i));
		if (i == GUARDS_CACHE_MAX) { /* the first is used again, the second is not */
			unsigned int first = 0;

			memcpy(key, &first, sizeof(first));
			cr_assert(guards_cache_find(&cache, key, 2000, &found));
			memcpy(key, &i, sizeof(i));
		}
		guards_cache_keep(&cache, key, 1000 + i, 1, &said);
	}
	for (unsigned int i = 0; i < GUARDS_CACHE_MAX + 1; i++) {
		memcpy(key, &i, sizeof(i));
		cr_expect_eq(guards_cache_find(&cache, key, 3000, &found), i != 1, "%u", i);
	}
	cr_expect_not(guards_cache_find(&cache, key, 2000000, &found));
}
