// SPDX-License-Identifier: Apache-2.0
/* cmd_validate.c - enforcecore validate: is this a policy? */
#include <argp.h>
#include <stdio.h>

#include "commands.h"
#include "one_file.h"
#include "user/answer/guard_words.h"
#include "user/answer/policy_file.h"

enum {
	KEY_STRICT = 's'
};

struct words {
	const char *path;
	struct policy_file_options options;
};

static const struct argp_option options[] = {
	{ "strict", KEY_STRICT, NULL, 0, "warnings (unknown keys) are errors", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->path;
		return 0;
	case KEY_STRICT:
		words->options.strict = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &one_file_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.doc = "Reads a policy and compiles it for this machine: links and host names are "
	       "followed, and every limit that a session would meet shows.\v"
	       "Exits with 0 when it holds, 1 when it does not (file:line:column and why), 2 for "
	       "wrong words on the command line.",
	.children = children,
};

static int cmd_validate(int argc, char **argv)
{
	_cleanup_policy_file_ struct policy_file file = POLICY_FILE_NONE;
	struct words words = { 0 };
	uint32_t rules = 0;

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &words))
		return 2;
	if (policy_file_open(&file, words.path, &words.options) < 0)
		return 1;
	while (policy_rule(file.policy, rules + 1))
		rules++;
	printf("%s: valid: policy %s, version %s, %u rules, %zu tools, %u words "
	       "compiled\n",
	       words.path, policy_name(file.policy), policy_version(file.policy), rules,
	       policy_tools(file.policy), file.image.words_len);
	for (size_t i = 0; i < policy_guard_count(file.policy); i++)
		guard_words_put(policy_guard(file.policy, i), stdout);
	return 0;
}

COMMAND(cmd_validate, "validate", "check a policy");
