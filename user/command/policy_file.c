// SPDX-License-Identifier: Apache-2.0
#include "policy_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/rule.h"
#include "user/util.h"

static void warn(void *ctx, const struct policy_diag *diag)
{
	(void)ctx;
	fprintf(stderr, "warning: ");
	policy_diag_print(diag, stderr);
}

int policy_file_open(struct policy_file *file, const char *path, bool strict)
{
	struct policy_load_options options = { .strict = strict, .warn = warn };
	int r;

	memset(file, 0, sizeof(*file));
	file->env.home = getenv("HOME");
	if (!file->env.home || file->env.home[0] != '/')
		file->env.home = "/";
	file->env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	file->env.cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = policy_load(path, &options, &file->policy, &file->diag);
	if (r == 0)
		r = policy_compile(file->policy, &file->env, POLICY_WORDS_MAX, &options,
				   &file->image, &file->diag);
	if (r < 0)
		policy_diag_print(&file->diag, stderr);
	return r;
}

void policy_file_done(struct policy_file *file)
{
	automaton_done(&file->image);
	policy_free(file->policy);
	close_fd(&file->env.root_fd);
	close_fd(&file->env.cwd_fd);
}

int declared_add(struct cJSON *args, const char *text)
{
	const char *equals = strchr(text, '=');
	_cleanup_free_ char *name = NULL;
	cJSON *value;

	if (!equals || equals == text)
		return -EINVAL;
	name = strndup(text, (size_t)(equals - text));
	if (!name)
		return -ENOMEM;
	value = cJSON_ParseWithOpts(equals + 1, NULL, true);
	if (!value || cJSON_IsString(value) || cJSON_IsNull(value)) {
		cJSON_Delete(value);
		value = cJSON_CreateString(equals + 1);
	}
	cJSON_DeleteItemFromObjectCaseSensitive(args, name);
	if (!value || !cJSON_AddItemToObject(args, name, value)) {
		cJSON_Delete(value);
		return -ENOMEM;
	}
	return 0;
}

int declared_compile(struct policy_file *file, const char *tool, const struct cJSON *args,
		     struct policy_call *ret_call)
{
	const struct policy_rule *rule;
	const char *reason;
	uint32_t id;

	memset(ret_call, 0, sizeof(*ret_call));
	if (policy_tool_allowed(file->policy, tool, &reason, &id))
		return policy_call_compile(file->policy, &file->env, &file->image, tool, args,
					   POLICY_WORDS_MAX, ret_call, &file->diag);
	memset(&file->diag, 0, sizeof(file->diag));
	rule = policy_rule(file->policy, id);
	if (rule)
		snprintf(file->diag.text, sizeof(file->diag.text), "%s (%s:%u:%u)", reason,
			 rule->file, rule->line, rule->column);
	else
		snprintf(file->diag.text, sizeof(file->diag.text), "%s", reason);
	return -EACCES;
}
