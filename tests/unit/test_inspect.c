// SPDX-License-Identifier: Apache-2.0
/* The last calls of a trail, ours and the Python version's. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/command/commands.h"
#include "user/trail/trail.h"

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

static void write_trail(const char *trail, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	cr_assert_eq(write(fd, trail, len), (ssize_t)len);
	close(fd);
}

static int show(char **argv, int argc)
{
	int r = command_find("inspect")->run(argc, argv);
	FILE *out;

	fflush(stdout);
	out = cr_get_redirected_stdout();
	shown[fread(shown, 1, sizeof(shown) - 1, out)] = '\0';
	return r;
}

static int inspect(const char *trail, char **argv, int argc)
{
	write_trail(trail, strlen(trail));
	return show(argv, argc);
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
	cr_assert(strstr(shown, "undeclared: write /b?[2J"), "nothing moves the terminal: %s",
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

static void is_no_entry(const char *line, size_t len)
{
	char *argv[] = { "enforcecore inspect", path };

	write_trail(line, len);
	cr_assert_eq(show(argv, 2), 2, "%s", line);
	cr_assert(strstr(shown, "\n0 shown"), "%s: %s", line, shown);
}

Test(inspect, an_entry_is_all_of_its_line)
{
	static const char *const begun[] = {
		"{\"seq\":1,\"time\":\"T\",\"kind\":\"call_begin\"} {}\n",
		"{\"kind\":\"call_begin\",\"tool\":\"x\"}\n",
		"{\"tool_name\":\"x\",\"decision\":\"perhaps\"}\n",
		"\n",
	};
	static const char nul[] = "{\"seq\":1,\"time\":\"T\",\"kind\":\"call_begin\"}\0x\n";

	for (size_t i = 0; i < sizeof(begun) / sizeof(*begun); i++)
		is_no_entry(begun[i], strlen(begun[i]));
	is_no_entry(nul, sizeof(nul) - 1);
}

Test(inspect, nothing_of_a_name_acts_on_the_terminal)
{
	cr_assert_eq(INSPECT("{\"tool_name\":\"a\\u009b2J\\u202eb\",\"decision\":\"allowed\","
			     "\"timestamp\":\"\xff\"}\n"),
		     0);
	cr_assert(strstr(shown, " a?2J?b "), "%s", shown);
	cr_assert_eq(shown[strcspn(shown, "\n") + 1], '?', "%s", shown);
}

static void add_record(struct trail *trail, const char *kind, const char *verdict,
		       const char *target)
{
	cJSON *record = cJSON_CreateObject();

	cJSON_AddStringToObject(record, "kind", kind);
	cJSON_AddStringToObject(record, "tool", "read");
	cJSON_AddStringToObject(record, "op", "read");
	cJSON_AddStringToObject(record, "verdict", verdict);
	cJSON_AddStringToObject(record, "reason", "undeclared");
	cr_assert_eq(trail_add_bytes(record, "target", target, strlen(target)), 0);
	cr_assert_eq(trail_append(trail, record), 0);
}

/* As the controller writes it. A long name hides neither reason nor itself. */
Test(inspect, reads_what_the_trail_writes)
{
	char *argv[] = { "enforcecore inspect", path }, target[1000];
	struct trail *trail;

	for (size_t i = 0; i < sizeof(target); i += 2)
		memcpy(target + i, "\xc3\xa4", 2);
	target[0] = '/';
	target[1] = 'x';
	target[sizeof(target) - 2] = '\0';
	cr_assert_eq(truncate(path, 0), 0);
	cr_assert_eq(trail_open(path, &trail), 0);
	add_record(trail, "denial", "deny", target);
	add_record(trail, "denial", "would-deny", "/w");
	add_record(trail, "effect", "allow", "/e");
	cr_assert_eq(trail_close(trail), 0);
	cr_assert_eq(show(argv, 2), 0);
	cr_assert(strstr(shown, "blocked  read                     undeclared: read /x\xc3\xa4"),
		  "%s", shown);
	cr_assert(strstr(shown, "\xc3\xa4...\n"), "%s", shown);
	cr_assert(strstr(shown, "allowed  read                     would-deny undeclared: read /w"),
		  "%s", shown);
	cr_assert(strstr(shown, "\n2 shown"), "%s", shown);
}

Test(inspect, what_cannot_be_read_is_not_empty)
{
	char *dir[] = { "enforcecore inspect", "/tmp" };
	char *none[] = { "enforcecore inspect", "/tmp/ec-none/none" };

	cr_assert_eq(command_find("inspect")->run(2, dir), 2);
	cr_assert_eq(command_find("inspect")->run(2, none), 2);
}
