// SPDX-License-Identifier: Apache-2.0
/* cmd_audit.c - enforcecore audit: hands over to the sub-command. */
#include "cmd_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
} verbs[] = {
	{ "show", cmd_audit_show, "a trail's calls, or one: declared against observed" },
	{ "report", cmd_audit_report, "one page for a browser, for who investigates" },
	{ "export", cmd_audit_export, "the trail as JSON lines, CSV, OCSF, OTLP, ..." },
};

static void print_verbs(FILE *to)
{
	fprintf(to, "Usage: enforcecore audit COMMAND [OPTION...] TRAIL\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].about);
	fprintf(to, "\n`enforcecore audit COMMAND --help` tells more.\n");
}

void cmd_audit_warn(const char *path, const struct trail_report *report, const char *meaning)
{
	fprintf(stderr, "enforcecore: audit: %s:%" PRIu64 ": the chain does not hold: %s; %s\n",
		path, report->bad_line, report->reason, meaning);
}

static int cmd_audit(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : NULL;
	char called[64];

	if (verb && (!strcmp(verb, "--help") || !strcmp(verb, "-?"))) {
		print_verbs(stdout);
		return AUDIT_DONE;
	}
	for (size_t i = 0; verb && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verb, verbs[i].name))
			continue;
		snprintf(called, sizeof(called), "enforcecore audit %s", verb);
		argv[1] = called;
		return verbs[i].run(argc - 1, argv + 1);
	}
	if (verb)
		fprintf(stderr, "enforcecore: audit: there is no command %s\n", verb);
	print_verbs(stderr);
	return AUDIT_UNUSABLE;
}

COMMAND(cmd_audit, "audit", "a trail for people: show, report, export");
