// SPDX-License-Identifier: Apache-2.0
/* What is proposed for all the rest of a trail, and what is no trail. */
#include "learn_told.h"

#include <criterion/redirect.h>

#include "user/command/commands.h"
#include "user/learn/mask.h"

TestSuite(learn_trail, .init = setup, .fini = cleanup);

static void siblings(const char *op, const char *dir, unsigned int count)
{
	char name[200];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/file-%c", dir, 'a' + (char)i);
		saw(0, op, name);
	}
}

Test(learn_trail, many_siblings_become_one)
{
	siblings("read", "/nix/few", 8);
	siblings("read", "/nix/many", 9);
	siblings("write", "/nix/made", 9);
	siblings("exec", "/opt/run", 9);
	siblings("read", "/nix/tree/1st/sub", 9);
	learned(0);
	REFUSES("read", "/nix/few/file-z");
	PERMITS("read", "/nix/many/file-z");
	REFUSES("read", "/nix/many/sub/z");
	PERMITS("write", "/nix/made/file-z");
	REFUSES("exec", "/opt/run/file-z");
	REFUSES("read", "/nix/tree/2nd");
}

Test(learn_trail, writes_fold_only_where_they_lie_side_by_side)
{
	char name[64];

	for (char c = 'a'; c < 'a' + 12; c++) {
		snprintf(name, sizeof(name), "/nix/w/%c/x", c);
		saw(0, "write", name);
		snprintf(name, sizeof(name), "/nix/r/%c/x", c);
		saw(0, "read", name);
	}
	learned(0);
	REFUSES("write", "/nix/w/z/x");
	PERMITS("read", "/nix/r/z/x");
}

Test(learn_trail, wide_places_and_secrets_are_never_folded)
{
	siblings("read", "/etc", 20);
	siblings("read", "/home/ann", 20);
	siblings("read", "/home/ann/.ssh", 20);
	siblings("read", "/nix/conf", 20);
	saw(0, "read", "/nix/conf/server.key");
	learned(0);
	REFUSES("read", "/etc/passwd");
	REFUSES("read", "/home/ann/file-z");
	REFUSES("read", "/home/ann/.ssh/id_rsa");
	REFUSES("read", "/nix/conf/other.key");
	PERMITS("read", "/nix/conf/server.key");
}

Test(learn_trail, never_stands_unless_it_was_seen)
{
	saw(0, "read", "/srv/app/.env");
	saw(0, "write", "/root/.ssh/known_hosts");
	learned(0);
	PERMITS("read", "/srv/app/.env");
	REFUSES("read", "/srv/other/.env");
	NEVER("read /etc/shadow");
	NEVER("read /root/.ssh/x");
}

Test(learn_trail, parts_that_programs_make_up)
{
	saw(0, "write", "/nix/cache/ab12cd34/entry");
	saw(0, "write", "/nix/cache/99ffee00/entry");
	saw(0, "read", "/proc/1234/stat");
	saw(0, "read", "/proc/77/stat");
	saw(0, "read", "/nix/once/ab12cd34");
	learned(0);
	PERMITS("write", "/nix/cache/0123abcd/entry");
	REFUSES("write", "/nix/cache/0123abcd/other");
	PERMITS("read", "/proc/4321/stat");
	REFUSES("read", "/proc/4321/mem");
	REFUSES("read", "/nix/once/99ffee00");
}

Test(learn_trail, masks)
{
	static const char *const cases[][2] = {
		{ "/a/12/b", "/a/*/b" },
		{ "/a/x12/b", "/a/x12/b" },
		{ "/a/x-1234", "/a/x-*" },
		{ "/lib/libssl.so.3", "/lib/libssl.so.3" },
		{ "/a/3f2a9c.tmp", "/a/*.tmp" },
		{ "/a/decade", "/a/decade" },
		{ "/a/base64", "/a/base64" },
		{ "/a/550e8400-e29b-41d4-a716-446655440000", "/a/*" },
	};
	char to[100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_assert(mask_text(cases[i][0], to, sizeof(to)));
		cr_assert_str_eq(to, cases[i][1]);
	}
	cr_assert_not(mask_text("/a/b", to, 4));
}

Test(learn_trail, packages_are_whole)
{
	saw(0, "read", "/opt/s/node_modules/left-pad/lib/index.js");
	saw(0, "read", "/opt/s/node_modules/@x/y/main.js");
	saw(0, "read", "/opt/s/site-packages/six.py");
	learned(0);
	PERMITS("read", "/opt/s/node_modules/left-pad/package.json");
	PERMITS("read", "/opt/s/node_modules/@x/y/z");
	REFUSES("read", "/opt/s/node_modules/@x/z");
	REFUSES("read", "/opt/s/node_modules/other/z");
	REFUSES("read", "/opt/s/site-packages/seven.py");
}

Test(learn_trail, names_are_text)
{
	saw(0, "read", "/nix/[a]*{b}?.txt");
	saw(0, "read", "/nix/${args.x}");
	saw(0, "read", "/nix/a\\n- \\\"/etc/**\\\" # \\u0085\\u202e\\\\");
	line("\"kind\":\"denial\",\"op\":\"read\",\"verdict\":\"would-deny\",\"reason\":"
	     "\"undeclared\",\"target\":\"/nix/\xef\xbf\xbd\",\"target_hex\":\"2f6e69782fff\"");
	begin(1, "re\\\"ad", "{\"path\":\"/nix/q\"}");
	end(1);
	learned(1); /* the call: no policy can name it */
	PERMITS("read", "/nix/[a]*{b}?.txt");
	REFUSES("read", "/nix/a.txt");
	PERMITS("read", "/nix/${args.x}");
	PERMITS("read", "/nix/\xff");
	REFUSES("read", "/etc/passwd");
}

Test(learn_trail, privileges_and_what_did_not_happen)
{
	saw(0, "privilege", "netlink");
	saw(0, "read", "/nix/a");
	line("\"kind\":\"denial\",\"op\":\"read\",\"verdict\":\"deny\",\"reason\":\"never\","
	     "\"target\":\"/nix/b\",\"call\":null");
	learned(0);
	cr_assert_eq(policy_allow(policy), 1ull << EC_PRIV_NETLINK);
	PERMITS("read", "/nix/a");
	REFUSES("read", "/nix/b");
	cr_assert_eq(made.effects, 2);
}

Test(learn_trail, doubts_stay_refused)
{
	saw(0, "read", "/nix/a");
	line("\"kind\":\"denial\",\"op\":\"read\",\"verdict\":\"would-deny\",\"reason\":\"doubt\","
	     "\"target\":null,\"call\":null");
	learned(1);
}

Test(learn_trail, loading_what_may_be_written_stays_refused)
{
	saw(0, "write", "/nix/o/x.so");
	saw(0, "load", "/nix/o/x.so");
	learned(1);
	REFUSES("load", "/nix/o/x.so");
}

/* --- the command --- */

#define LEARN(...)                                                                                 \
	({                                                                                         \
		char *argv[] = { "enforcecore learn", __VA_ARGS__, NULL };                         \
		fflush(trail);                                                                     \
		command_find("learn")->run((int)(sizeof(argv) / sizeof(*argv)) - 1, argv);         \
	})

Test(learn_trail, the_command_says_how_it_went)
{
	char out[] = "/tmp/ec-learned-XXXXXX", text[8] = "";
	int fd = mkstemp(out);

	cr_redirect_stdout();
	cr_redirect_stderr();
	cr_assert_eq(LEARN(path), 2, "empty");
	saw(0, "read", "/nix/a");
	cr_assert_eq(LEARN(path), 0);
	cr_assert_eq(LEARN("-o", out, path), 2, "it exists");
	cr_assert_eq(read(fd, text, sizeof(text)), 0, "and stays as it was");
	cr_assert_eq(LEARN("--force", "-o", out, path), 0);
	cr_assert_eq(policy_load(out, NULL, &policy, &diag), 0, "%s", diag.text);
	line("\"kind\":\"denial\",\"op\":\"read\",\"verdict\":\"would-deny\",\"reason\":\"doubt\","
	     "\"target\":null,\"call\":null");
	cr_assert_eq(LEARN("--force", "-o", out, path), 1);
	cr_assert_eq(LEARN("/nowhere"), 2);
	cr_assert_eq(LEARN("/dev/null"), 2);
	unlink(out);
	cr_assert_eq(LEARN("-o", out, "/nowhere"), 2);
	cr_assert_neq(access(out, F_OK), 0, "nothing to propose, nothing written");
	close(fd);
}

/* --- bad trails --- */

static void unusable(int error, unsigned int at)
{
	cr_assert_eq(try_learn(8), error, "%s", diag.text);
	cr_assert_eq(diag.line, at, "line %u: %s", diag.line, diag.text);
	cr_assert_null(made.text);
}

Test(learn_trail, a_line_that_is_no_record)
{
	saw(0, "read", "/nix/a");
	fprintf(trail, "{\"seq\":\n");
	saw(0, "read", "/nix/b");
	unusable(-EINVAL, 2);
}

Test(learn_trail, a_torn_line_that_is_accounted_for)
{
	saw(0, "read", "/nix/a");
	fprintf(trail, "{\"seq\":\n");
	line("\"kind\":\"recovered\"");
	saw(0, "read", "/nix/b");
	fprintf(trail, "{\"seq\":");
	learned(0);
	PERMITS("read", "/nix/b");
}

Test(learn_trail, records_that_lack_something)
{
	line("\"kind\":\"effect\",\"op\":\"fly\"");
	unusable(-EINVAL, 1);
}

Test(learn_trail, an_empty_trail)
{
	unusable(-EINVAL, 0);
}

Test(learn_trail, the_limit_of_distinct_effects)
{
	char name[64];

	for (unsigned int i = 0; i <= OBSERVED_MAX; i++) {
		snprintf(name, sizeof(name), "/nix/%u", i);
		saw(0, "read", name);
	}
	unusable(-E2BIG, OBSERVED_MAX + 1);
}
