// SPDX-License-Identifier: Apache-2.0
/* Codex: https://developers.openai.com/codex/hooks. Claude Code's protocol,
 * read strictly: a decision `allow` without updatedInput is an error there,
 * and so is a member that it does not know. Its shells are all called Bash. */
#include "dialect.h"

const struct dialect dialect_codex = {
	.name = "codex",
	.events = {
		{ .name = "PreToolUse", .moment = DIALECT_BEFORE, .installed = true },
		{ .name = "PostToolUse", .moment = DIALECT_AFTER, .installed = true },
	},
	.event = { "hook_event_name" },
	.tool = { "tool_name" },
	.args = { "tool_input" },
	.id = { "tool_use_id" },
	.session = { "session_id" },
	.shells = { { "Bash", "command" } },
	.rewrite = DIALECT_REWRITES,
	.users_shell = true,
	.allow = dialect_claude_allow,
	.deny = dialect_claude_deny,
	.tell = dialect_claude_tell,
	.settings = {
		.variable = "CODEX_HOME",
		.directory = ".codex",
		.file = "hooks.json",
		.project = ".codex/hooks.json",
		.shape = DIALECT_GROUPS,
		.second = 1,
	},
};
