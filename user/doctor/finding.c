// SPDX-License-Identifier: Apache-2.0
#include "finding.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>

const char *finding_word(enum finding_state state)
{
	static const char *const words[] = { "?", "ok", "weak", "missing", "unknown" };

	return words[state];
}

void finding(struct cJSON *layer, enum finding_state state, const char *name, const char *todo,
	     const char *format, ...)
{
	cJSON *one = cJSON_CreateObject();
	char found[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(found, sizeof(found), format, args);
	va_end(args);
	if (!one || !cJSON_AddItemToArray(layer, one)) {
		cJSON_Delete(one);
		return;
	}
	cJSON_AddStringToObject(one, "name", name);
	cJSON_AddStringToObject(one, "state", finding_word(state));
	cJSON_AddStringToObject(one, "found", found);
	if (todo && state != FINDING_OK)
		cJSON_AddStringToObject(one, "todo", todo);
	else
		cJSON_AddNullToObject(one, "todo");
}
