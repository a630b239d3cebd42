// SPDX-License-Identifier: Apache-2.0
#include "commands.h"

#include <stdint.h>
#include <string.h>

/* The linker's names for the section's two ends. */
extern const struct command *const __start_ec_commands[];
extern const struct command *const __stop_ec_commands[];

static size_t commands_len(void)
{
	return ((uintptr_t)__stop_ec_commands - (uintptr_t)__start_ec_commands) /
	       sizeof(__start_ec_commands[0]);
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < commands_len(); i++)
		if (!strcmp(__start_ec_commands[i]->name, name))
			return __start_ec_commands[i];
	return NULL;
}

void commands_print(FILE *to)
{
	fprintf(to, "Usage: enforcecore COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < commands_len(); i++)
		fprintf(to, "  %-10s %s\n", __start_ec_commands[i]->name,
			__start_ec_commands[i]->about);
	fprintf(to, "\n`enforcecore COMMAND --help` tells more, `enforcecore --version` "
		    "which this is.\n");
}
