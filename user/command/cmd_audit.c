// SPDX-License-Identifier: Apache-2.0
/* cmd_audit.c - enforcecore audit show: a trail's calls, or one as a tree. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "number.h"
#include "user/audit/audit.h"

enum {
	SHOWN = 0,
	DOES_NOT_HOLD = 1,
	UNUSABLE = 2,
	KEY_CALL = 256,
	KEY_JSON,
};

struct words {
	const char *path;
	uint64_t call; /* 0: all */
	bool has_verb;
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
	case KEY_CALL:
		words->call = number_parse("--call", arg, CALL_MAX, state);
		return 0;
	case KEY_JSON:
		words->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!words->has_verb && strcmp(arg, "show"))
			argp_error(state, "%s: only `audit show` is known", arg);
		if (words->path)
			argp_error(state, "one TRAIL at a time");
		if (words->has_verb)
			words->path = arg;
		words->has_verb = true;
		return 0;
	case ARGP_KEY_END:
		if (!words->path)
			argp_error(state, "audit show TRAIL");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "show TRAIL",
	.doc = "Shows the calls of a trail, a line each, or one of them as a tree: what was "
	       "declared; what was observed, by process; what neither its grants nor the baseline "
	       "explain, marked with `!`; what it was granted by name and was not seen to "
	       "use.\v"
	       "Of a call's grants the kernel tells always, of the baseline's effects only with "
	       "--record all, and nothing of bytes. What is listed of one call is bounded; what "
	       "did not fit is counted. The chain is verified in the same reading.\n\n"
	       "Exits with 0, 1 when the chain does not hold (what is shown may have been "
	       "altered), 2 when TRAIL cannot be read or has no such call.",
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
		return UNUSABLE;
	}
	if (result->r < 0 && result->r != -EBADMSG) {
		fprintf(stderr, "enforcecore: audit: %s: %s\n", words->path, strerror(-result->r));
		return UNUSABLE;
	}
	if (result->r == -EBADMSG)
		fprintf(stderr,
			"enforcecore: audit: %s:%" PRIu64 ": the chain does not hold: %s; what is "
			"shown may have been altered\n",
			words->path, report->bad_line, report->reason);
	if (words->call && !result->found) {
		fprintf(stderr, "enforcecore: audit: %s: there is no call %" PRIu64 " in it\n",
			words->path, words->call);
		return UNUSABLE;
	}
	return result->r ? DOES_NOT_HOLD : SHOWN;
}

int cmd_audit(int argc, char **argv)
{
	struct result result = { 0 };
	struct words words = { 0 };

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &words))
		return UNUSABLE;
	show(&words, &result);
	return conclude(&words, &result);
}
