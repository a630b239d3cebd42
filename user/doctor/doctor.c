// SPDX-License-Identifier: Apache-2.0
#include "doctor.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "layers.h"
#include "user/host/host_enforce.h"
#include "user/plain.h"

static cJSON *add_layer(cJSON *layers, const char *name)
{
	cJSON *layer = cJSON_CreateObject();

	if (!layer || !cJSON_AddItemToArray(layers, layer)) {
		cJSON_Delete(layer);
		return NULL;
	}
	cJSON_AddStringToObject(layer, "layer", name);
	return cJSON_AddArrayToObject(layer, "findings");
}

/* A layer without findings is one that memory did not suffice for. */
static bool is_whole(const cJSON *layers)
{
	const cJSON *layer;

	cJSON_ArrayForEach (layer, layers) {
		if (!cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(layer, "findings")))
			return false;
	}
	return cJSON_GetArraySize(layers) == 5;
}

static enum doctor_verdict sum_up(const cJSON *layers, const char *obstacle)
{
	const cJSON *layer, *one;

	if (obstacle)
		return DOCTOR_CANNOT_ENFORCE;
	cJSON_ArrayForEach (layer, layers) {
		cJSON_ArrayForEach (one, cJSON_GetObjectItemCaseSensitive(layer, "findings")) {
			if (strcmp(plain_text(one, "state"), "ok"))
				return DOCTOR_WEAK;
		}
	}
	return DOCTOR_FINE;
}

struct cJSON *doctor_examine(const struct host *host, const struct cJSON *status,
			     const struct policy *policy)
{
	cJSON *report = cJSON_CreateObject();
	cJSON *layers = cJSON_AddArrayToObject(report, "layers"), *layer;
	const char *obstacle = host_obstacle(host);

	if ((layer = add_layer(layers, "hardware")))
		hardware_examine(host, layer);
	if ((layer = add_layer(layers, "kernel")))
		kernel_examine(host, layer);
	if ((layer = add_layer(layers, "container")))
		container_examine(host, layer);
	if ((layer = add_layer(layers, "runtime")))
		runtime_examine(host, status, layer);
	if ((layer = add_layer(layers, "prompt")))
		prompt_examine(policy, layer);
	if (!is_whole(layers)) {
		cJSON_Delete(report);
		return NULL;
	}
	cJSON_AddBoolToObject(report, "can_enforce", !obstacle);
	if (obstacle)
		cJSON_AddStringToObject(report, "obstacle", obstacle);
	else
		cJSON_AddNullToObject(report, "obstacle");
	cJSON_AddNumberToObject(report, "status", sum_up(layers, obstacle));
	return report;
}

enum doctor_verdict doctor_verdict(const struct cJSON *report)
{
	return (enum doctor_verdict)plain_number(report, "status");
}
