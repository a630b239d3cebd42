// SPDX-License-Identifier: Apache-2.0
/* The list of one state: the first rule of a class, id and operation. */
#include <criterion/criterion.h>

#include "policy/automaton/accept.h"

#define E EC_ACCEPT

Test(accept, keeps_the_first_rule_of_each_operation)
{
	uint64_t list[] = { E(2, 3, 0, 9), E(2, 1, 0, 4), E(2, 6, 0, 7) };

	cr_assert_eq(accept_reduce(list, 3), 2);
	cr_assert_eq(list[0], E(2, 1, 0, 4));
	cr_assert_eq(list[1], E(2, 6, 0, 7));
}

Test(accept, keeps_classes_and_ids_apart)
{
	uint64_t list[] = { E(4, 1, 2, 5), E(4, 1, 1, 6), E(5, 1, 1, 7), E(4, 1, 2, 8) };

	cr_assert_eq(accept_reduce(list, 4), 3);
	cr_assert_eq(list[0], E(4, 1, 2, 5));
	cr_assert_eq(list[1], E(4, 1, 1, 6));
	cr_assert_eq(list[2], E(5, 1, 1, 7));
}

Test(accept, joins_the_operations_of_one_rule)
{
	uint64_t list[] = { E(5, 6, 1, 3), E(5, 1, 1, 3), E(5, 1, 1, 3) };

	cr_assert_eq(accept_reduce(list, 3), 1);
	cr_assert_eq(list[0], E(5, 7, 1, 3));
}

Test(accept, quiet_is_baseline_without_never)
{
	uint64_t read = E(EC_CLASS_BASELINE, 1, 0, 1), write = E(EC_CLASS_WRITABLE, 2, 0, 2);
	uint64_t list[] = { read, write, E(EC_CLASS_TOOL, 4, 1, 3), E(EC_CLASS_NEVER, 1, 0, 4) };

	cr_assert_eq(accept_quiet(list, 1), (1u | EC_OP_BIT(EC_OP_LOAD)) << 8);
	cr_assert_eq(accept_quiet(list, 3), 1u << 8);
	cr_assert_eq(accept_quiet(list, 4), 0);
	cr_assert_eq(accept_quiet(list, 0), 0);
}
