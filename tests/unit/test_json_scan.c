// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <string.h>

#include "user/json/json_scan.h"
#include "user/json/json_text.h"

static const struct json_watch watches[] = {
	{ "id", -1 }, { "method", -1 }, { "params", -1 }, { "name", 2 }, { "ask", -1 },
};

static struct json_scan scan;

static enum json_kind scan_text(const char *text)
{
	json_scan_init(&scan, watches, 5);
	json_scan_feed(&scan, text, strlen(text));
	return json_scan_finish(&scan);
}

/* The same, a byte at a time. */
static enum json_kind scan_bytes(const char *text)
{
	json_scan_init(&scan, watches, 5);
	for (; *text; text++)
		json_scan_feed(&scan, text, 1);
	return json_scan_finish(&scan);
}

static void expect_raw(int watch, const char *raw)
{
	const struct json_seen *seen = &scan.seen[watch];

	cr_expect_eq(seen->raw_len, strlen(raw), "%.*s", seen->raw_len, seen->raw);
	cr_expect_eq(memcmp(seen->raw, raw, seen->raw_len), 0);
}

Test(json_scan, accepts_valid_texts)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" {\t\"a\" :\r[ 1 , -2.5e+3,0.1E-2, true,false , null ]\n} ",
		"\"\"",
		"0",
		"-0",
		"12e3",
		"\"\\u00e4\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		"[[[[]]],{}]",
		"{\"a\":{\"b\":{}}}",
		"[\"\xff\x80\"]",
		"1.0",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_expect_gt(scan_text(texts[i]), JSON_INVALID, "%s", texts[i]);
		cr_expect_gt(scan_bytes(texts[i]), JSON_INVALID, "%s", texts[i]);
	}
}

Test(json_scan, rejects_invalid_texts)
{
	static const char *const texts[] = {
		"{",
		"}",
		"[1,]",
		"{\"a\":1,}",
		"{\"a\"}",
		"{a:1}",
		"[1 2]",
		"01",
		"1.",
		".1",
		"1e",
		"-",
		"+1",
		"tru",
		"nul",
		"True",
		"\"",
		"\"\\x\"",
		"\"\\u12g4\"",
		"\"\\u123\"",
		"\"\n\"",
		"{} {}",
		"{},",
		"[}",
		"{]",
		"'a'",
		"\xef\xbb\xbf{}",
		"{\"a\":1 \"b\":2}",
		"[,1]",
		"// c\n1",
		"1a",
		"\f1",
		"--1",
		"-Inf",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_expect_eq(scan_text(texts[i]), JSON_INVALID, "%s", texts[i]);
		cr_expect_eq(scan_bytes(texts[i]), JSON_INVALID, "%s", texts[i]);
	}
	cr_expect_eq(scan_text(" \t\r\n"), JSON_NONE);
	cr_expect_eq(scan_text(""), JSON_NONE);
}

Test(json_scan, says_where_it_became_invalid)
{
	scan_text("{\"a\":1,x}");
	cr_expect_eq(scan.offset, 7);
	cr_expect(json_scan_failed(&scan));
}

Test(json_scan, lets_nonfinite_numbers_through_and_reports_them)
{
	cr_expect_eq(scan_text("{\"a\":[NaN,Infinity,-Infinity]}"), JSON_OBJECT);
	cr_expect(scan.has_nonfinite);
}

Test(json_scan, keeps_watched_values_as_written)
{
	static const char text[] = "{ \"id\" : 1.50e1,\"x\":{\"id\":2,\"method\":\"no\"},"
				   "\"params\":{\"y\":{\"name\":1},\"name\":\"n\\u0061\"},"
				   "\"method\":\"tools\\/call\"}";

	for (int bytes = 0; bytes < 2; bytes++) {
		cr_expect_eq(bytes ? scan_bytes(text) : scan_text(text), JSON_OBJECT);
		expect_raw(0, "1.50e1");
		expect_raw(1, "\"tools\\/call\"");
		cr_expect_eq(scan.seen[2].kind, JSON_OBJECT);
		expect_raw(3, "\"n\\u0061\"");
		cr_expect_eq(scan.seen[0].count, 1);
		cr_expect_eq(scan.seen[3].count, 1);
	}
}

Test(json_scan, sees_keys_through_escapes_case_and_repetition)
{
	scan_text("{\"\\u0069d\":1,\"id\":2}");
	cr_expect_eq(scan.seen[0].count, 2);
	cr_expect_not(scan.seen[0].folded);
	expect_raw(0, "2");
	scan_text("{\"ID\":1}");
	cr_expect(scan.seen[0].folded);
	scan_text("{\"param\xc5\xbf\":{\"name\":1},\"as\xe2\x84\xaa\":1,\"a\\u017f\\u212a\":2}");
	cr_expect(scan.seen[2].folded);
	cr_expect_eq(scan.seen[3].count, 1);
	cr_expect_eq(scan.seen[4].count, 2);
}

Test(json_scan, knows_keys_only_at_their_place)
{
	scan_text("[{\"id\":1}]");
	cr_expect_eq(scan.seen[0].count, 0);
	scan_text("{\"params\":[{\"name\":1}],\"other\":{\"name\":1},\"name\":2}");
	cr_expect_eq(scan.seen[3].count, 0);
}

Test(json_scan, bounds_what_it_keeps)
{
	char text[1024] = "{\"id\":\"";

	memset(text + 7, 'a', 600);
	strcpy(text + 607, "\"}");
	cr_expect_eq(scan_text(text), JSON_OBJECT);
	cr_expect(scan.seen[0].cut);
	cr_expect_eq(scan.seen[0].raw_len, JSON_SCAN_VALUE_MAX);
}

Test(json_scan, counts_past_the_depth_it_tracks)
{
	char text[4096] = "{\"id\":1,\"x\":";
	size_t len = strlen(text);

	memset(text + len, '[', 700);
	strcpy(text + len + 700, "\"]\\\"]\"");
	len = strlen(text);
	memset(text + len, ']', 700);
	strcpy(text + len + 700, ",\"method\":\"m\"}");
	cr_expect_eq(scan_text(text), JSON_OBJECT);
	cr_expect(scan.deep);
	expect_raw(1, "\"m\"");
}

Test(json_scan, reports_nul)
{
	scan_text("[\"\\u0001\"]");
	cr_expect_not(scan.has_nul);
	scan_text("[\"a\\u0000\"]");
	cr_expect(scan.has_nul);
}

Test(json_text, decodes_escapes)
{
	char buf[16];
	size_t len;

	cr_expect_eq(json_text_decode("\"\\ud83d\\ude00\\n\"", 16, buf, sizeof(buf), &len), 0);
	cr_expect_str_eq(buf, "\xf0\x9f\x98\x80\n");
	cr_expect_eq(json_text_decode("\"\\ud83dx\"", 9, buf, sizeof(buf), &len), 0);
	cr_expect_str_eq(buf, "\xed\xa0\xbdx");
	cr_expect_eq(json_text_decode("\"a\\u0000b\"", 10, buf, sizeof(buf), &len), 0);
	cr_expect_eq(len, 3);
	cr_expect_lt(json_text_decode("1", 1, buf, sizeof(buf), &len), 0);
	cr_expect_lt(json_text_decode("\"0123456789abcdef\"", 18, buf, sizeof(buf), &len), 0);
}
