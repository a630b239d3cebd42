// SPDX-License-Identifier: Apache-2.0
/* What is proposed permits what a call did, and not what lies beside it. */
#include "learn_told.h"
#include "user/trail/trail_hash.h"

TestSuite(learn, .init = setup, .fini = cleanup);

Test(learn, an_argument_stands_for_what_it_names)
{
	begin(1, "read", "{\"path\":\"/nix/d/a\"}");
	saw(1, "read", "/nix/d/a");
	end(1);
	begin(2, "read", "{\"path\":\"/nix/d/sub/../b\"}");
	saw(2, "read", "/nix/d/b");
	end(2);
	learned(0);
	DECLARE("read", "{\"path\":\"/nix/d/other\"}");
	CALL_PERMITS("read", "/nix/d/other");
	CALL_REFUSES("read", "/nix/d/a");
	CALL_REFUSES("write", "/nix/d/other");
	cr_assert_eq(declare("read", "{\"path\":\"/nix/e/a\"}"), -EACCES);
	cr_assert_eq(declare("write", "{\"path\":\"/nix/d/a\"}"), -EACCES);
	REFUSES("read", "/nix/d/a");
}

Test(learn, what_hangs_on_an_argument)
{
	begin(1, "save", "{\"file\":{\"name\":\"/nix/d/a\"}}");
	saw(1, "read", "/nix/d");
	saw(1, "write", "/nix/d/a.3f9c01.tmp");
	saw(1, "write", "/nix/d/a");
	saw(1, "write", "/nix/d/a.bak");
	end(1);
	begin(2, "walk", "{\"paths\":[\"/nix/d/one\",\"/nix/d/two\"]}");
	saw(2, "read", "/nix/d/one/x/y");
	saw(2, "read", "/nix/d/two");
	end(2);
	learned(0);
	DECLARE("save", "{\"file\":{\"name\":\"/nix/d/b\"}}");
	CALL_PERMITS("write", "/nix/d/b.77aa55.tmp");
	CALL_PERMITS("write", "/nix/d/b.bak");
	CALL_PERMITS("read", "/nix/d");
	CALL_REFUSES("read", "/nix/d/a");
	CALL_REFUSES("write", "/nix/d/a");
	CALL_REFUSES("write", "/nix/d/b.old");
	DECLARE("walk", "{\"paths\":[\"/nix/d/three\"]}");
	CALL_PERMITS("read", "/nix/d/three/x");
	CALL_REFUSES("read", "/nix/d/two");
}

Test(learn, two_calls_at_once_are_told_apart_by_their_arguments)
{
	begin(1, "read", "{\"path\":\"/nix/d/a\"}");
	begin(2, "write", "{\"to\":\"/nix/o/b\"}");
	saw(-2, "write", "/nix/o/b");
	saw(-2, "read", "/nix/d/a");
	saw(-2, "read", "/nix/lazy");
	end(1);
	end(2);
	learned(0);
	REFUSES("read", "/nix/d/a");
	REFUSES("write", "/nix/o/b");
	PERMITS("read", "/nix/lazy");
	DECLARE("write", "{\"to\":\"/nix/o/c\"}");
	CALL_PERMITS("write", "/nix/o/c");
	CALL_REFUSES("read", "/nix/o/c");
}

Test(learn, what_no_argument_explains_is_the_tools_own)
{
	begin(1, "one", "{}");
	saw(1, "exec", "/opt/bin/tool");
	saw(1, "write", "/nix/log");
	saw(1, "read", "/nix/shared");
	saw(1, "read", "/usr/lib/late.so");
	end(1);
	begin(2, "two", "{}");
	saw(2, "read", "/nix/shared");
	end(2);
	learned(0);
	DECLARE("one", "{}");
	CALL_PERMITS("exec", "/opt/bin/tool");
	CALL_PERMITS("write", "/nix/log");
	REFUSES("exec", "/opt/bin/tool");
	REFUSES("write", "/nix/log");
	PERMITS("read", "/nix/shared");
	PERMITS("read", "/usr/lib/late.so");
}

/* One ceiling for all: what a tool runs must not come into reach of what its
 * caller makes it write. */
Test(learn, a_program_that_a_writing_tool_runs_stays_out_of_its_ceiling)
{
	begin(1, "save", "{\"path\":\"/nix/o/a\"}");
	saw(1, "write", "/nix/o/a");
	saw(1, "exec", "/opt/bin/tool");
	end(1);
	learned(0);
	DECLARE("save", "{\"path\":\"/nix/o/b\"}");
	CALL_PERMITS("exec", "/opt/bin/tool");
	cr_assert_eq(declare("save", "{\"path\":\"/opt/bin/tool\"}"), -EACCES);
}

Test(learn, ceilings_never_cover_a_home_or_more)
{
	begin(1, "read", "{\"path\":\"/home/ann/a.txt\"}");
	saw(1, "read", "/home/ann/a.txt");
	end(1);
	begin(2, "read", "{\"path\":\"/etc/hosts\"}");
	saw(2, "read", "/etc/hosts");
	end(2);
	begin(3, "read", "{\"path\":\"/nix/d/x\"}");
	saw(3, "read", "/nix/d/x");
	end(3);
	learned(0);
	DECLARE("read", "{\"path\":\"/home/ann/a.txt\"}");
	cr_assert_eq(declare("read", "{\"path\":\"/home/ann/b.txt\"}"), -EACCES);
	cr_assert_eq(declare("read", "{\"path\":\"/etc/passwd\"}"), -EACCES);
	DECLARE("read", "{\"path\":\"/nix/d/y\"}");
}

Test(learn, tool_names_fold_case)
{
	begin(1, "Read", "{\"path\":\"/nix/d/a\"}");
	end(1);
	begin(2, "read", "{\"path\":\"/nix/d/b\"}");
	saw(2, "read", "/nix/d/b");
	end(2);
	learned(0);
	DECLARE("READ", "{\"path\":\"/nix/d/c\"}");
}

Test(learn, endpoints)
{
	begin(1, "dial", "{\"port\":8080}");
	saw(1, "connect", "127.0.0.1:8080");
	end(1);
	begin(2, "reach", "{\"host\":\"10.0.0.9\",\"port\":\"99\"}");
	saw(2, "connect", "10.0.0.9:99");
	end(2);
	begin(3, "fetch", "{\"url\":\"http://10.1.1.1:81/x?y\"}");
	saw(3, "connect", "10.1.1.1:81");
	end(3);
	saw(0, "connect", "[::1]:53");
	saw(0, "connect", "/run/[x].sock");
	saw(0, "listen", "unix:@na*me");
	learned(0);
	DECLARE("dial", "{\"port\":9}");
	CALL_PERMITS("connect", "127.0.0.1:9");
	CALL_REFUSES("connect", "127.0.0.2:9");
	DECLARE("reach", "{\"host\":\"10.0.0.8\",\"port\":7}");
	CALL_PERMITS("connect", "10.0.0.8:7");
	DECLARE("fetch", "{\"url\":\"https://10.2.2.2/\"}");
	CALL_PERMITS("connect", "10.2.2.2:443");
	PERMITS("connect", "[::1]:53");
	PERMITS("listen", "unix:@na*me");
	REFUSES("listen", "unix:@name");
	REFUSES("connect", "10.1.1.1:81");
}

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

Test(learn, shortened_arguments_are_judged_by_the_ceiling)
{
	begin(1, "read", "{\"path\":\"/nix/d/a\"}");
	saw(1, "read", "/nix/d/a");
	end(1);
	begin(2, "read", "{\"path\":\"/nix/d/bbb... (2000 bytes, SHA-256 " A64 ")\"}");
	saw(2, "read", "/nix/d/bbb");
	end(2);
	cr_assert_eq(try_learn(8), 0, "%s", diag.text);
	cr_assert_eq(made.refused, 0, "%s", made.text);
	cr_assert_eq(made.calls, 2);
}

static void declare_in(const char *dir)
{
	char args[1300];

	snprintf(args, sizeof(args), "{\"path\":\"%s/x\"}", dir);
	DECLARE("read", args);
}

/* Its SHA-256 is as good as the text: no literal, and none of its kin. */
Test(learn, a_shortened_argument_is_known_by_its_hash)
{
	char target[1200] = "/nix/d", hash[65], args[400];

	while (strlen(target) < 1100)
		strcat(target, "/component");
	trail_hash(target, strlen(target), hash);
	snprintf(args, sizeof(args), "{\"path\":\"%.100s... (%zu bytes, SHA-256 %s)\"}", target,
		 strlen(target), hash);
	begin(1, "read", args);
	saw(1, "read", target);
	end(1);
	learned(0);
	CALL_REFUSES("read", target);
	*strrchr(target, '/') = '\0';
	snprintf(args, sizeof(args), "{\"path\":\"%.150s/../x\"}", target);
	cr_assert_eq(declare("read", args), -EACCES, "above the ceiling");
	declare_in(target);
	CALL_PERMITS("read", strcat(target, "/x"));
}
