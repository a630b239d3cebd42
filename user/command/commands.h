/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h - the commands of the one binary: each file says COMMAND(…) of its
 * own, and the linker makes the table. Each parses its own words with argp(3)
 * and returns the exit status. */
#ifndef EC_COMMANDS_H
#define EC_COMMANDS_H

#include <stdio.h>

#define COMMANDS_FAILED 125 /* EnforceCore itself failed */

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about; /* one line */
};

/* A pointer each, so that nothing depends on how structs are laid out in a section. */
#define COMMAND(function, its_name, its_about)                                                     \
	static const struct command function##_command = { its_name, function, its_about };        \
	static const struct command *const function##_entry                                        \
		__attribute__((used, section("ec_commands"))) = &function##_command

const struct command *command_find(const char *name); /* NULL: there is none */

void commands_print(FILE *to);

#endif
