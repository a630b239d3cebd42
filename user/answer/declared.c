// SPDX-License-Identifier: Apache-2.0
#include "declared.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guard_words.h"
#include "user/moment.h"
#include "user/util.h"

enum {
	KEY_JSON_ARGS = 256,
	KEY_GUARDS,
	KEY_TIME
};

static const struct argp_option options[] = {
	{ "tool", 't', "TOOL", 0, "the declared call", 0 },
	{ "arg", 'a', "KEY=VALUE", 0,
	  "an argument of the call; JSON when VALUE is a number, boolean, list or map", 0 },
	{ "json-args", KEY_JSON_ARGS, "OBJECT", 0, "arguments of the call, as a JSON object", 0 },
	{ "guards", KEY_GUARDS, "SAY", 0,
	  "what its guards say: safe, unsafe or none (default: they would be asked first)", 0 },
	{ "time", KEY_TIME, "TIME", 0,
	  "when the call is declared, such as 2026-03-02T09:30:00+01:00 (default now)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct declared *declared = state->input;

	switch (key) {
	case 't':
		declared->tool = arg;
		return 0;
	case 'a':
		if (declared_add(declared->args, arg) < 0)
			argp_error(state, "%s is not KEY=VALUE", arg);
		return 0;
	case KEY_JSON_ARGS:
		if (declared_add_json(declared->args, arg) < 0)
			argp_error(state, "%s is not a JSON object", arg);
		return 0;
	case KEY_GUARDS:
		declared->guards = guard_words_said(arg);
		if (!declared->guards)
			argp_error(state, "guards say safe, unsafe or none, not %s", arg);
		return 0;
	case KEY_TIME:
		if (moment_parse(arg, &declared->now) < 0)
			argp_error(state, "%s is not a date and a time with its offset", arg);
		return 0;
	case ARGP_KEY_END:
		if (!declared->tool &&
		    (declared->now || declared->guards || cJSON_GetArraySize(declared->args)))
			argp_error(state, "%s of a call of which tool? (-t NAME)",
				   declared->now    ? "the time" :
				   declared->guards ? "guards" :
						      "arguments");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp declared_argp = { .options = options, .parser = parse };

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

int declared_add_json(struct cJSON *args, const char *text)
{
	cJSON *given = cJSON_ParseWithOpts(text, NULL, true), *item;

	if (!cJSON_IsObject(given)) {
		cJSON_Delete(given);
		return -EINVAL;
	}
	while ((item = cJSON_DetachItemFromArray(given, 0))) {
		cJSON_DeleteItemFromObjectCaseSensitive(args, item->string);
		cJSON_AddItemToArray(args, item); /* keeps its name */
	}
	cJSON_Delete(given);
	return 0;
}

/* "file:line:column", of which the file may have colons. */
static void read_place(const char *place, struct policy_diag *diag)
{
	const char *column = strrchr(place, ':'), *line = NULL;

	if (column)
		line = memrchr(place, ':', (size_t)(column - place));
	if (!line)
		return;
	snprintf(diag->file, sizeof(diag->file), "%.*s", (int)(line - place), place);
	diag->line = (unsigned int)strtoul(line + 1, NULL, 10);
	diag->column = (unsigned int)strtoul(column + 1, NULL, 10);
}

int declared_compile(struct policy_file *file, const char *tool, const struct cJSON *args,
		     enum declare_said guards, struct policy_call *ret_call)
{
	struct declare_guarded guarded[POLICY_GUARDS_OF_CALL];
	const struct declare_context context = { .policy = file->policy,
						 .env = &file->env,
						 .image = &file->image };
	const struct declare_call call = { .tool = tool,
					   .args = args,
					   .guarded = guarded,
					   .guarded_len = guard_words_all(file->policy, tool,
									  guards, guarded) };
	struct declare_answer *answer = &file->declared;
	int r = declare_compile(&context, &call, POLICY_CALL_WORDS_MAX, ret_call, answer);

	memset(&file->diag, 0, sizeof(file->diag));
	snprintf(file->diag.text, sizeof(file->diag.text), "%s", answer->reason);
	read_place(answer->place, &file->diag);
	return r;
}

void declared_print_rule(const struct policy *policy, uint32_t id)
{
	const struct policy_rule *rule = policy_rule(policy, id);

	if (rule)
		printf("  %s:%u:%u: %s \"%s\"\n", rule->file, rule->line, rule->column,
		       rule->section, rule->pattern);
}

static void print_guards(const struct policy *policy, const char *tool)
{
	const struct policy_guard *guards[POLICY_GUARDS_OF_CALL];
	size_t len = policy_guards_of(policy, tool, guards);

	for (size_t i = 0; i < len; i++)
		guard_words_put(guards[i], stdout);
}

/* The place in a refusal is that of its rule. */
void declared_print_refusal(const struct policy_file *file, const char *tool)
{
	const struct policy_diag *diag = &file->diag;
	struct policy_diag why = *diag;
	const struct policy_rule *rule;

	why.file[0] = '\0';
	why.line = 0;
	printf("%s: a call of %s: ",
	       file->declared.would_deny	       ? "would be refused" :
	       file->declared.verdict == DECLARE_ASK   ? "asks first" :
	       file->declared.verdict == DECLARE_GUARD ? "asks its guards first" :
							 "refused",
	       tool);
	policy_diag_print(&why, stdout);
	if (file->declared.verdict == DECLARE_GUARD) {
		print_guards(file->policy, tool);
		return;
	}
	if (file->declared.violation)
		printf("  violation: %s\n", file->declared.violation);
	for (uint32_t id = 1; (rule = policy_rule(file->policy, id)); id++)
		if (diag->line && rule->line == diag->line && rule->column == diag->column &&
		    !strcmp(rule->file, diag->file)) {
			declared_print_rule(file->policy, id);
			return;
		}
	if (diag->line)
		printf("  %s:%u:%u\n", diag->file, diag->line, diag->column);
}
