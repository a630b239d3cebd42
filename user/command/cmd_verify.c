// SPDX-License-Identifier: Apache-2.0
/* enforcecore verify FILE: does the chain of a trail hold? */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "one_file.h"
#include "user/trail/trail.h"

enum {
	HOLDS = 0,
	DOES_NOT_HOLD = 1,
	UNUSABLE = 2
};

static const struct argp_child children[] = { { &one_file_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.args_doc = "FILE",
	.doc = "Checks that every line of the trail FILE carries the SHA-256 of the line before."
	       "\vExits with 0 if the chain holds (also when its last line is torn, which it"
	       " says), 1 if it does not, 2 if FILE could not be read.",
	.children = children,
};

static int cmd_verify_print(const char *path, int err, const struct trail_report *report)
{
	if (err == -EBADMSG) {
		printf("%s:%" PRIu64 ": does not hold: %s\n", path, report->bad_line,
		       report->reason);
		return DOES_NOT_HOLD;
	}
	if (err) {
		fprintf(stderr, "enforcecore: verify: %s: %s\n", path, strerror(-err));
		return UNUSABLE;
	}
	printf("%s: holds: %" PRIu64 " lines, head %s", path, report->lines,
	       *report->head ? report->head : "none");
	if (report->recovered)
		printf(", %" PRIu64 " torn and accounted for", report->recovered);
	if (report->torn_len)
		printf(", a torn last line of %" PRIu64 " bytes", report->torn_len);
	putchar('\n');
	return HOLDS;
}

int cmd_verify(int argc, char **argv)
{
	struct trail_report report;
	const char *path = NULL;

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &path))
		return UNUSABLE;
	return cmd_verify_print(path, trail_verify(path, &report), &report);
}
