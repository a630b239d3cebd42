// SPDX-License-Identifier: Apache-2.0
/* Claude Code: https://code.claude.com/docs/en/hooks. What is allowed without
 * a change gets no decision, so that Claude Code's own permissions stay in
 * force; updatedInput needs one. */
#include <cjson/cJSON.h>

#include "dialect.h"

static cJSON *specific(cJSON *answer, const struct dialect_event *event)
{
	cJSON *output = cJSON_AddObjectToObject(answer, "hookSpecificOutput");

	if (output && cJSON_AddStringToObject(output, "hookEventName", event->name))
		return output;
	return NULL;
}

bool dialect_claude_allow(cJSON *answer, const struct dialect_event *event, cJSON *args)
{
	cJSON *output = args ? specific(answer, event) : NULL;

	return !args || (output && cJSON_AddStringToObject(output, "permissionDecision", "allow") &&
			 cJSON_AddItemReferenceToObject(output, "updatedInput", args));
}

bool dialect_claude_deny(cJSON *answer, const struct dialect_event *event, const char *reason)
{
	cJSON *output = specific(answer, event);

	return output && cJSON_AddStringToObject(output, "permissionDecision", "deny") &&
	       cJSON_AddStringToObject(output, "permissionDecisionReason", reason);
}

bool dialect_claude_tell(cJSON *answer, const struct dialect_event *event, const char *text)
{
	cJSON *output = specific(answer, event);

	return output && cJSON_AddStringToObject(output, "additionalContext", text);
}

const struct dialect dialect_claude_code = {
	.name = "claude-code",
	.events = {
		{ .name = "PreToolUse", .moment = DIALECT_BEFORE, .installed = true },
		{ .name = "PostToolUse", .moment = DIALECT_AFTER, .installed = true },
		{ .name = "PostToolUseFailure", .moment = DIALECT_FAILED, .installed = true },
	},
	.event = { "hook_event_name" },
	.tool = { "tool_name" },
	.args = { "tool_input" },
	.id = { "tool_use_id" },
	.session = { "session_id" },
	.shells = { { "Bash", "command" } },
	.background = { "run_in_background" },
	.rewrite = DIALECT_REWRITES,
	.users_shell = true,
	.allow = dialect_claude_allow,
	.deny = dialect_claude_deny,
	.tell = dialect_claude_tell,
	.settings = {
		.variable = "CLAUDE_CONFIG_DIR",
		.directory = ".claude",
		.file = "settings.json",
		.project = ".claude/settings.json",
		.shape = DIALECT_GROUPS,
		.second = 1,
	},
};
