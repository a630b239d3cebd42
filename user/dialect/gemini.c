// SPDX-License-Identifier: Apache-2.0
/* Gemini CLI. Its calls have no id. The arguments of the answer replace those
 * of the call, and AfterTool shows the replaced ones. */
#include <cjson/cJSON.h>

#include "dialect.h"

static cJSON *specific(cJSON *answer, const struct dialect_event *event)
{
	cJSON *output = cJSON_AddObjectToObject(answer, "hookSpecificOutput");

	if (output && cJSON_AddStringToObject(output, "hookEventName", event->name))
		return output;
	return NULL;
}

static bool allow(cJSON *answer, const struct dialect_event *event, cJSON *args)
{
	cJSON *output = args ? specific(answer, event) : NULL;

	return cJSON_AddStringToObject(answer, "decision", "allow") &&
	       (!args || (output && cJSON_AddItemReferenceToObject(output, "tool_input", args)));
}

static bool deny(cJSON *answer, const struct dialect_event *event, const char *reason)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "decision", "deny") &&
	       cJSON_AddStringToObject(answer, "reason", reason);
}

static bool tell(cJSON *answer, const struct dialect_event *event, const char *text)
{
	cJSON *output = specific(answer, event);

	return output && cJSON_AddStringToObject(output, "additionalContext", text);
}

const struct dialect dialect_gemini = {
	.name = "gemini",
	.events = {
		{ .name = "BeforeTool", .moment = DIALECT_BEFORE, .installed = true },
		{ .name = "AfterTool", .moment = DIALECT_AFTER, .installed = true },
	},
	.event = { "hook_event_name" },
	.tool = { "tool_name" },
	.args = { "tool_input" },
	.session = { "session_id" },
	.shells = { { "run_shell_command", "command" } },
	.background = { "is_background" },
	.rewrite = DIALECT_REWRITES,
	.allow = allow,
	.deny = deny,
	.tell = tell,
	.settings = {
		.directory = ".gemini",
		.file = "settings.json",
		.project = ".gemini/settings.json",
		.shape = DIALECT_GROUPS,
		.second = 1000,
	},
};
