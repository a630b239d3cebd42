// SPDX-License-Identifier: Apache-2.0
/* The last calls of a trail, ours and the Python version's. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/command/commands.h"

#define OURS                                                                                       \
	"{\"seq\":1,\"time\":\"T1\",\"kind\":\"session_begin\"}\n"                                 \
	"{\"seq\":2,\"time\":\"T2\",\"kind\":\"call_begin\",\"tool\":\"read\","                    \
	"\"arguments\":{\"path\":\"/a\"}}\n"                                                       \
	"{\"seq\":3,\"time\":\"T3\",\"kind\":\"denial\",\"tool\":\"read\",\"op\":\"write\","       \
	"\"verdict\":\"deny\",\"target\":\"/b\\u001b[2J\",\"reason\":\"undeclared\"}\n"            \
	"{\"seq\":4,\"time\":\"T4\",\"kind\":\"call_refused\",\"tool\":\"rm\","                    \
	"\"verdict\":\"deny\",\"reason\":\"denied_tools\"}\n"
#define THEIRS                                                                                     \
	"{\"timestamp\":\"T5\",\"tool_name\":\"web\",\"decision\":\"blocked\","                    \
	"\"violation_reason\":\"rate\"}\n"

static char path[] = "/tmp/ec-inspect-XXXXXX";
static char shown[20000];

static int inspect(const char *trail, char **argv, int argc)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), r;
	FILE *out;

	cr_assert_eq(write(fd, trail, strlen(trail)), (ssize_t)strlen(trail));
	close(fd);
	r = cmd_inspect(argc, argv);
	fflush(stdout);
	out = cr_get_redirected_stdout();
	shown[fread(shown, 1, sizeof(shown) - 1, out)] = '\0';
	return r;
}

#define INSPECT(trail, ...)                                                                        \
	({                                                                                         \
		char *argv[] = { "enforcecore inspect", path, __VA_ARGS__ };                       \
		inspect(trail, argv, (int)(sizeof(argv) / sizeof(*argv)));                         \
	})

static void set_up(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	cr_redirect_stdout();
	cr_redirect_stderr();
}

static void tear_down(void)
{
	unlink(path);
}

TestSuite(inspect, .init = set_up, .fini = tear_down);

Test(inspect, shows_calls_denials_and_refusals)
{
	cr_assert_eq(INSPECT(OURS THEIRS), 0);
	cr_assert(strstr(shown, "allowed  read"), "%s", shown);
	cr_assert(strstr(shown, "{\"path\":\"/a\"}"), "%s", shown);
	cr_assert(strstr(shown, "write /b?[2J: undeclared"), "nothing moves the terminal: %s",
		  shown);
	cr_assert(strstr(shown, "blocked  rm"), "%s", shown);
	cr_assert(strstr(shown, "blocked  web"), "%s", shown);
	cr_assert(strstr(shown, "4 shown"), "%s", shown);
}

Test(inspect, chooses_by_tool)
{
	cr_assert_eq(INSPECT(OURS, "-t", "read"), 0);
	cr_assert(strstr(shown, "2 shown"), "%s", shown);
	cr_assert_not(strstr(shown, "denied_tools"), "%s", shown);
}

Test(inspect, chooses_by_decision)
{
	cr_assert_eq(INSPECT(OURS, "-d", "blocked"), 0);
	cr_assert(strstr(shown, "2 shown"), "%s", shown);
	cr_assert_not(strstr(shown, "/a"), "%s", shown);
}

Test(inspect, shows_the_last_in_their_order)
{
	cr_assert_eq(INSPECT(OURS THEIRS, "-n", "2"), 0);
	cr_assert(strstr(shown, "2 shown"), "%s", shown);
	cr_assert_lt(strstr(shown, "rm"), strstr(shown, "web"));
	cr_assert_not(strstr(shown, "T2"), "%s", shown);
}

Test(inspect, names_the_line_that_is_no_entry_and_goes_on)
{
	cr_assert_eq(INSPECT(OURS "{\"seq\":\n" THEIRS), 2);
	cr_assert(strstr(shown, "4 shown"), "%s", shown);
}
