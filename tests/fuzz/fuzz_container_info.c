// SPDX-License-Identifier: Apache-2.0
/* What a runtime is said to have written of a container, or mounted into it: the first byte says which. Read
 * or refused whole, never longer than its limits, and what goes into a record is JSON. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "claim.h"
#include "user/container/container_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct container_ref ref = { .runtime = CONTAINER_RUNTIME_CRIO, .id = "a" };

static int parse(uint8_t what, const char *text, size_t len, struct container_info *info)
{
	struct container_ref inside;

	switch (what % 5) {
	case 0:
		return container_bundle_parse(text, len, info);
	case 1:
		return container_storage_parse(text, len, ref.id, info);
	case 2:
		return container_engine_parse(text, len, ref.id, info);
	case 3:
		return container_of_mounts(text, len, &inside, info);
	default:
		return container_pod_parse(text, len, &ref, info);
	}
}

static void check(const struct container_info *info)
{
	cJSON *json = container_info_json(&ref, info), *again;
	char *text = json ? cJSON_PrintUnformatted(json) : NULL;

	CLAIM(!info->name || strlen(info->name) < CONTAINER_TEXT_MAX);
	CLAIM(info->labels.len <= CONTAINER_LABELS_MAX);
	CLAIM(info->pod_labels.len <= CONTAINER_LABELS_MAX);
	CLAIM(text);
	again = cJSON_Parse(text);
	CLAIM(again);
	cJSON_Delete(again);
	cJSON_Delete(json);
	cJSON_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own length, so that reading past it is seen */
	char *text = size > 1 ? malloc(size - 1) : NULL;
	struct container_info info = { 0 };
	int r;

	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	r = parse(data[0], text, size - 1, &info);
	CLAIM(r == 0 || r == -EBADMSG || r == -ENOENT);
	check(&info);
	container_info_done(&info);
	free(text);
	return 0;
}
