// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>

#include "pii_text.h"

static void redacts(enum pii_strategy strategy, const char *text, const char *want,
		    size_t want_count)
{
	struct pii *pii = pii_of(PII_ALL, strategy);
	size_t count;
	char *got = pii_redacted(pii, text, &count);

	cr_expect_str_eq(got, want);
	cr_expect_eq(count, want_count, "%s: %zu", text, count);
	free(got);
	pii_free(pii);
}

Test(pii_redact, writes_a_placeholder)
{
	redacts(PII_PLACEHOLDER, "a@b.co, 123-45-6789 and 10.0.0.1",
		"<EMAIL>, <SSN> and <IP_ADDRESS>", 3);
	redacts(PII_PLACEHOLDER, "https://u:p@h.example/", "https://<PASSWORD_IN_URL>@h.example/",
		1);
}

Test(pii_redact, masks_without_telling_a_length)
{
	redacts(PII_MASK, "a@b.co 4111111111111111", "****@****.*** ****-****-****-****", 2);
	redacts(PII_MASK, "555-123-4567 123-45-6789 10.0.0.1",
		"***-***-**** ***-**-**** ***.***.***.***", 3);
	redacts(PII_MASK, "Host=h;Pwd=secret;", "Host=h;Pwd=********;", 1);
	redacts(PII_MASK, "https://u:p@h.example/", "https://********@h.example/", 1);
}

Test(pii_redact, hashes_what_was_written)
{
	redacts(PII_HASH, "john@example.com", "[SHA256:855f96e983f1f8e8]", 1);
	redacts(PII_HASH, "https://u:p@h.example/", "https://[SHA256:fd8f314419e0a57e]@h.example/",
		1);
}

Test(pii_redact, removes)
{
	redacts(PII_REMOVE, "to a@b.co.", "to .", 1);
}

Test(pii_redact, leaves_nothing_that_removing_uncovers)
{
	redacts(PII_REMOVE,
		"12-----BEGIN PRIVATE "
		"KEY-----AA-----END PRIVATE "
		"KEY-----3-45-6789.",
		".", 2);
	redacts(PII_REMOVE, "12(AB1234567)3-45-6789", "12()3-45-6789", 1);
	redacts(PII_REMOVE, "a@<c@d.co>b.co", "a@<>b.co", 1);
	redacts(PII_REMOVE, "x 4111 1111(AB1234567 )", "x 4111 1111( )", 1);
}

#define HEAD "-----BEGIN PRI"
#define TAIL "VATE KEY-----AA-----END PRIVATE KEY-----"

Test(pii_redact, ends_however_deep_a_key_is_in_keys)
{
	redacts(PII_REMOVE, HEAD HEAD HEAD TAIL TAIL TAIL, "", 3);
	redacts(PII_REMOVE, HEAD HEAD HEAD HEAD HEAD HEAD HEAD TAIL TAIL TAIL TAIL TAIL TAIL TAIL,
		HEAD HEAD "<PRIVATE_KEY>" TAIL TAIL, 5);
}

Test(pii_redact, merges_what_overlaps)
{
	redacts(PII_PLACEHOLDER, "postgres://u:pw@db.example.com/x", "<DATABASE_CONNECTION_STRING>",
		1);
	redacts(PII_PLACEHOLDER, "5552345678@example.com", "<EMAIL>", 1);
	redacts(PII_PLACEHOLDER, "a@b.co;c@d.co", "<EMAIL>;<EMAIL>", 2);
}

Test(pii_redact, leaves_alone_what_has_nothing)
{
	struct pii *pii = pii_of(PII_ALL, PII_HASH);
	char *text = (char *)1;
	size_t len, count = 1;

	cr_expect_eq(pii_redact(pii, "nothing", 7, &text, &len, &count), 0);
	cr_expect(!text && count == 0);
	cr_expect_eq(pii_redact(pii, "", 0, &text, &len, &count), 0);
	cr_expect(!text && count == 0);
	pii_free(pii);
}

Test(pii_redact, reads_bytes_that_are_no_text)
{
	struct pii *pii = pii_of(PII_ALL, PII_PLACEHOLDER);
	static const char bytes[] = "\xff\xc3"
				    "a@b.co\0\xf0\x9d 123-45-6789\xe2";
	char *text;
	size_t len, count;

	cr_expect_eq(pii_redact(pii, bytes, sizeof(bytes) - 1, &text, &len, &count), 0);
	cr_expect_eq(count, 2);
	free(text);
	pii_free(pii);
}

static void redacts_json(const char *json, const char *want, size_t want_count)
{
	struct pii *pii = pii_of(PII_ALL, PII_PLACEHOLDER);
	cJSON *value = cJSON_Parse(json);
	size_t count;
	char *got;

	cr_assert(value, "%s", json);
	cr_assert_eq(pii_redact_json(pii, value, &count), 0);
	got = cJSON_PrintUnformatted(value);
	cr_expect_str_eq(got, want);
	cr_expect_eq(count, want_count, "%s: %zu", json, count);
	cJSON_free(got);
	cJSON_Delete(value);
	pii_free(pii);
}

Test(pii_redact, reaches_every_string)
{
	redacts_json("\"a@b.co\"", "\"<EMAIL>\"", 1);
	redacts_json("{\"a\":[1,null,true,{\"b\":[\"x a@b.co\"]}],\"c\":\"10.0.0.1\"}",
		     "{\"a\":[1,null,true,{\"b\":[\"x <EMAIL>\"]}],\"c\":\"<IP_ADDRESS>\"}", 2);
	redacts_json("[\"a\\u0040b.co\",4111111111111111]", "[\"<EMAIL>\",4111111111111111]", 1);
}

Test(pii_redact, keeps_names_apart)
{
	redacts_json("{\"a@b.co\":1,\"c@d.co\":2,\"x\":3}",
		     "{\"<EMAIL>\":1,\"<EMAIL> #2\":2,\"x\":3}", 2);
}

Test(pii_redact, judges_a_value_by_its_name)
{
	redacts_json("{\"api_key\":\"a1b2c3d4e5f6g7h8\",\"id\":\"a1b2c3d4e5f6g7h8\"}",
		     "{\"api_key\":\"<GENERIC_API_KEY>\",\"id\":\"a1b2c3d4e5f6g7h8\"}", 1);
}
