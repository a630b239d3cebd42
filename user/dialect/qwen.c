// SPDX-License-Identifier: Apache-2.0
/* Qwen Code. Claude Code's protocol, but 0.15.10 drops updatedInput of
 * PreToolUse: an exact call would wait for ever for its command. */
#include "dialect.h"

const struct dialect dialect_qwen = {
	.name = "qwen",
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
	.shells = { { "run_shell_command", "command" } },
	.background = { "is_background" },
	.rewrite = DIALECT_SOME_DO,
	.allow = dialect_claude_allow,
	.deny = dialect_claude_deny,
	.tell = dialect_claude_tell,
	.settings = {
		.directory = ".qwen",
		.file = "settings.json",
		.project = ".qwen/settings.json",
		.shape = DIALECT_GROUPS,
		.second = 1000,
	},
};
