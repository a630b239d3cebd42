// SPDX-License-Identifier: Apache-2.0
#include "json_keys.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_folded(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *check_object(const struct cJSON *object, bool folded)
{
	int (*order)(const void *, const void *) = folded ? compare_folded : compare;
	size_t len = (size_t)cJSON_GetArraySize(object), i = 0;
	const struct cJSON *item;
	const char **keys;
	bool twice = false;

	if (len < 2)
		return NULL;
	keys = calloc(len, sizeof(*keys));
	if (!keys)
		return "out of memory";
	cJSON_ArrayForEach (item, object)
		keys[i++] = item->string;
	qsort(keys, len, sizeof(*keys), order);
	for (i = 1; i < len; i++)
		twice |= !order(&keys[i - 1], &keys[i]);
	free(keys);
	return !twice ? NULL :
	       folded ? "an argument is there twice (case does not count)" :
			"an object in the arguments has a key twice";
}

/* cJSON nests at most CJSON_NESTING_LIMIT deep, and the scanner less. */
static const char *check(const struct cJSON *json, int depth)
{
	const struct cJSON *item;
	const char *why = cJSON_IsObject(json) ? check_object(json, depth < 3) : NULL;

	for (item = json->child; item && !why; item = item->next)
		why = check(item, depth + 1);
	return why;
}

const char *json_keys_ambiguity(const struct cJSON *json)
{
	return check(json, 0);
}
