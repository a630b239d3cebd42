// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/json/json_out.h"
#include "user/trail/trail.h"

/* "t":… as the trail has it of these bytes. */
static char *by_tree(const void *bytes, size_t len)
{
	cJSON *record = cJSON_CreateObject();
	char *text;

	cr_assert_eq(trail_add_bytes(record, "t", bytes, len), 0);
	text = cJSON_PrintUnformatted(record);
	cJSON_Delete(record);
	return text;
}

static size_t straight(const void *bytes, size_t len, char *text, size_t size)
{
	struct json_out out = { .at = text, .size = size };

	json_out_text(&out, "{\"t\":");
	if (json_out_string(&out, bytes, len)) {
		json_out_text(&out, ",\"t_hex\":");
		json_out_hex(&out, bytes, len);
	}
	json_out_text(&out, "}");
	cr_assert(!out.full);
	return out.len;
}

static void same(const void *bytes, size_t len)
{
	static char text[1 << 16];
	char *tree = by_tree(bytes, len);
	size_t text_len = straight(bytes, len, text, sizeof(text));

	cr_assert_eq(text_len, strlen(tree), "%s", tree);
	cr_assert_arr_eq(text, tree, text_len, "%s", tree);
	free(tree);
}

Test(json_out, writes_a_path_as_it_is)
{
	same("/srv/data/a.txt", 15);
}

Test(json_out, writes_every_byte_as_the_tree_does)
{
	for (int i = 0; i < 256; i++) {
		char bytes[3] = { '/', (char)i, 'x' };

		same(bytes, 3);
		same(bytes + 1, 1);
	}
}

Test(json_out, writes_any_bytes_as_the_tree_does)
{
	unsigned char bytes[64];

	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(bytes);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (unsigned char)(round & 1 ?
							   rand() :
							   "\xc3\xa9\xe2\x82\xf0\x9f/\n\"a"[rand() %
											    10]);
		same(bytes, len);
	}
}

Test(json_out, writes_numbers)
{
	static const uint64_t numbers[] = { 0, 7, 10, 4294967295u, 9007199254740991u, UINT64_MAX };
	char text[32], expected[32];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct json_out out = { .at = text, .size = sizeof(text) };

		json_out_number(&out, numbers[i]);
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)numbers[i]);
		cr_assert_eq(out.len, strlen(expected));
		cr_assert_arr_eq(text, expected, out.len);
	}
}

Test(json_out, says_when_it_is_full)
{
	char text[16];

	for (size_t size = 0; size < sizeof(text); size++) {
		struct json_out out = { .at = text, .size = size };

		json_out_string(&out, "fourteen bytes", 14);
		cr_assert(out.full, "%zu", size);
		cr_assert_leq(out.len, size);
	}
}
