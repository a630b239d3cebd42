// SPDX-License-Identifier: Apache-2.0
/* A trail's calls, and one of them as a tree. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>

#include "audit_trail.h"
#include "user/audit/audit.h"
#include "user/command/commands.h"

static char *shown;
static struct trail_report report;

static void set_up(void)
{
	make_path();
}

static void tear_down(void)
{
	unlink(path);
	free(shown);
}

TestSuite(audit, .init = set_up, .fini = tear_down);

static int list(bool json)
{
	size_t len = 0;
	FILE *to;
	int r;

	free(shown);
	to = open_memstream(&shown, &len);
	r = audit_list(path, json, to, &report);
	fclose(to);
	return r;
}

static uint64_t found;
static int call(uint64_t id, bool json)
{
	size_t len = 0;
	FILE *to;
	int r;

	free(shown);
	to = open_memstream(&shown, &len);
	r = audit_call(path, id, json, to, &report, &found);
	fclose(to);
	return r;
}

static void has(const char *text)
{
	cr_assert(strstr(shown, text), "\"%s\" lacks \"%s\"", shown, text);
}

static void has_not(const char *text)
{
	cr_assert_not(strstr(shown, text), "\"%s\" has \"%s\"", shown, text);
}

Test(audit, a_call_is_a_tree)
{
	TRAIL(SESSION, BEGIN, DENIAL, SHARED, END);
	cr_assert_eq(call(5, false), 0);
	cr_assert_eq(found, 1);
	has("call 5 of agent 1: read, done after 12 ms\n  declared\n    read {\"path\":\"/a\"}\n");
	has("    process 20, child of 9, /node\n"
	    "      ! deny read /b: never by \"never.read /b\"\n"
	    "      process 21 /node > /sh\n"
	    "        read /a  x2\n");
	has("not seen\n    read /u\n");
	has("while other calls were open, too\n    ! deny write /s: undeclared\n");
	has("  4 not listed");
}

Test(audit, json_has_all_of_it)
{
	cJSON *object, *late;

	TRAIL(SESSION, BEGIN, DENIAL, SHARED, END, DENIAL);
	cr_assert_eq(call(5, true), 0);
	object = cJSON_Parse(shown);
	late = cJSON_GetObjectItemCaseSensitive(object, "late");
	cr_assert(cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(object, "ended"), "observed"));
	cr_assert_eq(cJSON_GetArraySize(late), 1, "%s", shown);
	cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, "shared")), 1);
	cJSON_Delete(object);
}

Test(audit, a_call_without_an_end_has_its_lines)
{
	TRAIL(SESSION, BEGIN, DENIAL);
	cr_assert_eq(call(5, false), 0);
	has("its end is not in the trail");
	has("! deny read /b: never");
}

Test(audit, what_came_after_the_end_is_told)
{
	TRAIL(SESSION, BEGIN, END, DENIAL);
	cr_assert_eq(call(5, false), 0);
	has("told after its end\n    ! deny read /b");
}

Test(audit, numbers_begin_again)
{
	TRAIL(SESSION, BEGIN, END, SESSION, BEGIN, END);
	cr_assert_eq(call(5, false), 0);
	cr_assert_eq(found, 2);
	cr_assert_eq(call(6, false), 0);
	cr_assert_eq(found, 0);
	cr_assert_str_eq(shown, "");
}

Test(audit, calls_are_listed_a_line_each)
{
	TRAIL(SESSION, BEGIN, END,
	      "{\"kind\":\"call_refused\",\"agent\":1,\"tool\":\"rm\",\"reason\":\"x\"}", BEGIN);
	cr_assert_eq(list(false), 0);
	has("read: done, effects 2, drift 1, not seen 1\n");
	has(" rm: refused\n");
	has(" read: no-end\n");
	cr_assert_eq(list(true), 0);
	has("\"outcome\":\"refused\"");
}

/* A circle of parents, a process that is not there, the wrong kinds. */
Test(audit, whatever_a_trail_says_is_shown_once)
{
	TRAIL("{\"kind\":\"call_end\",\"agent\":1,\"call\":5,\"observed\":{\"processes\":["
	      "{\"pid\":1,\"parent\":2},{\"pid\":2,\"parent\":1},{\"pid\":3,\"parent\":3},7],"
	      "\"effects\":[{\"pid\":1,\"op\":\"read\",\"target\":\"/x\"},"
	      "{\"pid\":99,\"op\":{},\"target\":\"/gone\"},[]],\"drift\":5}}");
	cr_assert_eq(call(5, false), 0);
	has("read /x");
	has("? /gone");
	has("its begin is not in the trail");
	cr_assert_null(strstr(strstr(shown, "/x") + 1, "/x"), "%s", shown);
	has("process 3");
}

Test(audit, names_do_nothing_to_a_terminal)
{
	TRAIL("{\"kind\":\"call_begin\",\"agent\":1,\"call\":5,\"tool\":\"a\\nb \\u001b[2J\","
	      "\"arguments\":{\"\\u009b\":\"\\u202e\\u007f\"}}",
	      "{\"kind\":\"call_end\",\"agent\":1,\"call\":5,\"outcome\":\"\\u001b\","
	      "\"observed\":{\"drift\":[{\"op\":\"read\",\"target\":\"/x y: never\"}]}}");
	for (int json = 0; json < 2; json++) {
		cr_assert_eq(call(5, json), 0);
		has_not("\x1b");
		has_not("\x7f");
		has_not("\xc2\x9b");
		has_not("\xe2\x80\xae");
	}
	cr_assert_eq(call(5, false), 0);
	has("\"a\\U0000000ab \\U0000001b[2J\"");
	has("\"/x y: never\"");
	cr_assert_eq(list(false), 0);
	has_not("\x1b");
}

Test(audit, an_altered_trail_is_shown_and_named)
{
	TRAIL(SESSION, BEGIN, DENIAL, END, BEGIN);
	alter("/b", "/c");
	cr_assert_eq(call(5, false), -EBADMSG);
	cr_assert_eq(report.bad_line, 4);
	cr_assert_eq(found, 2, "what follows is shown as well");
	cr_assert_eq(list(false), -EBADMSG);
	has("read: done");
}

Test(audit, a_torn_end_is_no_alteration)
{
	int fd;

	TRAIL(SESSION, BEGIN, END);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_eq(write(fd, "{\"seq\":4,", 9), 9);
	close(fd);
	cr_assert_eq(call(5, false), 0);
	cr_assert_eq(report.torn_len, 9);
}

#define AUDIT(...)                                                                                 \
	({                                                                                         \
		char *argv_[] = { "enforcecore audit", __VA_ARGS__ };                              \
		command_find("audit")->run(sizeof(argv_) / sizeof(*argv_), argv_);                 \
	})

Test(audit, the_command_tells_by_its_status)
{
	char empty[] = "/tmp/ec-audit-XXXXXX";

	cr_assert_not_null(mkdtemp(empty));
	cr_redirect_stdout();
	cr_redirect_stderr();
	TRAIL(SESSION, BEGIN, DENIAL, END);
	cr_assert_eq(AUDIT("show", path), 0);
	cr_assert_eq(AUDIT("show", path, "--call", "5"), 0);
	cr_assert_eq(AUDIT("show", path, "--call", "6"), 2);
	cr_assert_eq(AUDIT("show", "/tmp/ec-none/none"), 2);
	cr_assert_eq(AUDIT("show", empty), 2);
	rmdir(empty);
	alter("/b", "/c");
	cr_assert_eq(AUDIT("show", path), 1);
	cr_assert_eq(AUDIT("show", path, "--call", "5"), 1);
}

Test(audit, a_call_is_shown_with_its_container)
{
	TRAIL("{\"kind\":\"session_begin\",\"agent\":1,\"container\":{\"runtime\":\"docker\","
	      "\"id\":\"0123456789abcdef\",\"name\":\"web\",\"pod\":{\"name\":\"w\\u001b\","
	      "\"namespace\":\"prod\"}}}",
	      BEGIN, END, SESSION, BEGIN, END);
	cr_assert_eq(call(5, false), 0);
	cr_assert(strstr(shown, "  in container web 0123456789ab, docker, pod \"w\\U0000001b\" in "
				"prod\n"),
		  "%s", shown);
	cr_assert_null(strstr(strstr(shown, "in container") + 1, "in container"));
}
