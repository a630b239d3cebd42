// SPDX-License-Identifier: Apache-2.0
/* main.c - hands over to the command. */
#include <stdio.h>
#include <string.h>

#include "bpf/agent.h"
#include "user/command/commands.h"

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct command *command = name ? command_find(name) : NULL;
	char called[64];

	/* Others write to the same standard error: what we say arrives in whole lines. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (!name || !strcmp(name, "--help") || !strcmp(name, "help")) {
		commands_print(name ? stdout : stderr);
		return name ? 0 : COMMANDS_FAILED;
	}
	/* argp has no say here: it would need a command first */
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("enforcecore %s, sensor %u\n", EC_VERSION, EC_ABI);
		return 0;
	}
	if (!command) {
		fprintf(stderr, "enforcecore: there is no command %s\n", name);
		commands_print(stderr);
		return COMMANDS_FAILED;
	}
	snprintf(called, sizeof(called), "enforcecore %s", name);
	argv[1] = called;
	return command->run(argc - 1, argv + 1);
}
