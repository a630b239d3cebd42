// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <errno.h>

#include "user/sensor/arena.h"

Test(arena, pieces_do_not_overlap_and_gaps_are_found)
{
	struct arena arena;
	uint32_t a, b, c, d;

	arena_init(&arena, 1000, 100);
	cr_assert_eq(arena_take(&arena, 40, &a), 0);
	cr_assert_eq(arena_take(&arena, 40, &b), 0);
	cr_assert_eq(arena_take(&arena, 40, &c), -ENOSPC);
	cr_assert_eq(arena_take(&arena, 20, &c), 0);
	cr_assert(a == 1000 && b == 1040 && c == 1080);
	arena_give(&arena, b);
	cr_assert_eq(arena_take(&arena, 41, &d), -ENOSPC);
	cr_assert_eq(arena_take(&arena, 40, &d), 0);
	cr_assert_eq(d, b);
}

Test(arena, holds_no_more_pieces_than_calls)
{
	struct arena arena;
	uint32_t off;

	arena_init(&arena, 512, 10000);
	for (unsigned int i = 0; i < EC_MAX_CALLS; i++)
		cr_assert_eq(arena_take(&arena, 1, &off), 0);
	cr_assert_eq(arena_take(&arena, 1, &off), -EMFILE);
	arena_give(&arena, off);
	cr_assert_eq(arena_take(&arena, 1, &off), 0);
}

Test(arena, giving_what_is_not_there_changes_nothing)
{
	struct arena arena;
	uint32_t off;

	arena_init(&arena, 512, 10);
	cr_assert_eq(arena_take(&arena, 10, &off), 0);
	arena_give(&arena, off + 1);
	cr_assert_eq(arena_take(&arena, 1, &off), -ENOSPC);
}
