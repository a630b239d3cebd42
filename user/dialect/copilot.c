// SPDX-License-Identifier: Apache-2.0
/* Copilot CLI: https://docs.github.com/copilot/reference/hooks-reference. Its
 * payload names no event and no call, and the arguments are a text of JSON or
 * an object. Only newer versions take modifiedArgs from a command. */
#include <cjson/cJSON.h>

#include "dialect.h"

static bool allow(cJSON *answer, const struct dialect_event *event, cJSON *args)
{
	(void)event;
	return !args || (cJSON_AddStringToObject(answer, "permissionDecision", "allow") &&
			 cJSON_AddItemReferenceToObject(answer, "modifiedArgs", args));
}

static bool deny(cJSON *answer, const struct dialect_event *event, const char *reason)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "permissionDecision", "deny") &&
	       cJSON_AddStringToObject(answer, "permissionDecisionReason", reason);
}

static bool tell(cJSON *answer, const struct dialect_event *event, const char *text)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "additionalContext", text);
}

const struct dialect dialect_copilot = {
	.name = "copilot",
	.events = {
		{ .name = "preToolUse", .moment = DIALECT_BEFORE, .installed = true },
		{ .name = "postToolUse", .moment = DIALECT_AFTER, .installed = true },
		{ .name = "postToolUseFailure", .moment = DIALECT_FAILED, .installed = true },
		{ .name = "PreToolUse", .moment = DIALECT_BEFORE },
		{ .name = "PostToolUse", .moment = DIALECT_AFTER },
		{ .name = "PostToolUseFailure", .moment = DIALECT_FAILED },
	},
	.event = { "hook_event_name", "hookEventName" },
	.tool = { "toolName", "tool_name" },
	.args = { "toolArgs", "tool_input" },
	.session = { "sessionId", "session_id" },
	.result = { "toolResult", "tool_result", "error" },
	.shells = { { "bash", "command" }, { "Bash", "command" } },
	.rewrite = DIALECT_SOME_DO,
	.allow = allow,
	.deny = deny,
	.tell = tell,
	.settings = {
		.variable = "COPILOT_HOME",
		.directory = ".copilot",
		.file = "hooks/enforcecore.json",
		.project = ".github/hooks/enforcecore.json",
		.shape = DIALECT_BASH,
		.versioned = true,
		.second = 1,
	},
};
