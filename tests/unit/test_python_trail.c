// SPDX-License-Identifier: Apache-2.0
/* Against lines that the Python version wrote (tests/unit/python_trail.jsonl). */
#include <errno.h>
#include <math.h>

#include "trail_file.h"
#include "user/evidence/python_text.h"
#include "user/evidence/python_trail.h"

#define SAMPLE "tests/unit/python_trail.jsonl"
/* As one before 1.6 wrote it: no tenant_id. Hashed with Python's hashlib. */
#define OLD "tests/unit/python_trail_old.jsonl"

TestSuite(python_trail, .init = make_folder, .fini = remove_folder);

static int verify_text(const char *text, size_t len, struct python_report *report)
{
	write_file(trail_path, text, len);
	return python_trail_verify(trail_path, report);
}

Test(python_trail, what_python_wrote_holds)
{
	struct python_report report;

	cr_assert_eq(python_trail_verify(SAMPLE, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 3);
	cr_expect_eq(report.extra, 0);
	cr_expect_eq(report.untenanted, 0);
}

Test(python_trail, what_an_older_one_wrote_holds)
{
	struct python_report report;

	cr_assert_eq(python_trail_verify(OLD, &report), 0, "%s", report.reason);
	cr_expect_eq(report.lines, 3);
	cr_expect_eq(report.untenanted, 3);
}

/* Also where the value stays what it was: the seventeenth digit, a capital letter. */
Test(python_trail, every_flipped_bit_is_found)
{
	char head[65] = "";
	struct python_report report = { 0 };
	size_t len;
	char *text = read_file(SAMPLE, &len), *second = strchr(text, '\n') + 1;
	char *third = strchr(second, '\n') + 1;

	cr_assert_null(python_trail_line(text, (size_t)(second - text) - 1, head, &report));
	for (char *at = second; at < third - 1; at++)
		for (int bit = 0; bit < 8; bit++) {
			char now[65];

			memcpy(now, head, sizeof(now));
			*at ^= 1 << bit;
			cr_assert_not_null(python_trail_line(second, (size_t)(third - second) - 1,
							     now, &report),
					   "byte %td bit %d", at - second, bit);
			*at ^= 1 << bit;
		}
	free(text);
}

Test(python_trail, removed_and_swapped_lines_are_named)
{
	struct python_report report;
	size_t len;
	char *text = read_file(SAMPLE, &len), both[8192];
	char *second = strchr(text, '\n') + 1, *third = strchr(second, '\n') + 1;
	int first_len = (int)(second - text), second_len = (int)(third - second);

	snprintf(both, sizeof(both), "%.*s%s", first_len, text, third);
	cr_assert_eq(verify_text(both, strlen(both), &report), -EBADMSG);
	cr_expect_eq(report.bad_line, 2);
	snprintf(both, sizeof(both), "%.*s%s%.*s", first_len, text, third, second_len, second);
	cr_assert_eq(verify_text(both, strlen(both), &report), -EBADMSG);
	cr_expect_eq(report.bad_line, 2);
	cr_assert_eq(verify_text(second, strlen(second), &report), -EBADMSG);
	cr_expect_eq(report.bad_line, 1);
	free(text);
}

Test(python_trail, a_torn_line_is_told_apart)
{
	struct python_report report;
	size_t len;
	char *text = read_file(SAMPLE, &len);

	cr_assert_eq(verify_text(text, len - 20, &report), 0);
	cr_expect_eq(report.lines, 2);
	cr_expect_gt(report.torn_len, 0);
	cr_assert_eq(verify_text(text, len - 1, &report), 0);
	cr_expect_eq(report.lines, 3);
	cr_expect_eq(report.torn_len, 0);
	free(text);
}

/* The same values, written otherwise: its own verifier reads values, and so do we. */
Test(python_trail, order_and_white_space_do_not_count)
{
	struct python_report report;
	size_t len;
	char *text = read_file(SAMPLE, &len), *newline = strchr(text, '\n');
	char other[4096];

	snprintf(other, sizeof(other), " {  \"other\" : [1,{\"call_id\":2}], %.*s\n",
		 (int)(newline - text - 1), text + 1);
	cr_assert_eq(verify_text(other, strlen(other), &report), 0, "%s", report.reason);
	cr_expect_eq(report.extra, 1);
	/* but twice is not once */
	snprintf(other, sizeof(other), "{\"decision\":\"allowed\",%.*s\n",
		 (int)(newline - text - 1), text + 1);
	cr_assert_eq(verify_text(other, strlen(other), &report), -EBADMSG);
	free(text);
}

Test(python_trail, floats_are_written_as_python_does)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{ 0.0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1e-7, "1e-07" },
		{ 472245.2435761166, "472245.2435761166" },
		{ 0.0001, "0.0001" },
		{ 0.00001, "1e-05" },
		{ 1e15, "1000000000000000.0" },
		{ 1e16, "1e+16" },
		{ 123456789.125, "123456789.125" },
		{ 1.5e300, "1.5e+300" },
		{ 5e-324, "5e-324" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 0x1p-1017, "7.120236347223045e-307" },
		{ INFINITY, "Infinity" },
	};
	char text[PYTHON_NUMBER_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		python_float(cases[i].number, text);
		cr_expect_str_eq(text, cases[i].text);
	}
}

Test(python_trail, strings_are_ascii)
{
	static const char raw[] = "\"a/\\u00e4\xc3\xa4\xf0\x9f\x94\x92\\ud83d\\n\x7f\"";
	char text[6 * sizeof(raw)];
	size_t len = python_string(raw, sizeof(raw) - 1, text);

	text[len] = '\0';
	cr_expect_str_eq(text, "\"a/\\u00e4\\u00e4\\ud83d\\udd12\\ud83d\\n\\u007f\"");
	cr_expect_eq(python_string("\"\xff\"", 3, text), 0);
	cr_expect_eq(python_string("\"\\/\"", 4, text), 0);
	cr_expect_eq(python_string("\"\\u00E4\"", 8, text), 0);
}

Test(python_trail, numbers_are_written_as_python_does)
{
	static const char *const as[] = { "0",
					  "-1",
					  "12345678901234567890123",
					  "0.0",
					  "-0.0",
					  "1e-07",
					  "472245.2435761166",
					  "0.0001",
					  "1.5e+300",
					  "1000000000000000.0",
					  "0.30000000000000004",
					  "1e+16",
					  "7.120236347223045e-307",
					  "0.00012345678901234567" };
	static const char *const not_as[] = {
		"-0",	 "1.10",     "1e7",	"1e-7",
		"1E-07", "1.0e-07",  "0.00001", "0.123456789012345678",
		"1e+15", "10.0e+20", "1e-04",	"1e+016",
		"0e+16"
	};

	for (size_t i = 0; i < sizeof(as) / sizeof(as[0]); i++)
		cr_expect(python_number(as[i], strlen(as[i])), "%s", as[i]);
	for (size_t i = 0; i < sizeof(not_as) / sizeof(not_as[0]); i++)
		cr_expect_not(python_number(not_as[i], strlen(not_as[i])), "%s", not_as[i]);
}
