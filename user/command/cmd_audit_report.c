// SPDX-License-Identifier: Apache-2.0
/* cmd_audit_report.c - enforcecore audit report: a trail as one page. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd_audit.h"
#include "one_file.h"
#include "out_file.h"
#include "user/evidence/files_read.h"
#include "user/report/report.h"

struct words {
	const char *path, *out;
};

static const struct argp_option options[] = {
	{ "output", 'o', "PAGE", 0, "where the page goes (default: standard output)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->path;
		return 0;
	case 'o':
		words->out = arg;
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
	.doc = "Makes one HTML page of a trail: whether its chain holds, what was refused, each "
	       "call as what was declared against what was observed, processes, search. The page "
	       "works from a file and asks nothing of a network.\v"
	       "A page holds 100,000 refusals and 400,000 other records; what has no room is "
	       "counted in it and here. The totals are always those of the whole trail.\n\n"
	       "Exits with 0, 1 when the chain does not hold (the page says where), 2 when TRAIL "
	       "cannot be read or the page cannot be written.",
	.children = children,
};

static int complain(const char *what, int error)
{
	fprintf(stderr, "enforcecore: audit report: %s: %s\n", what, files_read_problem(error));
	return AUDIT_UNUSABLE;
}

int cmd_audit_report(int argc, char **argv)
{
	_cleanup_out_file_ struct out_file out = { 0 };
	struct report_result result;
	struct words words = { 0 };
	int holds, r;

	argp_err_exit_status = AUDIT_UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &words))
		return AUDIT_UNUSABLE;
	if ((r = out_file_open(&out, words.out)) < 0)
		return complain(words.out, r);
	holds = report_write(words.path, out.to, &result);
	if (holds < 0 && holds != -EBADMSG)
		return complain(words.path, holds);
	if ((r = out_file_finish(&out)) < 0)
		return complain(words.out ? words.out : "standard output", r);
	if (result.left_out_findings || result.left_out_others)
		fprintf(stderr,
			"enforcecore: audit report: the page has no room for %" PRIu64
			" refusals and %" PRIu64 " other records\n",
			result.left_out_findings, result.left_out_others);
	if (holds == 0)
		return AUDIT_DONE;
	cmd_audit_warn(words.path, &result.trail, "the page says so");
	return AUDIT_DOES_NOT_HOLD;
}
