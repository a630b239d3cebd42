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

Test(arena, what_somebody_else_took_is_put_back)
{
	struct arena arena;
	uint32_t off;

	arena_init(&arena, 1000, 100);
	cr_assert_eq(arena_put(&arena, 1040, 20), 0);
	cr_assert_eq(arena_put(&arena, 1000, 10), 0);
	cr_assert_eq(arena_put(&arena, 1059, 1), -EINVAL);
	cr_assert_eq(arena_put(&arena, 1005, 10), -EINVAL);
	cr_assert_eq(arena_put(&arena, 1030, 20), -EINVAL);
	cr_assert_eq(arena_put(&arena, 999, 1), -EINVAL);
	cr_assert_eq(arena_put(&arena, 1090, 11), -EINVAL);
	cr_assert_eq(arena_put(&arena, 1100, 1), -EINVAL);
	cr_assert_eq(arena_put(&arena, 4294967295u, 2), -EINVAL);
	cr_assert_eq(arena_put(&arena, 1020, 0), -EINVAL);
	cr_assert_eq(arena_take(&arena, 30, &off), 0);
	cr_assert_eq(off, 1010);
	cr_assert_eq(arena_put(&arena, 1060, 40), 0);
	cr_assert_eq(arena_take(&arena, 1, &off), -ENOSPC);
}
