// SPDX-License-Identifier: Apache-2.0
/* main.c - picks the command. */
#include <stdio.h>
#include <string.h>

#include "user/command/commands.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
} commands[] = {
	{ "run", cmd_run, "a command under a policy" },
	{ "mcp", cmd_mcp, "a stdio MCP server behind the gateway" },
	{ "verify", cmd_verify, "check a trail" },
	{ "inspect", cmd_inspect, "the last calls of a trail" },
	{ "audit", cmd_audit, "audit show: a call, declared against observed" },
	{ "validate", cmd_validate, "check a policy" },
	{ "dry-run", cmd_dry_run, "would this declaration be accepted?" },
	{ "explain", cmd_explain, "which rule decides this effect?" },
	{ "policy", cmd_policy, "policy test: run a file of cases" },
	{ "learn", cmd_learn, "propose a policy from what was observed" },
	{ "call", cmd_call, "declare a call from a script" },
	{ "approve", cmd_approve, "answer a call that its policy asks about" },
	{ "hook", cmd_hook, "a coding agent's own hook protocol" },
	{ "info", cmd_info, "this program and this host" },
};
#define COMMANDS_LEN (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	fprintf(to, "Usage: enforcecore COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < COMMANDS_LEN; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].about);
	fprintf(to, "\n`enforcecore COMMAND --help` tells more.\n");
}

int main(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
		usage(stdout);
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < COMMANDS_LEN; i++) {
		char name[64];

		if (strcmp(argv[1], commands[i].name))
			continue;
		snprintf(name, sizeof(name), "enforcecore %s", argv[1]);
		argv[1] = name;
		return commands[i].run(argc - 1, argv + 1);
	}
	if (argc > 1)
		fprintf(stderr, "enforcecore: there is no command %s\n", argv[1]);
	usage(stderr);
	return COMMANDS_FAILED;
}
