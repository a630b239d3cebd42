// SPDX-License-Identifier: Apache-2.0
#include "plugin.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "user/embed.h"
#include "user/util.h"

EMBED(plugin_common_js, "user/install/plugin_common.js");
EMBED(plugin_opencode_js, "user/install/plugin_opencode.js");
EMBED(plugin_pi_js, "user/install/plugin_pi.js");

static char *quoted(const char *exe)
{
	cJSON *string = cJSON_CreateString(exe);
	char *text = string ? cJSON_PrintUnformatted(string) : NULL;

	cJSON_Delete(string);
	return text;
}

static char *list(const char *const options[])
{
	size_t len = 0;
	cJSON *array;
	char *text;

	while (options[len])
		len++;
	array = cJSON_CreateStringArray(options, (int)len);
	text = array ? cJSON_PrintUnformatted(array) : NULL;
	cJSON_Delete(array);
	return text;
}

char *plugin_text(const struct dialect *dialect, const char *exe, const char *const options[])
{
	_cleanup_free_ char *program = quoted(exe), *words = list(options);
	char *text;

	if (!program || !words ||
	    asprintf(&text,
		     PLUGIN_MARK " %s`; `--undo` removes it.\n"
				 "const ENFORCECORE = %s, AGENT = \"%s\", OPTIONS = %s;\n%s%s",
		     dialect->name, program, dialect->name, words, plugin_common_js,
		     dialect == &dialect_pi ? plugin_pi_js : plugin_opencode_js) < 0)
		return NULL;
	return text;
}
