// SPDX-License-Identifier: Apache-2.0
/* cmd_dry_run.c - enforcecore dry-run: would this declaration be accepted, and
 * what would it open? */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>

#include "commands.h"
#include "one_file.h"
#include "user/answer/declared.h"
#include "user/answer/explain.h"
#include "user/learn/quote.h"

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
		if (!words->declared.tool)
			argp_error(state, "which tool? (-t NAME)");
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
	.args_doc = "FILE -t TOOL",
	.doc = "Would this declaration be accepted, here and now? Prints what the call would be "
	       "granted beside the baseline, with the rules, or why it is refused; with -e also "
	       "whether this effect is permitted while the call is open (see explain).\v"
	       "Paths are followed through the links of this machine, from this directory; they "
	       "need not exist.\n\n"
	       "The call is the first of its session: rates and the budget are those of the "
	       "start.\n\n"
	       "Exits with 0 (accepted), 1 (refused), 2 (no answer: the policy, or the words), 3 "
	       "(accepted once somebody approves it, or once its guards call it safe).",
	.children = children,
};

struct shown {
	const struct policy *policy;
	size_t grants;
};

static int show_grant(void *ctx, const struct policy_grant *grant)
{
	struct shown *shown = ctx;

	shown->grants++;
	if (!grant->op && !grant->rule) {
		printf("  no path: `within` is empty\n");
		return 0;
	}
	printf("  %s ", grant->op ? ask_op(grant->op) : "paths only below");
	quote_put(grant->pattern, stdout);
	printf("\n  ");
	declared_print_rule(shown->policy, grant->rule);
	return 0;
}

static int answer(struct policy_file *file, const struct words *words)
{
	const struct declared *d = &words->declared;
	struct shown shown = { .policy = file->policy };
	struct policy_call call;
	int r;

	file->env.now = d->now;
	r = declared_compile(file, d->tool, d->args, d->guards, &call);
	if (r == 0) {
		if (file->declared.would_deny)
			declared_print_refusal(file, d->tool);
		printf("allowed: a call of %s\n", d->tool);
		r = policy_call_grants(file->policy, &file->env, &file->image, d->tool, d->args,
				       show_grant, &shown, &file->diag);
	}
	if (r == -EACCES || r == -EINVAL || r == -EINPROGRESS)
		declared_print_refusal(file, d->tool);
	else if (r < 0)
		policy_diag_print(&file->diag, stderr);
	else if (!shown.grants)
		printf("  it grants nothing beside the baseline\n");
	if (r == 0 && words->explain.effect)
		r = explain_effect(file, &call, d->tool, &words->explain);
	else
		r = r == 0			 ? EXPLAIN_PERMITTED :
		    r == -EINPROGRESS		 ? EXPLAIN_ASKS :
		    r == -EACCES || r == -EINVAL ? EXPLAIN_REFUSED :
						   EXPLAIN_UNUSABLE;
	policy_call_done(&call);
	return r;
}

static int cmd_dry_run(int argc, char **argv)
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

COMMAND(cmd_dry_run, "dry-run", "would this declaration be accepted?");
