// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "bpf/verdict.h"
#include "user/sensor/decode.h"

static size_t record(unsigned char *bytes, const void *target, uint16_t target_len, uint8_t kind)
{
	struct ec_obs obs = { .version = EC_OBS_VERSION,
			      .len = sizeof(obs),
			      .kind = EC_OBS_EFFECT,
			      .op = EC_OP_READ,
			      .verdict = EC_VERDICT_DENY,
			      .reason = EC_REASON_UNDECLARED,
			      .target_kind = kind,
			      .target_len = target_len };

	memcpy(bytes, &obs, sizeof(obs));
	memcpy(bytes + sizeof(obs), target, target_len);
	return sizeof(obs) + target_len;
}

static const char *target_of(const cJSON *json)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "target"));
}

Test(decode, rejects_short_record)
{
	unsigned char bytes[256];
	struct effect effect;
	size_t len = record(bytes, "/etc/passwd", 11, EC_TARGET_PATH);

	for (size_t cut = 0; cut < len; cut++)
		cr_assert_eq(decode_record(bytes, cut, &effect), -EBADMSG, "%zu bytes", cut);
	cr_assert_eq(decode_record(bytes, len, &effect), 0);
}

Test(decode, rejects_other_version_and_kind)
{
	unsigned char bytes[256];
	struct effect effect;
	size_t len = record(bytes, "/x", 2, EC_TARGET_PATH);

	bytes[0]++;
	cr_assert_eq(decode_record(bytes, len, &effect), -EBADMSG);
	bytes[0]--;
	bytes[4] = 77;
	cr_assert_eq(decode_record(bytes, len, &effect), -EBADMSG);
}

Test(decode, names_an_effect)
{
	unsigned char bytes[256];
	struct effect effect;
	cJSON *json = cJSON_CreateObject();

	cr_assert_eq(
		decode_record(bytes, record(bytes, "/etc/passwd", 11, EC_TARGET_PATH), &effect), 0);
	cr_assert_eq(decode_describe(&effect, json), 0);
	cr_assert_str_eq(target_of(json), "/etc/passwd");
	cr_assert_str_eq(cJSON_GetObjectItemCaseSensitive(json, "op")->valuestring, "read");
	cr_assert_str_eq(cJSON_GetObjectItemCaseSensitive(json, "verdict")->valuestring, "deny");
	cJSON_Delete(json);
}

Test(decode, writes_addresses_as_people_do)
{
	static const unsigned char v4[19] = { 1, [11] = 0xff, 0xff, 127, 0, 0, 1, 0x1f, 0x90 };
	static const unsigned char v6[19] = { 1, [16] = 1, 0x01, 0xbb };
	unsigned char bytes[256];
	struct effect effect;
	cJSON *a = cJSON_CreateObject(), *b = cJSON_CreateObject();

	cr_assert_eq(decode_record(bytes, record(bytes, v4, 19, EC_TARGET_INET), &effect), 0);
	cr_assert_eq(decode_describe(&effect, a), 0);
	cr_assert_str_eq(target_of(a), "127.0.0.1:8080");
	cr_assert_eq(decode_record(bytes, record(bytes, v6, 19, EC_TARGET_INET), &effect), 0);
	cr_assert_eq(decode_describe(&effect, b), 0);
	cr_assert_str_eq(target_of(b), "[::1]:443");
	cJSON_Delete(a);
	cJSON_Delete(b);
}

Test(decode, refuses_an_address_of_the_wrong_length)
{
	unsigned char bytes[256];
	struct effect effect;
	cJSON *json = cJSON_CreateObject();

	cr_assert_eq(decode_record(bytes, record(bytes, "\1ab", 3, EC_TARGET_INET), &effect), 0);
	cr_assert_eq(decode_describe(&effect, json), -EBADMSG);
	cJSON_Delete(json);
}

Test(decode, unknown_numbers_have_a_name)
{
	cr_assert_str_eq(decode_op(200), "unknown");
	cr_assert_str_eq(decode_verdict(0), "unknown");
	cr_assert_str_eq(decode_reason(99), "unknown");
	cr_assert_str_eq(decode_priv(0), "unknown");
}

Test(decode, tells_how_a_target_is_known)
{
	unsigned char bytes[256];
	struct effect effect;
	cJSON *plain = cJSON_CreateObject(), *said = cJSON_CreateObject();
	size_t len = record(bytes, "/x", 2, EC_TARGET_PATH);

	cr_assert_eq(decode_record(bytes, len, &effect), 0);
	cr_assert_eq(decode_describe(&effect, plain), 0);
	cr_assert(!cJSON_HasObjectItem(plain, "said") && !cJSON_HasObjectItem(plain, "failed"));
	effect.obs.flags = EC_OBS_SAID | EC_OBS_FAILED;
	cr_assert_eq(decode_describe(&effect, said), 0);
	cr_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(said, "said")));
	cr_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(said, "failed")));
	cJSON_Delete(plain);
	cJSON_Delete(said);
}
