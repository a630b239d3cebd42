// SPDX-License-Identifier: Apache-2.0
/* What a compiled policy says about a path or an endpoint. */
#include "compile_text.h"

TestSuite(compile, .init = make_root, .fini = remove_root);

Test(compile, baseline_read_lists_its_own_directory)
{
	compile("{baseline: {read: [/srv/data/**], write: [/srv/out/**], exec: [/usr/bin/**]}}");
	cr_assert(ask("/srv/data", R).baseline);
	cr_assert(ask("/srv/data/x", R).baseline);
	cr_assert_not(ask("/srv", R).baseline);
	cr_assert_not(ask("/srv/data2", R).baseline);
	cr_assert_not(ask("/srv/out", W).baseline);
	cr_assert(ask("/srv/out/x/y", W).baseline);
	cr_assert_not(ask("/srv/out/x", R).baseline);
	cr_assert_not(ask("/usr/bin", R).baseline);
}

Test(compile, exec_includes_reading)
{
	compile("{baseline: {exec: [/usr/bin/node]}, tools: {t: {exec: [/bin/x]}}}");
	cr_assert(ask("/usr/bin/node", R).baseline);
	cr_assert(ask("/usr/bin/node", X).baseline);
	cr_assert_not(ask("/usr/bin/node", W).baseline);
	cr_assert(ask("/bin/x", R).tool);
	cr_assert(ask("/bin/x", X).tool);
}

Test(compile, never_covers_the_directory_and_all_below)
{
	compile("{never: {read: [/etc/secret], write: [/srv/**], exec: [\"**/sh\"]}}");
	cr_assert(ask("/etc/secret", R).never);
	cr_assert(ask("/etc/secret/a/b", R).never);
	cr_assert_not(ask("/etc/secrets", R).never);
	cr_assert(ask("/srv", W).never);
	cr_assert(ask("/srv/x", W).never);
	cr_assert(ask("/bin/sh", X).never);
	cr_assert(ask("/bin/sh/x", X).never);
}

Test(compile, never_read_refuses_running_and_loading)
{
	compile("{never: {read: [/a], exec: [/b], write: [/c]}}");
	cr_assert(ask("/a", R).never && ask("/a", X).never && ask("/a", LOAD).never);
	cr_assert_not(ask("/a", W).never);
	cr_assert(ask("/b", X).never && ask("/b", LOAD).never);
	cr_assert_not(ask("/b", R).never || ask("/b", W).never);
	cr_assert(ask("/c", W).never);
	cr_assert_not(ask("/c", R).never || ask("/c", X).never);
}

Test(compile, within_reads_its_own_directory_only)
{
	compile("{tools: {t: {read: [\"${args.p}\"], within: [/srv/data/**]}}}");
	cr_assert(ask("/srv/data", R).within);
	cr_assert_not(ask("/srv/data", W).within);
	cr_assert_not(ask("/srv/data", X).within);
	cr_assert(ask("/srv/data/x", W).within);
	cr_assert(ask("/srv/data/x", X).within);
}

Test(compile, equal_ceilings_share_an_id)
{
	compile("{tools: {a: {within: [/x/**, /y/**]}, b: {within: [/y/**, /x/**]}, "
		"c: {within: [/x/**]}, d: {within: []}}}");
	cr_assert(match_string(&image, "/y/1", R, 0, 1).within);
	cr_assert_not(match_string(&image, "/y/1", R, 0, 2).within);
	cr_assert(match_string(&image, "/x/1", R, 0, 2).within);
	cr_assert_not(match_string(&image, "/x/1", R, 0, 3).within);
}

Test(compile, tools_have_ids_of_their_own)
{
	compile("{tools: {a: {read: [\"${args.p}\"]}, b: {read: [/b]}, c: {read: [/c]}}}");
	cr_assert(match_string(&image, "/b", R, 1, 0).tool);
	cr_assert_not(match_string(&image, "/b", R, 2, 0).tool);
	cr_assert(match_string(&image, "/c", R, 2, 0).tool);
}

Test(compile, writable_is_all_that_could_be_written)
{
	compile("{baseline: {write: [/tmp/**]}, tools: {a: {write: [/a/*]}, "
		"b: {write: [\"${args.p}\"], within: [/b/**]}, c: {write: "
		"[\"/c/d/x${args.p}.z\"]}, "
		"d: {read: [\"${args.p}\"]}}}");
	cr_assert(ask("/tmp/x/y", W).writable);
	cr_assert(ask("/a/x", W).writable);
	cr_assert(ask("/b/x/y", W).writable);
	cr_assert(ask("/c/d/anything/at/all", W).writable);
	cr_assert_not(ask("/c/e", W).writable);
	cr_assert_not(ask("/usr/lib/x.so", W).writable);
	compile("{tools: {b: {write: [\"${args.p}\"]}}}");
	cr_assert(ask("/usr/lib/x.so", W).writable);
}

Test(compile, renaming_above_what_never_names_is_marked)
{
	compile("{never: {read: [/home/*/.ssh/**, \"**/.env\", \"/**/.netrc\"]}}");
	cr_assert(flags("/home") & EC_STATE_NEVER_BELOW);
	cr_assert(flags("/home/me") & EC_STATE_NEVER_BELOW);
	cr_assert(flags("/home/me/.ssh") & EC_STATE_NEVER_BELOW);
	cr_assert(flags("/home/me/.ssh/id") & EC_STATE_NEVER_BELOW);
	cr_assert_not(flags("/home/me/src") & EC_STATE_NEVER_BELOW);
	cr_assert_not(flags("/srv") & EC_STATE_NEVER_BELOW);
}

Test(compile, quiet_operations_need_no_list)
{
	compile("{baseline: {read: [/usr/**, /tmp/**], exec: [/usr/bin/*], write: [/tmp/**]}, "
		"never: {read: [/usr/x], write: [/tmp/w]}}");
	cr_assert_eq(quiet("/usr/lib/a"), R | LOAD);
	cr_assert_eq(quiet("/usr/bin/a"), R | X | LOAD);
	cr_assert_eq(quiet("/usr/x/y"), 0);
	cr_assert_eq(quiet("/tmp/a"), R | W);
	cr_assert_eq(quiet("/tmp/w"), R);
	cr_assert_eq(quiet("/srv"), 0);
}

Test(compile, of_several_rules_the_first_counts)
{
	compile("{baseline: {read: [/a/b, /a/**, \"**\"]}}");
	cr_assert_str_eq(policy_rule(policy, ask("/a/b", R).baseline)->pattern, "/a/b");
	cr_assert_str_eq(policy_rule(policy, ask("/a/c", R).baseline)->pattern, "/a/**");
	cr_assert_str_eq(policy_rule(policy, ask("/c", R).baseline)->pattern, "**");
	cr_assert_str_eq(policy_rule(policy, ask("/c", R).baseline)->section, "baseline.read");
}

Test(compile, follows_links_in_the_literal_part)
{
	make_dir("usr");
	make_dir("usr/lib");
	make_link("usr/lib", "lib");
	make_link("/usr", "alias");
	compile("{baseline: {read: [/lib/**, /alias/share/x]}}");
	cr_assert_eq(warnings, 0);
	cr_assert(ask("/lib/a", R).baseline);
	cr_assert(ask("/usr/lib/a", R).baseline);
	cr_assert(ask("/usr/lib", R).baseline);
	cr_assert(ask("/usr/share/x", R).baseline);
	cr_assert_not(ask("/usr/share", R).baseline);
}

Test(compile, follows_a_link_at_the_end_of_a_literal)
{
	make_dir("bin");
	make_link("dash", "bin/sh");
	compile("{baseline: {exec: [/bin/sh]}, never: {read: [/bin/s*]}}");
	cr_assert(ask("/bin/dash", X).baseline);
	cr_assert_not(ask("/bin/dash", X).never);
}

Test(compile, a_planted_link_is_not_followed)
{
	make_dir("tmp");
	make_dir("etc");
	make_link("/etc", "tmp/cache");
	compile("{baseline: {read: [/tmp/cache/**], write: [/tmp/**]}}");
	cr_assert_eq(warnings, 1);
	cr_assert_eq(last.line, 2);
	cr_assert(strstr(last.text, "/etc"));
	cr_assert(ask("/tmp/cache/x", R).baseline);
	cr_assert_not(ask("/etc/x", R).baseline);
	compile("{never: {read: [/tmp/cache/**]}, baseline: {write: [/tmp/**]}}");
	cr_assert(ask("/etc/x", R).never);
}

Test(compile, a_link_below_a_replaceable_directory_is_planted)
{
	make_dir("d");
	make_dir("d/e");
	make_link("/etc", "d/e/link");
	compile("{tools: {t: {read: [/d/e/link/**], write: [/d/e]}}}");
	cr_assert_eq(warnings, 1);
	cr_assert_not(ask("/etc/x", R).tool);
}

Test(compile, links_out_of_the_root_stay_inside)
{
	make_dir("x");
	make_link("../../../../../y", "x/link");
	compile("{baseline: {read: [/x/link/**]}}");
	cr_assert(ask("/y/a", R).baseline);
}

Test(compile, loops_are_left_as_written)
{
	make_link("b", "a");
	make_link("a", "b");
	compile("{baseline: {read: [/a/x]}}");
	cr_assert(ask("/a/x", R).baseline);
}

Test(compile, home_is_the_agents)
{
	compile("{baseline: {read: [~/src/**]}}");
	cr_assert(ask("/home/me/src/x", R).baseline);
	env.home = NULL;
	cr_assert_eq(try_compile("{baseline: {read: [~/src/**]}}"), -EINVAL);
	cr_assert_eq(diag.line, 2);
}

/* root and working directory are the same there: one of its own is below it */
static int compile_in(const char *dir, const char *kernel)
{
	char path[300];
	int old = env.cwd_fd, r;

	snprintf(path, sizeof(path), "%s/%s", root, dir);
	env.cwd_fd = open(path, O_PATH | O_CLOEXEC);
	r = try_compile(kernel);
	if (env.cwd_fd >= 0)
		close(env.cwd_fd);
	env.cwd_fd = old;
	return r;
}

Test(compile, a_dot_is_the_working_directory)
{
	make_dir("p*q");
	make_dir("d");
	make_link("../d", "p*q/link");
	cr_assert_eq(compile_in("p*q", "{baseline: {read: [./**], write: [., './{out,tmp}/**'],"
				       " exec: [./link/x], connect: ['unix:./sock']}}"),
		     0, "%s", diag.text);
	cr_assert(ask("/p*q/a/b", R).baseline);
	cr_assert(ask("/p*q", R).baseline);
	cr_assert_not(ask("/pxq/a", R).baseline);
	cr_assert_not(ask("/d/a", R).baseline);
	cr_assert(ask("/p*q", W).baseline);
	cr_assert(ask("/p*q/out/x", W).baseline);
	cr_assert_not(ask("/p*q/x", W).baseline);
	cr_assert_not(ask("/d/x", X).baseline, "a link that the agent may replace");
	cr_assert(ask("/p*q/sock", C).baseline);
	cr_assert_eq(compile_in("p*q", "{baseline: {exec: [./link/x]}}"), 0);
	cr_assert(ask("/d/x", X).baseline, "other links are followed");
}

Test(compile, a_dot_where_nobody_chose_a_directory_is_an_error)
{
	cr_assert_eq(try_compile("{baseline: {read: [./**]}}"), -EINVAL);
	cr_assert(strstr(diag.text, "directory is /"), "%s", diag.text);
	cr_assert_eq(diag.line, 2);
	cr_assert_eq(compile_in("none", "{never: {read: [./**]}}"), -EINVAL);
	cr_assert(strstr(diag.text, "not known"), "%s", diag.text);
}

Test(compile, labels_and_ceilings_may_start_with_a_dot)
{
	make_dir("w");
	cr_assert_eq(compile_in("w", "{labels: {secret: [./key]},"
				     " flows: [{after: read secret, deny: connect}],"
				     " tools: {t: {read: ['${args.x}'], within: [./in/**]}}}"),
		     0, "%s", diag.text);
	cr_assert_eq(ask("/w/key", R).trips, 1);
}

Test(compile, no_kernel_key_grants_nothing)
{
	cr_assert_eq(policy_load_buffer("p", "name: p", 7, NULL, &policy, &diag), 0);
	cr_assert_eq(policy_compile(policy, &env, WORDS_MAX, NULL, &image, &diag), 0);
	cr_assert_eq(image.start, 0);
}

Test(compile, too_large_says_so)
{
	struct automaton small;

	compile("{baseline: {read: [/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}}");
	cr_assert_eq(policy_compile(policy, &env, 300, NULL, &small, &diag), -E2BIG);
	cr_assert(strstr(diag.text, "300"));
}

/* --- endpoints --- */
