// SPDX-License-Identifier: Apache-2.0
/* cmd_audit_show.c - enforcecore audit show: a trail's calls, or one as a tree. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd_audit.h"
#include "number.h"
#include "one_file.h"
#include "user/audit/audit.h"
#include "user/evidence/files_read.h"

enum {
	KEY_CALL = 256,
	KEY_JSON,
};

struct words {
	const char *path;
	uint64_t call; /* 0: all */
	bool json;
};

static const struct argp_option options[] = {
	{ "call", KEY_CALL, "ID", 0, "this call alone: declared against observed", 0 },
	{ "json", KEY_JSON, NULL, 0, "a JSON object for each call, a line each", 0 },
	{ 0 },
};

#define CALL_MAX (1ul << 53) /* as JSON can count */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->path;
		return 0;
	case KEY_CALL:
		words->call = number_parse("--call", arg, CALL_MAX, state);
		return 0;
	case KEY_JSON:
		words->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &one_file_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRAIL|FOLDER",
	.doc = "Shows the calls of a trail, a line each, or one of them as a tree: what was "
	       "declared; what was observed, by process; what neither its grants nor the baseline "
	       "explain, marked with `!`; what it was granted by name and was not seen to "
	       "use.\v"
	       "Of a call's grants the kernel tells always, of the baseline's effects only with "
	       "--record all, and nothing of bytes. What is listed of one call is bounded; what "
	       "did not fit is counted. The chain is verified in the same reading.\n\n"
	       "Exits with 0, 1 when the chain does not hold (what is shown may have been "
	       "altered), 2 when TRAIL cannot be read or has no such call.",
	.children = children,
};

struct result {
	int r; /* as audit_call returns it */
	uint64_t found;
	struct trail_report report;
};

static void show(const struct words *words, struct result *ret_result)
{
	if (words->call)
		ret_result->r = audit_call(words->path, words->call, words->json, stdout,
					   &ret_result->report, &ret_result->found);
	else
		ret_result->r = audit_list(words->path, words->json, stdout, &ret_result->report);
}

static int conclude(const struct words *words, const struct result *result)
{
	const struct trail_report *report = &result->report;

	if (fflush(stdout) || ferror(stdout)) {
		perror("enforcecore: audit: standard output");
		return AUDIT_UNUSABLE;
	}
	if (result->r < 0 && result->r != -EBADMSG) {
		fprintf(stderr, "enforcecore: audit: %s: %s\n", words->path,
			files_read_problem(result->r));
		return AUDIT_UNUSABLE;
	}
	if (result->r == -EBADMSG)
		cmd_audit_warn(words->path, report, "what is shown may have been altered");
	if (words->call && !result->found) {
		fprintf(stderr, "enforcecore: audit: %s: there is no call %" PRIu64 " in it\n",
			words->path, words->call);
		return AUDIT_UNUSABLE;
	}
	return result->r ? AUDIT_DOES_NOT_HOLD : AUDIT_DONE;
}

int cmd_audit_show(int argc, char **argv)
{
	struct result result = { 0 };
	struct words words = { 0 };

	argp_err_exit_status = AUDIT_UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &words))
		return AUDIT_UNUSABLE;
	show(&words, &result);
	return conclude(&words, &result);
}
