// SPDX-License-Identifier: Apache-2.0
/* The commands that tell what the kernel would say. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <sys/wait.h>

#include "ask_dir.h"
#include "user/command/commands.h"

TestSuite(ask_commands, .init = dir_begin, .fini = dir_end);

#define RUN(command, ...)                                                                          \
	({                                                                                         \
		char *argv[] = { "enforcecore", __VA_ARGS__, NULL };                               \
		command((int)(sizeof(argv) / sizeof(*argv)) - 1, argv);                            \
	})

Test(ask_commands, commands_exit_with_the_answer)
{
	char *p;

	cr_redirect_stdout();
	cr_redirect_stderr();
	p = in_dir("p.yaml");
	write_file("bad.yaml", "name: x\nkernel:\n  baseline: { read: [relative] }\n");
	write_file("odd.yaml", "name: x\nrulez: {}\n");
	cr_assert_eq(RUN(command_find("validate")->run, p), 0);
	cr_assert_eq(RUN(command_find("validate")->run, in_dir("bad.yaml")), 1);
	cr_assert_eq(RUN(command_find("validate")->run, in_dir("odd.yaml")), 0);
	cr_assert_eq(RUN(command_find("validate")->run, "--strict", in_dir("odd.yaml")), 1);
	cr_assert_eq(
		RUN(command_find("dry-run")->run, p, "-t", "write_file", "-a", "path=/srv/out/a"),
		0);
	cr_assert_eq(
		RUN(command_find("dry-run")->run, p, "-t", "write_file", "-a", "path=/etc/passwd"),
		1);
	cr_assert_eq(RUN(command_find("dry-run")->run, p, "-t", "rm"), 1);
	cr_assert_eq(RUN(command_find("dry-run")->run, p, "-t", "write_file", "-a",
			 "path=/srv/out/a", "-e", "write /srv/out/a"),
		     0);
	cr_assert_eq(RUN(command_find("dry-run")->run, p, "-t", "write_file", "-a",
			 "path=/srv/out/a", "-e", "write /srv/out/b"),
		     1);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "read /etc/shadow"), 1);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "read /usr/x"), 0);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "look /usr/x"), 2);
	cr_assert_eq(RUN(command_find("explain")->run, in_dir("bad.yaml"), "-e", "read /x"), 2);
}

Test(ask_commands, commands_take_a_time)
{
	char *p;

	cr_redirect_stdout();
	cr_redirect_stderr();
	p = in_dir("p.yaml");
	cr_assert_eq(RUN(command_find("dry-run")->run, p, "-t", "deploy", "--time",
			 "2026-03-02T12:00:00Z"),
		     0);
	cr_assert_eq(RUN(command_find("dry-run")->run, p, "-t", "deploy", "--time",
			 "2026-03-02T08:00:00Z"),
		     1);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-t", "deploy", "--time",
			 "2026-03-02T12:00:00Z", "-e", "connect 10.0.0.1:22"),
		     0);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-t", "deploy", "--time",
			 "2026-03-02T18:00:00Z", "-e", "connect 10.0.0.1:22"),
		     1);
}

Test(ask_commands, commands_take_tripped_flows)
{
	char *p;

	cr_redirect_stdout();
	cr_redirect_stderr();
	p = in_dir("p.yaml");
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "connect 10.0.0.1:443"), 0);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "connect 10.0.0.1:443", "--tripped",
			 "secret"),
		     1);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "connect 127.0.0.1:443",
			 "--tripped", "read secret"),
		     0);
	cr_assert_eq(RUN(command_find("explain")->run, p, "-e", "connect 127.0.0.1:443",
			 "--tripped", "read none"),
		     2);
	cr_assert_eq(RUN(command_find("dry-run")->run, p, "-t", "write_file", "-e",
			 "connect 10.0.0.1:443", "--tripped", "read secret"),
		     1);
}

/* argp ends the process that got wrong words. */
static int status_of(int (*command)(int argc, char **argv), char **argv)
{
	int argc = 0, status;
	pid_t pid;

	while (argv[argc])
		argc++;
	pid = fork();
	if (!pid)
		_exit(command(argc, argv));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define STATUS(command, ...) status_of(command, (char *[]) { "enforcecore", __VA_ARGS__, NULL })

Test(ask_commands, wrong_words_are_no_answer)
{
	char *p;

	cr_redirect_stdout();
	cr_redirect_stderr();
	p = in_dir("p.yaml");
	cr_assert_eq(STATUS(command_find("explain")->run, p), 2);
	cr_assert_eq(STATUS(command_find("explain")->run, "-e", "read /x"), 2);
	cr_assert_eq(STATUS(command_find("explain")->run, p, p, "-e", "read /x"), 2);
	cr_assert_eq(STATUS(command_find("explain")->run, p, "-e", "read /x", "-a", "path=/x"), 2);
	cr_assert_eq(STATUS(command_find("explain")->run, p, "-e", "read /x", "--time",
			    "2026-03-02T12:00:00Z"),
		     2);
	cr_assert_eq(STATUS(command_find("dry-run")->run, p), 2);
	cr_assert_eq(STATUS(command_find("dry-run")->run, "-t", "deploy"), 2);
	cr_assert_eq(STATUS(command_find("dry-run")->run, p, "-t", "deploy", "--time", "noon"), 2);
	cr_assert_eq(STATUS(command_find("dry-run")->run, p, "-t", "deploy", "--tripped", "secret"),
		     2);
	cr_assert_eq(STATUS(command_find("validate")->run, "--strict"), 2);
	cr_assert_eq(STATUS(command_find("validate")->run, p, p), 2);
	cr_assert_eq(STATUS(command_find("verify")->run, "--"), 2);
	cr_assert_eq(STATUS(command_find("inspect")->run, p, p), 2);
}
