// SPDX-License-Identifier: Apache-2.0
/* join_reasons.c - refusals in a sentence, for who declared the call. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "join_impl.h"
#include "user/trail/trail.h"

/* Bytes of a name: the end says more than the beginning. */
#define NAME_MAX_LEN 180u

/* "op target: reason"; the target is well-formed UTF-8 in holder. */
static int make(const struct join_seen *seen, cJSON *holder, char text[JOIN_REASON_MAX])
{
	const struct effect effect = { .obs = seen->obs, .target = seen->target };
	const char *target = "?", *before = "";
	char bytes[DECODE_TARGET_SIZE];
	size_t len = 0;

	if (decode_target(&effect, bytes, &len) == 0 && len) {
		if (trail_add_bytes(holder, "target", bytes, len) < 0)
			return -ENOMEM;
		target = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(holder, "target"));
	}
	if (strlen(target) > NAME_MAX_LEN) {
		before = "...";
		target += strlen(target) - NAME_MAX_LEN;
		while (((unsigned char)*target & 0xc0) == 0x80)
			target++; /* not within a UTF-8 character */
	}
	snprintf(text, JOIN_REASON_MAX, "%s %s%s: %s", decode_op(seen->obs.op), before, target,
		 decode_reason(seen->obs.reason));
	return 0;
}

static bool has(const cJSON *array, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, array) {
		if (!strcmp(cJSON_GetStringValue(item), text))
			return true;
	}
	return false;
}

int join_reasons(const struct join *join, struct cJSON *array)
{
	char text[JOIN_REASON_MAX];

	for (size_t i = 0; i < join->drift.len; i++) {
		cJSON *holder = cJSON_CreateObject();
		int r = holder ? make(&join->drift.at[i], holder, text) : -ENOMEM;

		cJSON_Delete(holder);
		if (r < 0)
			return r;
		if (cJSON_GetArraySize(array) == (int)JOIN_REASONS_MAX)
			return 0;
		if (!has(array, text) && !cJSON_AddItemToArray(array, cJSON_CreateString(text)))
			return -ENOMEM;
	}
	return 0;
}
