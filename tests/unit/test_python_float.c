// SPDX-License-Identifier: Apache-2.0
/* Doubles as Python's repr writes them. */
#include <criterion/criterion.h>
#include <math.h>

#include "user/evidence/python_text.h"

static void is(double number, const char *want)
{
	char text[PYTHON_NUMBER_MAX];

	python_float(number, text);
	cr_assert_str_eq(text, want);
}

Test(python_float, whole_numbers_have_a_point)
{
	is(0, "0.0");
	is(-0.0, "-0.0");
	is(1, "1.0");
	is(100, "100.0");
	is(-12, "-12.0");
	is(9007199254740993.0, "9007199254740992.0");
	is(1e15, "1000000000000000.0");
}

Test(python_float, the_shortest_digits_that_come_back)
{
	is(0.1, "0.1");
	is(0.1 + 0.2, "0.30000000000000004");
	is(472245.2435761166, "472245.2435761166");
	is(116.123, "116.123");
	is(1.0 / 3, "0.3333333333333333");
	is(5e-324, "5e-324");
	is(1.7976931348623157e308, "1.7976931348623157e+308");
}

Test(python_float, exponents_begin_where_pythons_do)
{
	is(0.0001, "0.0001");
	is(0.00012345, "0.00012345");
	is(0.00001, "1e-05");
	is(1e-7, "1e-07");
	is(1.5e-10, "1.5e-10");
	is(1e16, "1e+16");
	is(123456789012345680.0, "1.2345678901234568e+17");
	is(-1e22, "-1e+22");
	is(1e100, "1e+100");
}

Test(python_float, what_json_has_no_word_for)
{
	is(NAN, "NaN");
	is(INFINITY, "Infinity");
	is(-INFINITY, "-Infinity");
}
