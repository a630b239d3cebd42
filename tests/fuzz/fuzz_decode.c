// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a record of a ring: it is refused, or what it says is a line of
 * JSON that cannot act on a terminal, and the record of its call can be told. The
 * first byte says how much of the header is made to be true.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "user/join/join.h"
#include "user/sensor/decode.h"
#include "user/sensor/images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One line: control characters are escaped. */
static void check_line(struct cJSON *record)
{
	char *text = cJSON_PrintUnformatted(record);
	cJSON *again;

	CLAIM(text && !strpbrk(text, "\n\r\x1b"));
	again = cJSON_Parse(text);
	CLAIM(again);
	cJSON_Delete(again);
	cJSON_free(text);
}

static void add_rule(void *ctx, struct cJSON *record, const struct ec_obs *obs)
{
	(void)ctx;
	(void)obs;
	CLAIM(cJSON_AddNullToObject(record, "rule"));
}

/* As an effect, and as a program, of an open call. */
static void check_join(const struct effect *effect)
{
	static struct images images;
	const struct join_names names = { .images = &images, .add_rule = add_rule };
	struct cJSON *record = cJSON_CreateObject();
	struct join *join = join_new();

	CLAIM(record && join);
	if (effect->obs.kind == EC_OBS_EXEC) {
		images_add(&images, effect->obs.exe, effect->target, effect->obs.target_len);
		join_program(join, effect);
	} else {
		join_effect(join, effect);
		join_effect(join, effect);
	}
	CLAIM(!join_describe(join, &names, 0, record));
	check_line(record);
	join_free(join);
	images_done(&images);
	cJSON_Delete(record);
}

static void check(const uint8_t *data, size_t size)
{
	char target[DECODE_TARGET_SIZE];
	struct cJSON *record;
	struct effect effect;
	size_t len;
	int err = decode_record(data, size, &effect);

	CLAIM(!err || err == -EBADMSG);
	if (err)
		return;
	CLAIM(effect.target + effect.obs.target_len <= (const char *)data + size);
	err = decode_target(&effect, target, &len);
	CLAIM(err == -EBADMSG || (!err && len <= sizeof(target)));
	record = cJSON_CreateObject();
	err = decode_describe(&effect, record);
	CLAIM(!err || err == -EBADMSG);
	if (!err) {
		check_line(record);
		check_join(&effect);
	}
	cJSON_Delete(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ec_obs obs;
	uint8_t *copy;

	if (!size)
		return 0;
	copy = malloc(size); /* exactly, so that one byte too far is seen */
	CLAIM(copy);
	memcpy(copy, data + 1, --size);
	if (data[0] & 1 && size >= sizeof(obs)) {
		memcpy(&obs, copy, sizeof(obs));
		obs.version = EC_OBS_VERSION;
		obs.len = sizeof(obs);
		if (data[0] & 2)
			obs.target_len = (uint16_t)(size - sizeof(obs));
		if (data[0] & 4)
			obs.kind = (uint8_t)(EC_OBS_EFFECT + data[0] / 8 % 3);
		memcpy(copy, &obs, sizeof(obs));
	}
	check(copy, size);
	free(copy);
	return 0;
}
