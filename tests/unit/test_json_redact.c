// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/pii/pii.h"
#include "user/json/json_redact.h"

static struct pii *pii;

static void set_up(void)
{
	const struct pii_options options = { PII_ALL, PII_PLACEHOLDER };

	cr_assert_eq(pii_new(&options, &pii), 0);
}

static void tear_down(void)
{
	pii_free(pii);
}

TestSuite(json_redact, .init = set_up, .fini = tear_down);

/* want NULL: the text may stand as it is. */
static void becomes_if(const char *text, bool (*stays)(const struct json_place *, struct json_span),
		       const char *want, size_t want_count)
{
	char *copy = strdup(text), *got;
	size_t len, count;

	cr_assert_eq(json_redact(pii, copy, strlen(copy), stays, &got, &len, &count), 0);
	cr_expect_eq(count, want_count, "%s: %zu", text, count);
	if (want)
		cr_expect(got && len == strlen(want) && !strcmp(got, want), "%s\nis %s", text,
			  got ? got : "as it was");
	else
		cr_expect_null(got, "%s", got);
	free(got);
	free(copy);
}

static void becomes(const char *text, const char *want, size_t count)
{
	becomes_if(text, NULL, want, count);
}

Test(json_redact, leaves_every_other_byte)
{
	becomes(" { \"a\" :\t[ 1e400 , 12345678901234567890.50, \"x\\u0041\\/\", NaN,null ] }\r",
		NULL, 0);
	becomes(" { \"a\" :\t[ 1e400 , 12345678901234567890.50, "
		"\"x\\u0041\\/\",\"m@x.example.com\" "
		"] }\r",
		" { \"a\" :\t[ 1e400 , 12345678901234567890.50, \"x\\u0041\\/\",\"<EMAIL>\" ] }\r",
		1);
}

Test(json_redact, finds_values_names_and_values_by_their_names)
{
	becomes("\"m@x.example.com\"", "\"<EMAIL>\"", 1);
	becomes("{\"m@x.example.com\":{\"n@x.example.com\":1},\"o@x.example.com\":[],\"p\":"
		"\"q@x.example.com\"}",
		"{\"<EMAIL>\":{\"<EMAIL>\":1},\"<EMAIL> #2\":[],\"p\":\"<EMAIL>\"}", 4);
	becomes("{\"api_key\":\"Zm9vYmFyMTIzNDU2Nzg5\",\"x\":[\"Zm9vYmFyMTIzNDU2Nzg5\"]}",
		"{\"api_key\":\"<GENERIC_API_KEY>\",\"x\":[\"Zm9vYmFyMTIzNDU2Nzg5\"]}", 1);
	becomes("{\"\\u0061pi_key\":\"Zm9vYmFyMTIzNDU2Nzg\\u0035\"}",
		"{\"\\u0061pi_key\":\"<GENERIC_API_KEY>\"}", 1);
}

Test(json_redact, reads_what_escapes_say)
{
	becomes("[\"m\\u0040x.example.com\",\"a\\nm@x.example.com\\t\\\"\\\\\\u0000\\ud800z\"]",
		"[\"<EMAIL>\",\"a\\u000a<EMAIL>\\u0009\\\"\\\\\\u0000\\ud800z\"]", 2);
	becomes("[\"one\\u0000AKIAIOSFODNN7EXAMPLE\"]", "[\"one\\u0000<AWS_ACCESS_KEY>\"]", 1);
	/* a text within the text */
	becomes("{\"text\":\"{\\\"mail\\\": \\\"m@x.example.com\\\"}\"}",
		"{\"text\":\"{\\\"mail\\\": \\\"<EMAIL>\\\"}\"}", 1);
}

static bool stays(const struct json_place *place, struct json_span value)
{
	return json_place_is(place, "a/+/b") || (json_place_is(place, "id") && value.len < 20);
}

Test(json_redact, leaves_the_places_that_it_is_told)
{
	becomes_if("{\"id\":\"m@x.example.com\",\"a\":[{\"\\u0062\":[\"m@x.example.com\"],\"c\":"
		   "\"m@x.example.com\"}],\"b\":\"m@x.example.com\"}",
		   stays,
		   "{\"id\":\"m@x.example.com\",\"a\":[{\"\\u0062\":[\"m@x.example.com\"],\"c\":"
		   "\"<EMAIL>\"}],\"b\":\"<EMAIL>\"}",
		   2);
	becomes_if("{\"id\":\"mm@longer.example.com\",\"a\":{\"x\":{\"b\":\"m@x.example.com\"}}}",
		   stays, "{\"id\":\"<EMAIL>\",\"a\":{\"x\":{\"b\":\"<EMAIL>\"}}}", 2);
}

Test(json_redact, says_when_it_is_too_deep)
{
	char text[2 * 600 + 32], *got;
	size_t len, count;

	memset(text, '[', 600);
	strcpy(text + 600, "\"m@x.example.com\"");
	len = strlen(text);
	memset(text + len, ']', 600);
	cr_expect_eq(json_redact(pii, text, len + 600, NULL, &got, &len, &count), -E2BIG);
	len = strlen("[[]]");
	cr_expect_eq(json_redact(pii, "[[]]", len, NULL, &got, &len, &count), 0);
}

/* The trail redacts what the gateway has redacted. */
Test(json_redact, what_is_redacted_stays_so)
{
	static const char text[] =
		"{\"api_key\":\"Zm9vYmFyMTIzNDU2Nzg5\",\"m@x.example.com\":\"078-05-1120\",\"t\":"
		"\"password=Zm9vYmFyMTIzNDU2Nzg5 Bearer abcdefghijklmnopqrst1234567890\"}";

	for (int strategy = PII_PLACEHOLDER; strategy <= PII_REMOVE; strategy++) {
		const struct pii_options options = { PII_ALL, (enum pii_strategy)strategy };
		size_t len, again_len, count;
		char *got, *again;
		struct pii *other;

		cr_assert_eq(pii_new(&options, &other), 0);
		cr_assert_eq(json_redact(other, text, strlen(text), NULL, &got, &len, &count), 0);
		cr_expect_geq(count, 4);
		cr_assert_eq(json_redact(other, got, len, NULL, &again, &again_len, &count), 0);
		cr_expect_eq(count, 0, "%s\n%s", got, again ? again : "");
		struct cJSON *json = cJSON_Parse(got);

		cr_assert_not_null(json);
		cr_assert_eq(pii_redact_json(other, json, &count), 0);
		cr_expect_eq(count, 0);
		cJSON_Delete(json);
		free(again);
		free(got);
		pii_free(other);
	}
}

Test(json_redact, spans_are_found_where_they_stand)
{
	static const char text[] =
		" { \"a\" : {\"b\":[1,\"}\\\"\"] , \"c\": tru } , \"\\u0062\":-1.5, \"b\" : 2}";
	struct json_span top = json_span_value(text, strlen(text));
	struct json_span a = json_span_member(top, "a");

	cr_expect(json_span_is(json_span_member(a, "b"), "[1,\"}\\\"\"]"));
	cr_expect(json_span_is(json_span_member(a, "c"), "tru"));
	cr_expect(json_span_is(json_span_member(top, "b"), "2"));
	cr_expect_null(json_span_member(top, "x").text);
	cr_expect_null(json_span_member(json_span_member(top, "b"), "x").text);
	cr_expect_null(json_span_value("  ", 2).text);
}
