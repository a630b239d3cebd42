// SPDX-License-Identifier: Apache-2.0
/* cmd_policy.c - enforcecore policy test: run files of cases. */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "user/answer/cases.h"
#include "user/util.h"

#define UNUSABLE 2

struct words {
	char **paths;
	int len;
	bool has_verb;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!words->has_verb && strcmp(arg, "test"))
			argp_error(state, "%s: only `policy test` is known", arg);
		if (words->has_verb)
			words->paths[words->len++] = arg;
		words->has_verb = true;
		return 0;
	case ARGP_KEY_END:
		if (!words->len)
			argp_error(state, "policy test FILE...");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "test FILE...",
	.doc = "Runs files of cases against the policies that they name.\v"
	       "A FILE is YAML or JSON: `policy`, a path relative to FILE, and `cases`, each with "
	       "`effect` (as in explain -e) or `tool` and `args` or both, `expect` (allow, deny, "
	       "would-deny; refused: the declaration itself is) and, if it matters, `reason` "
	       "(never, flow, baseline, call, undeclared, writable, privilege, declaration; of a "
	       "refused declaration also a part of the sentence).\n\n"
	       "Of a case, or of all that have none of their own: `time`, when the call is "
	       "declared (2026-03-02T09:30:00+01:00; else now), and `tripped`, the flows that are, "
	       "by what they are `after` (\"read secret\", or the label alone; else none). Of FILE "
	       "alone: `home` of the agent (else $HOME) and `cwd`, the directory it works in, "
	       "relative to FILE (else this one).\n\n"
	       "Exits with 0 when all pass, 1 when one fails (file:line), 2 when a file cannot be "
	       "used.",
};

static int cmd_policy(int argc, char **argv)
{
	_cleanup_free_ char **paths = calloc((size_t)argc, sizeof(*paths));
	struct words words = { .paths = paths };
	struct cases_count count = { 0 };
	int status = 0;

	argp_err_exit_status = UNUSABLE;
	if (!paths || argp_parse(&argp, argc, argv, 0, NULL, &words))
		return UNUSABLE;
	for (int i = 0; i < words.len; i++)
		if (cases_run(paths[i], &count) < 0)
			status = UNUSABLE;
	printf("%u passed, %u failed\n", count.passed, count.failed);
	return status ? status : count.failed ? 1 : 0;
}

COMMAND(cmd_policy, "policy", "policy test: run a file of cases");
