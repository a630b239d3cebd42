// SPDX-License-Identifier: Apache-2.0
/* opencode and pi have no hooks that run commands, but plugins: ours
 * (user/install/plugin_*.js) ask this command, in words of our own. */
#include <cjson/cJSON.h>

#include "dialect.h"

bool dialect_plugin_allow(cJSON *answer, const struct dialect_event *event, cJSON *args)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "permission", "allow") &&
	       (!args || cJSON_AddItemReferenceToObject(answer, "arguments", args));
}

bool dialect_plugin_deny(cJSON *answer, const struct dialect_event *event, const char *reason)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "permission", "deny") &&
	       cJSON_AddStringToObject(answer, "reason", reason);
}

bool dialect_plugin_tell(cJSON *answer, const struct dialect_event *event, const char *text)
{
	(void)event;
	return cJSON_AddStringToObject(answer, "context", text);
}

#define PLUGIN                                                                                     \
	.events = { { .name = "before", .moment = DIALECT_BEFORE },                                \
		    { .name = "after", .moment = DIALECT_AFTER },                                  \
		    { .name = "failed", .moment = DIALECT_FAILED } },                              \
	.event = { "event" }, .tool = { "tool" }, .args = { "arguments" }, .id = { "id" },         \
	.session = { "session" }, .shells = { { "bash", "command" } },                             \
	.rewrite = DIALECT_REWRITES, .allow = dialect_plugin_allow, .deny = dialect_plugin_deny,   \
	.tell = dialect_plugin_tell

const struct dialect dialect_opencode = {
	.name = "opencode",
	PLUGIN,
	.users_shell = true,
	.settings = {
		.variable = "OPENCODE_CONFIG_DIR",
		.directory = ".config/opencode",
		.file = "plugin/enforcecore.js",
		.project = ".opencode/plugin/enforcecore.js",
		.shape = DIALECT_PLUGIN,
	},
};

const struct dialect dialect_pi = {
	.name = "pi",
	PLUGIN,
	.settings = {
		.variable = "PI_CODING_AGENT_DIR",
		.directory = ".pi/agent",
		.file = "extensions/enforcecore.js",
		.project = ".pi/extensions/enforcecore.js",
		.shape = DIALECT_PLUGIN,
	},
};
