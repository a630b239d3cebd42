// SPDX-License-Identifier: Apache-2.0
#include "json_len.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static size_t string_len(const char *text)
{
	size_t len = 2;

	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		len += c == '"' || c == '\\' || (c && strchr("\b\f\n\r\t", c)) ? 2 :
		       c < ' '						       ? 6 :
										 1;
	}
	return len;
}

size_t json_len(const struct cJSON *value)
{
	size_t len = 2;

	if (!value)
		return 0;
	if (cJSON_IsString(value))
		return string_len(value->valuestring);
	if (cJSON_IsRaw(value))
		return value->valuestring ? strlen(value->valuestring) : 0;
	if (cJSON_IsNumber(value))
		return (size_t)snprintf(NULL, 0, "%.15g", value->valuedouble);
	if (cJSON_IsNull(value) || cJSON_IsBool(value))
		return cJSON_IsFalse(value) ? 5 : 4;
	for (const cJSON *child = value->child; child; child = child->next)
		len += json_len(child) +
		       (cJSON_IsObject(value) ? string_len(child->string) + 1 : 0) +
		       (child->next != NULL);
	return len;
}
