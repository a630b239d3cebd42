// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_explain.c - enforcecore dry-run: would this declaration be accepted?
 * enforcecore explain: which rule decides this effect, and what would have to
 * change?
 */
#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "policy/ask/ask.h"
#include "policy_file.h"
#include "user/util.h"

#define PERMITTED 0
#define REFUSED 1
#define UNUSABLE 2

struct words {
	const char *path;
	const char *effect;
	const char *tool;
	cJSON *args;
	bool explain;
};

static const struct argp_option options[] = {
	{ "tool", 't', "TOOL", 0, "the declared call", 0 },
	{ "arg", 'a', "KEY=VALUE", 0,
	  "an argument of the call; JSON when VALUE is a number, boolean, list or map", 0 },
	{ "effect", 'e', "'OP TARGET'",
	  0, "read|write|exec|load PATH, connect|listen HOST:PORT|unix:PATH|unix:@NAME, privilege NAME",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case 't':
		words->tool = arg;
		return 0;
	case 'a':
		if (declared_add(words->args, arg) < 0)
			argp_error(state, "%s is not KEY=VALUE", arg);
		return 0;
	case 'e':
		words->effect = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (words->path)
			argp_error(state, "one FILE at a time");
		words->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!words->path)
			argp_error(state, "which FILE?");
		if (words->explain && !words->effect)
			argp_error(state, "which effect? (-e 'read /etc/passwd')");
		if (!words->explain && !words->tool)
			argp_error(state, "which tool? (-t NAME)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp_dry_run = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE -t TOOL",
	.doc = "Would this declaration be accepted, here and now? With -e also: would the effect "
	       "be "
	       "permitted while it is open?\vExits with 0 (yes), 1 (refused), 2 (no answer).",
};
static const struct argp argp_explain = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE -e 'OP TARGET'",
	.doc = "Which rule decides this effect, alone or (-t, -a) while a call is open, and what "
	       "would have to change?\vExits with 0 (permitted), 1 (refused), 2 (no answer).",
};

static void print_rule(const struct policy *policy, uint32_t id)
{
	const struct policy_rule *rule = policy_rule(policy, id);

	if (rule)
		printf("  %s:%u:%u: %s \"%s\"\n", rule->file, rule->line, rule->column,
		       rule->section, rule->pattern);
}

/* The least that would turn a refusal round. */
static void advise(const struct words *words, const struct answer *a)
{
	const char *op = words->effect, *target = strchr(op, ' ');
	int len = (int)strcspn(op, " ");

	target = target ? target + strspn(target, " ") : "";
	switch (a->reason) {
	case EC_REASON_NEVER:
		printf("  to permit it, that rule would have to go: nothing overrides `never`\n");
		break;
	case EC_REASON_FLOW:
		printf("  to permit it, add it to the flow's `except`\n");
		break;
	case EC_REASON_WRITABLE:
		printf("  what the agent may write it may not load: take the path out of `write`, "
		       "or add it to an `exec`\n");
		break;
	case EC_REASON_PRIVILEGE:
		printf("  to permit it, add \"%s\" to kernel.allow\n", target);
		break;
	default:
		if (!strncmp(op, "load ", 5))
			op = "read", len = 4;
		printf("  to permit it always, add \"%s\" to kernel.baseline.%.*s\n", target, len,
		       op);
		if (words->tool)
			printf("  to permit it to this call, add it to kernel.tools.%s.%.*s%s\n",
			       words->tool, len, op, " (and see that it lies in its `within`)");
	}
}

static int answer_effect(struct policy_file *file, const struct words *words,
			 const struct policy_call *call)
{
	struct effect_asked effect;
	struct answer a;

	if (effect_parse(words->effect, &file->env, &effect, &file->diag) < 0) {
		fprintf(stderr, "enforcecore: %s\n", file->diag.text);
		return UNUSABLE;
	}
	a = ask(file->policy, &file->image, call, 0, &effect);
	printf("%s: %s (%s)\n", ask_verdict(a.verdict), words->effect, ask_reason(a.reason));
	if (effect.string[0] == '/' && !strstr(words->effect, effect.string))
		printf("  it leads to %.*s\n", (int)effect.len, effect.string);
	print_rule(file->policy, a.rule);
	if (a.verdict == EC_VERDICT_ALLOW)
		return PERMITTED;
	advise(words, &a);
	return a.verdict == EC_VERDICT_WOULD_DENY ? PERMITTED : REFUSED;
}

static int answer(struct policy_file *file, const struct words *words)
{
	struct policy_call call = { 0 };
	int r = 0;

	if (words->tool) {
		r = declared_compile(file, words->tool, words->args, &call);
		if (r < 0) {
			printf("refused: the call of %s: %s\n", words->tool, file->diag.text);
			return r == -EACCES || r == -EINVAL ? REFUSED : UNUSABLE;
		}
		if (!words->effect)
			printf("allowed: a call of %s\n", words->tool);
	}
	if (words->effect)
		r = answer_effect(file, words, words->tool ? &call : NULL);
	policy_call_done(&call);
	return r;
}

static int command(const struct argp *argp, bool explain, int argc, char **argv)
{
	_cleanup_policy_file_ struct policy_file file = POLICY_FILE_NONE;
	struct words words = { .explain = explain, .args = cJSON_CreateObject() };
	int r = UNUSABLE;

	argp_err_exit_status = UNUSABLE;
	if (words.args && !argp_parse(argp, argc, argv, 0, NULL, &words) &&
	    policy_file_open(&file, words.path, false) == 0)
		r = answer(&file, &words);
	cJSON_Delete(words.args);
	return r;
}

int cmd_dry_run(int argc, char **argv)
{
	return command(&argp_dry_run, false, argc, argv);
}

int cmd_explain(int argc, char **argv)
{
	return command(&argp_explain, true, argc, argv);
}
