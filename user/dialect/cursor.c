// SPDX-License-Identifier: Apache-2.0
/* Cursor: https://cursor.com/docs/agent/hooks. The events of shells and MCP
 * servers are in every version and cannot rewrite; preToolUse and its like
 * are understood where somebody configures them instead. */
#include <cjson/cJSON.h>

#include "dialect.h"

static bool allow(cJSON *answer, const struct dialect_event *event, cJSON *args)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "permission", "allow") &&
	       (!args || cJSON_AddItemReferenceToObject(answer, "updated_input", args));
}

static bool deny(cJSON *answer, const struct dialect_event *event, const char *reason)
{
	/* the first versions had the other spelling */
	static const char *const messages[] = { "user_message", "agent_message", "userMessage",
						"agentMessage" };

	(void)event;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (!cJSON_AddStringToObject(answer, messages[i], reason))
			return false;
	return cJSON_AddStringToObject(answer, "permission", "deny");
}

static bool tell(cJSON *answer, const struct dialect_event *event, const char *text)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "additional_context", text);
}

const struct dialect dialect_cursor = {
	.name = "cursor",
	.events = {
		{ "beforeShellExecution", DIALECT_BEFORE, true, "Shell", "command" },
		{ "afterShellExecution", DIALECT_AFTER, true, "Shell", "command" },
		{ .name = "beforeMCPExecution", .moment = DIALECT_BEFORE, .installed = true },
		{ .name = "afterMCPExecution", .moment = DIALECT_AFTER, .installed = true },
		{ .name = "preToolUse", .moment = DIALECT_BEFORE },
		{ .name = "postToolUse", .moment = DIALECT_AFTER },
		{ .name = "postToolUseFailure", .moment = DIALECT_FAILED },
	},
	.event = { "hook_event_name" },
	.tool = { "tool_name" },
	.args = { "tool_input" },
	.id = { "tool_use_id" },
	.session = { "conversation_id", "session_id" },
	.shells = { { "Shell", "command" } },
	.rewrite = DIALECT_SOME_DO,
	.users_shell = true,
	.allow = allow,
	.deny = deny,
	.tell = tell,
	.settings = {
		.directory = ".cursor",
		.file = "hooks.json",
		.project = ".cursor/hooks.json",
		.shape = DIALECT_COMMAND,
		.versioned = true,
		.second = 1,
	},
};
