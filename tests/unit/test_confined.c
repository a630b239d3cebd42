// SPDX-License-Identifier: Apache-2.0
/* The words that `run` and `mcp` have in common. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/command/commands.h"
#include "user/command/confined.h"
#include "user/command/number.h"

static int length(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return argc;
}

static struct confined parsed(char **argv)
{
	struct confined confined = { 0 };

	cr_assert_eq(argp_parse(&confined_argp, length(argv), argv, ARGP_IN_ORDER, NULL, &confined),
		     0);
	return confined;
}

#define PARSED(...) parsed((char *[]) { "enforcecore", __VA_ARGS__, NULL })

Test(confined, words_of_the_command_are_its_own)
{
	struct confined c = PARSED("--observe", "-p", "p.yaml", "--trail=t", "--strict", "--record",
				   "all", "--", "cat", "-p", "--strict");

	cr_assert_str_eq(c.session.policy_path, "p.yaml");
	cr_assert_str_eq(c.session.trail_path, "t");
	cr_assert(c.session.observe && c.session.strict && c.session.record_all);
	cr_assert_str_eq(c.argv[0], "cat");
	cr_assert_str_eq(c.argv[1], "-p");
	cr_assert_str_eq(c.argv[2], "--strict");
	cr_assert_null(c.argv[3]);
}

Test(confined, nothing_is_on_by_itself)
{
	struct confined c = PARSED("-p", "p.yaml", "cat", "--observe");

	cr_assert_not(c.session.observe || c.session.strict || c.session.record_all);
	cr_assert_null(c.session.trail_path);
	cr_assert_str_eq(c.argv[1], "--observe");
}

/* argp ends the process that got wrong words. */
static int status_of(int (*command)(int argc, char **argv), char **argv)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(command(length(argv), argv));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define STATUS(command, ...) status_of(command, (char *[]) { "enforcecore", __VA_ARGS__, NULL })

Test(confined, wrong_words_fail_before_anything_starts)
{
	int (*const commands[])(int argc, char **argv) = { command_find("run")->run,
							   command_find("mcp")->run };

	cr_redirect_stderr();
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(STATUS(commands[i], "--", "true"), COMMANDS_FAILED);
		cr_assert_eq(STATUS(commands[i], "-p", "/none"), COMMANDS_FAILED);
		cr_assert_eq(STATUS(commands[i], "-p", "/none", "--record=some", "true"),
			     COMMANDS_FAILED);
		cr_assert_eq(STATUS(commands[i], "-p", "/none", "--unknown", "true"),
			     COMMANDS_FAILED);
	}
	cr_assert_eq(STATUS(command_find("mcp")->run, "-p", "/none", "--max-pending=0", "true"),
		     COMMANDS_FAILED);
	cr_assert_eq(STATUS(command_find("mcp")->run, "-p", "/none", "--max-pending=65", "true"),
		     COMMANDS_FAILED);
}

static error_t parse_number(int key, char *arg, struct argp_state *state)
{
	unsigned long *number = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	*number = number_parse("N", arg, 64, state);
	return 0;
}

/* Exits with the number. */
static int cmd_number(int argc, char **argv)
{
	static const struct argp argp = { .parser = parse_number };
	unsigned long number = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &number);
	return (int)number;
}

Test(confined, a_number_is_one_and_in_its_range)
{
	cr_redirect_stderr();
	argp_err_exit_status = 100;
	cr_assert_eq(STATUS(cmd_number, "1"), 1);
	cr_assert_eq(STATUS(cmd_number, "64"), 64);
	cr_assert_eq(STATUS(cmd_number, "0"), 100);
	cr_assert_eq(STATUS(cmd_number, "65"), 100);
	cr_assert_eq(STATUS(cmd_number, "--", "-1"), 100);
	cr_assert_eq(STATUS(cmd_number, "+1"), 100);
	cr_assert_eq(STATUS(cmd_number, " 1"), 100);
	cr_assert_eq(STATUS(cmd_number, "1x"), 100);
	cr_assert_eq(STATUS(cmd_number, ""), 100);
	cr_assert_eq(STATUS(cmd_number, "18446744073709551617"), 100);
}

Test(confined, what_became_of_the_command_is_the_status)
{
	cr_redirect_stderr();
	cr_assert_eq(confined_not_started("c", -ENOENT), 127);
	cr_assert_eq(confined_not_started("c", -EACCES), 126);
	cr_assert_eq(confined_not_started("c", -EPROTO), COMMANDS_FAILED);
	cr_assert_eq(confined_exit_status(W_EXITCODE(3, 0)), 3);
	cr_assert_eq(confined_exit_status(W_EXITCODE(0, SIGKILL)), 128 + SIGKILL);
}
