// SPDX-License-Identifier: Apache-2.0
/* cmd_explain.c - enforcecore explain: which rule decides this effect, and what
 * would have to change? */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>

#include "commands.h"
#include "one_file.h"
#include "user/answer/declared.h"
#include "user/answer/explain.h"

struct words {
	const char *path;
	struct declared declared;
	struct explain_words explain;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->declared;
		state->child_inputs[1] = &words->explain;
		state->child_inputs[2] = &words->path;
		return 0;
	case ARGP_KEY_END:
		if (!words->explain.effect)
			argp_error(state, "which effect? (-e 'read /etc/passwd')");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &declared_argp, 0, NULL, 0 },
	{ &explain_argp, 0, NULL, 0 },
	{ &one_file_argp, 0, NULL, 0 },
	{ 0 },
};
static const struct argp argp = {
	.parser = parse,
	.args_doc = "FILE -e 'OP TARGET'",
	.doc = "Which rule decides this effect, alone or (-t, -a) while a call is open, and when "
	       "it is refused, what would have to change?\v"
	       "Paths are followed through the links of this machine and need not exist. A host "
	       "is every address that it has now: one refused is refused.\n\n"
	       "Exits with 0 (permitted; also would-deny, which only records), 1 (refused: the "
	       "effect or the call), 2 (no answer: the policy, or the words).",
	.children = children,
};

static enum explain_status answer(struct policy_file *file, const struct words *words)
{
	const struct declared *d = &words->declared;
	enum explain_status status;
	struct policy_call call;
	int r;

	if (!d->tool)
		return explain_effect(file, NULL, NULL, &words->explain);
	file->env.now = d->now;
	r = declared_compile(file, d->tool, d->args, d->guards, &call);
	if (r == -EACCES || r == -EINVAL || r == -EINPROGRESS) {
		declared_print_refusal(file, d->tool);
		return r == -EINPROGRESS ? EXPLAIN_ASKS : EXPLAIN_REFUSED;
	}
	if (r < 0) {
		policy_diag_print(&file->diag, stderr);
		return EXPLAIN_UNUSABLE;
	}
	status = explain_effect(file, &call, d->tool, &words->explain);
	policy_call_done(&call);
	return status;
}

static int cmd_explain(int argc, char **argv)
{
	_cleanup_policy_file_ struct policy_file file = POLICY_FILE_NONE;
	struct words words = { .declared.args = cJSON_CreateObject() };
	int r = EXPLAIN_UNUSABLE;

	argp_err_exit_status = EXPLAIN_UNUSABLE;
	if (words.declared.args && !argp_parse(&argp, argc, argv, 0, NULL, &words) &&
	    policy_file_open(&file, words.path, NULL) == 0)
		r = answer(&file, &words);
	cJSON_Delete(words.declared.args);
	return r;
}

COMMAND(cmd_explain, "explain", "which rule decides this effect?");
