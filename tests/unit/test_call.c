// SPDX-License-Identifier: Apache-2.0
/* One declared call: what its arguments come to. */
#include "call_text.h"

TestSuite(call, .init = make_root, .fini = remove_root);

#define DATA "{tools: {t: {read: [\"${args.path}\"], within: [/srv/data/**]}}}"

Test(call, grants_the_argument_and_nothing_else)
{
	use(DATA);
	allow("{\"path\":\"/srv/data/a\"}");
	cr_assert(grants("/srv/data/a", R));
	cr_assert_not(grants("/srv/data/a", W));
	cr_assert_not(grants("/srv/data/a", X));
	cr_assert_not(grants("/srv/data/dir/b", R));
	cr_assert_not(grants("/srv/data/a/b", R));
	cr_assert_not(grants("/srv/data", R));
	cr_assert_str_eq(
		policy_rule(policy, match_string(&call.automaton, "/srv/data/a", R, 0, 0).call)
			->section,
		"tools.t.read");
}

Test(call, outside_the_ceiling_is_refused_in_words)
{
	use(DATA);
	refuse("{\"path\":\"/etc/passwd\"}",
	       "path /etc/passwd is outside `within` of tool t (p.yaml:2)");
	refuse("{\"path\":\"/srv/datax\"}", "outside");
	refuse("{\"path\":\"/\"}", "outside");
	cr_assert_eq(diag.line, 2);
}

Test(call, an_empty_ceiling_refuses_everything)
{
	use("{tools: {t: {read: [\"${args.path}\"], within: []}}}");
	refuse("{\"path\":\"/srv/data/a\"}", "outside");
}

Test(call, the_ceiling_itself_may_be_listed_not_written)
{
	use("{tools: {t: {read: [\"${args.r}\"], write: [\"${args.w}\"], within: "
	    "[/srv/data/**]}}}");
	allow("{\"r\":\"/srv/data\"}");
	cr_assert(grants("/srv/data", R));
	refuse("{\"w\":\"/srv/data\"}", "outside");
	allow("{\"w\":\"/srv/data/new/file\"}");
	cr_assert(grants("/srv/data/new/file", W));
	cr_assert_not(grants("/srv/data/new", W));
}

Test(call, never_is_named)
{
	use("{never: {read: [\"**/.env\"], write: [/srv/data/a]}, "
	    "tools: {t: {read: [\"${args.path}\"], write: [\"${args.w}\"]}}}");
	refuse("{\"path\":\"/srv/data/.env\"}", "never.read \"**/.env\" (p.yaml:2)");
	refuse("{\"w\":\"/srv/data/a/b\"}", "never.write \"/srv/data/a\"");
	allow("{\"path\":\"/srv/data/a\"}");
	make_file("srv/data/.env");
	make_link(".env", "srv/data/harmless");
	refuse("{\"path\":\"/srv/data/harmless\"}", "leads to /srv/data/.env");
}

Test(call, a_link_inside_grants_both_names)
{
	use(DATA);
	make_link("dir/b", "srv/data/link");
	allow("{\"path\":\"/srv/data/link\"}");
	cr_assert(grants("/srv/data/link", R));
	cr_assert(grants("/srv/data/dir/b", R));
	cr_assert_not(grants("/srv/data/a", R));
}

Test(call, a_link_out_is_refused_with_its_end)
{
	use(DATA);
	make_link("/etc/passwd", "srv/data/link");
	refuse("{\"path\":\"/srv/data/link\"}", "path /srv/data/link leads to /etc/passwd");
	make_link("/etc", "srv/data/dirlink");
	refuse("{\"path\":\"/srv/data/dirlink/passwd\"}", "leads to /etc/passwd");
	refuse("{\"path\":\"/srv/data/dirlink/new/file\"}", "leads to /etc/new/file");
	make_link("../../../../../../etc/passwd", "srv/data/up");
	refuse("{\"path\":\"/srv/data/up\"}", "leads to /etc/passwd");
}

Test(call, a_link_into_the_ceiling_is_fine)
{
	use(DATA);
	make_link("/srv/data", "etc/data");
	allow("{\"path\":\"/etc/data/a\"}");
	cr_assert(grants("/srv/data/a", R));
	cr_assert_not(grants("/etc/data/a", R));
	make_link("/srv/data/a", "etc/file");
	refuse("{\"path\":\"/etc/file\"}", "/etc/file is outside");
}

Test(call, a_dangling_link_is_judged_where_it_leads)
{
	use("{tools: {t: {write: [\"${args.path}\"], within: [/srv/data/**]}}}");
	make_link("/etc/cron", "srv/data/evil");
	refuse("{\"path\":\"/srv/data/evil\"}", "leads to /etc/cron");
	make_link("later", "srv/data/good");
	allow("{\"path\":\"/srv/data/good\"}");
	cr_assert(grants("/srv/data/later", W));
}

/* The agent swaps after the declaration: the grant is of names, the ceiling
 * of objects. */
Test(call, a_swap_gains_nothing)
{
	char path[100];

	use(DATA);
	allow("{\"path\":\"/srv/data/dir/b\"}");
	in_root("srv/data/dir/b", path);
	cr_assert_eq(unlink(path), 0);
	make_link("/etc/passwd", "srv/data/dir/b");
	cr_assert_not(grants("/etc/passwd", R));
	refuse("{\"path\":\"/srv/data/dir/b\"}", "leads to /etc/passwd");
}

Test(call, links_in_circles_are_refused)
{
	use(DATA);
	make_link("y", "srv/data/x");
	make_link("x", "srv/data/y");
	refuse("{\"path\":\"/srv/data/x\"}", "links that cannot be followed");
	refuse("{\"path\":\"/srv/data/x/z\"}", "links that cannot be followed");
}

Test(call, dots_are_normalised)
{
	use(DATA);
	allow("{\"path\":\"/srv/data/./dir//../a\"}");
	cr_assert(grants("/srv/data/a", R));
	allow("{\"path\":\"/srv/data/dir/\"}");
	cr_assert(grants("/srv/data/dir", R));
	refuse("{\"path\":\"/srv/data/../../etc/passwd\"}", "/etc/passwd is outside");
	allow("{\"path\":\"/srv/data/missing/../a\"}");
	cr_assert(grants("/srv/data/a", R));
}

Test(call, dots_after_a_link_are_ambiguous)
{
	use(DATA);
	make_dir("srv/data/dir/sub");
	make_link("dir/sub", "srv/data/link");
	refuse("{\"path\":\"/srv/data/link/../a\"}", "ambiguous path /srv/data/link/../a");
	make_link("/etc", "srv/data/out");
	refuse("{\"path\":\"/srv/data/out/../a\"}", "ambiguous");
}

Test(call, relative_paths_start_at_the_working_directory)
{
	use(DATA);
	allow("{\"path\":\"dir/b\"}");
	cr_assert(grants("/srv/data/dir/b", R));
	refuse("{\"path\":\"../x\"}", "outside");
	refuse("{\"path\":\"\"}", "empty");
	allow("{\"path\":\".\"}");
	cr_assert(grants("/srv/data", R));
	close(env.cwd_fd);
	env.cwd_fd = -1;
	refuse("{\"path\":\"a\"}", "working directory");
}

Test(call, a_pattern_may_start_at_the_working_directory)
{
	use("{tools: {t: {write: ['./dir/${args.name}.*.tmp', './dir/${args.name}']}}}");
	allow("{\"name\":\"b\"}");
	cr_assert(grants("/srv/data/dir/b", W));
	cr_assert(grants("/srv/data/dir/b.1.tmp", W));
	refuse("{\"name\":\"../a\"}", "leaves the pattern");
	use("{tools: {t: {read: ['${args.name}'], within: [./dir/**]}}}");
	allow("{\"name\":\"dir/b\"}");
	refuse("{\"name\":\"a\"}", "outside");
	close(env.cwd_fd);
	env.cwd_fd = open(root, O_PATH | O_CLOEXEC);
	use("{tools: {t: {read: ['./${args.name}'], within: [/srv/**]}}}");
	refuse("{\"name\":\"srv/data/a\"}", "directory is /");
}

Test(call, arguments_are_text_never_patterns)
{
	static const char *const odd[] = { "*",	   "**", "?", "[a]", "{a,b}", "a*", "${args.path}",
					   "\\\\", "~",	 "!", NULL };
	char args[100], path[100];

	use(DATA);
	for (size_t i = 0; odd[i]; i++) {
		sprintf(args, "{\"path\":\"/srv/data/%s\"}", odd[i]);
		allow(args);
		cr_assert_not(grants("/srv/data/a", R), "%s", odd[i]);
		cr_assert_not(grants("/srv/data/b", R), "%s", odd[i]);
		sprintf(path, "/srv/data/%s", strcmp(odd[i], "\\\\") ? odd[i] : "\\");
		cr_assert(grants(path, R), "%s", path);
	}
	allow("{\"path\":\"/srv/data/**\"}");
	cr_assert_not(grants("/srv/data/x/y", R));
}

Test(call, every_element_of_a_list_is_granted)
{
	use("{tools: {t: {read: [\"${args.paths}\"], within: [/srv/data/**]}}}");
	allow("{\"paths\":[\"/srv/data/a\",\"dir/b\"]}");
	cr_assert(grants("/srv/data/a", R));
	cr_assert(grants("/srv/data/dir/b", R));
	refuse("{\"paths\":[\"/srv/data/a\",\"/etc/passwd\"]}", "/etc/passwd");
	refuse("{\"paths\":[\"/srv/data/a\",null]}", "not text");
	refuse("{\"paths\":[[\"/srv/data/a\"]]}", "not text");
	allow("{\"paths\":[]}");
	cr_assert_eq(call.automaton.start, 0);
}

Test(call, missing_arguments_grant_nothing)
{
	use("{tools: {t: {read: [\"${args.a}\", \"${args.b.c}\"]}}}");
	allow(NULL);
	cr_assert_eq(call.automaton.start, 0);
	allow("{\"a\":\"/srv/data/a\"}");
	cr_assert(grants("/srv/data/a", R));
	allow("{\"b\":{\"c\":\"/srv/data/a\"}}");
	cr_assert(grants("/srv/data/a", R));
	allow("{\"b\":\"/srv/data/a\"}");
	cr_assert_eq(call.automaton.start, 0);
	refuse("{\"a\":null}", "not text");
	refuse("{\"a\":{\"x\":1}}", "not text");
	cr_assert_eq(declare("[1]"), -EINVAL);
}

Test(call, numbers_and_booleans_are_their_text)
{
	use("{tools: {t: {read: [\"/srv/data/${args.n}\"]}}}");
	allow("{\"n\":42}");
	cr_assert(grants("/srv/data/42", R));
	allow("{\"n\":true}");
	cr_assert(grants("/srv/data/true", R));
}

Test(call, a_static_directory_is_a_ceiling)
{
	use("{tools: {t: {read: [\"/srv/data/${args.p}\"]}}}");
	allow("{\"p\":\"dir/b\"}");
	cr_assert(grants("/srv/data/dir/b", R));
	allow("{\"p\":\"/etc/passwd\"}");
	cr_assert(grants("/srv/data/etc/passwd", R));
	cr_assert_not(grants("/etc/passwd", R));
	refuse("{\"p\":\"../../etc/passwd\"}", "leaves the pattern");
	allow("{\"p\":\"dir/../a\"}");
	cr_assert(grants("/srv/data/a", R));
	make_link("/etc/passwd", "srv/data/link");
	refuse("{\"p\":\"link\"}", "leads to /etc/passwd");
}

Test(call, a_policy_may_name_the_directory_of_an_argument)
{
	use("{tools: {t: {read: [\"${args.p}/..\"], within: [\"/srv/data/**\"]}}}");
	allow("{\"p\":\"/srv/data/dir/new\"}");
	cr_assert(grants("/srv/data/dir", R));
	cr_assert_not(grants("/srv/data/dir/new", R));
	cr_assert_not(grants("/srv/data/dir/b", R));
	refuse("{\"p\":\"/srv/data\"}", "outside");
	refuse("{\"p\":\"/etc/passwd\"}", "outside");
	use("{tools: {t: {read: [\"/srv/data/${args.p}/../..\"]}}}");
	refuse("{\"p\":\"dir\"}", "leaves the pattern");
}

Test(call, an_argument_keeps_the_text_around_it)
{
	use("{tools: {t: {write: [\"/srv/pre-${args.a}/x/${args.b}.txt\"]}}}");
	allow("{\"a\":\"1\",\"b\":\"y\"}");
	cr_assert(grants("/srv/pre-1/x/y.txt", W));
	allow("{\"a\":\"..\",\"b\":\"y/../z\"}");
	cr_assert(grants("/srv/pre-../x/z.txt", W));
	refuse("{\"a\":\"/../other\",\"b\":\"y\"}", "leaves the pattern");
	refuse("{\"a\":\"1/../other\",\"b\":\"y\"}", "leaves the pattern");
	refuse("{\"a\":\"1\",\"b\":\"../../y\"}", "leaves the pattern");
	use("{tools: {t: {write: [\"/srv/pre-${args.a}${args.b}\", \"/srv/.${args.c}\"]}}}");
	refuse("{\"a\":\"/\",\"b\":\"../other\"}", "leaves the pattern");
	refuse("{\"a\":\"/.\",\"b\":\"./other\"}", "leaves the pattern");
	refuse("{\"c\":\"./other\"}", "leaves the pattern");
	use("{tools: {t: {write: [\"/srv/data/${args.p}\"]}}}");
	refuse("{\"p\":\".\"}", "outside /srv/data");
}

Test(call, a_static_directory_may_be_a_link)
{
	make_link("srv/data", "data");
	use("{tools: {t: {read: [\"/data/${args.p}\"]}}}");
	allow("{\"p\":\"a\"}");
	cr_assert(grants("/srv/data/a", R));
	use("{baseline: {write: [/data]}, tools: {t: {read: [\"/data/${args.p}\"]}}}");
	refuse("{\"p\":\"a\"}", "outside /data");
}

Test(call, what_follows_an_argument_is_a_pattern)
{
	use("{tools: {t: {write: [\"${args.path}.*.tmp\", \"${args.dir}/**\"], "
	    "read: [\"${args.dir}/**\"], within: [/srv/data/**]}}}");
	allow("{\"path\":\"/srv/data/a*\"}");
	cr_assert(grants("/srv/data/a*.123.tmp", W));
	cr_assert_not(grants("/srv/data/ab.123.tmp", W));
	cr_assert_not(grants("/srv/data/a*.1/2.tmp", W));
	allow("{\"dir\":\"/srv/data\"}");
	cr_assert(grants("/srv/data/x/y", W));
	cr_assert_not(grants("/srv/data", W));
	cr_assert(grants("/srv/data", R));
	refuse("{\"dir\":\"/srv\"}", "outside");
	refuse("{\"dir\":\"/\"}", "outside");
}

Test(call, several_arguments_combine)
{
	use("{tools: {t: {read: [\"/srv/${args.a}/${args.b}.txt\"]}}}");
	allow("{\"a\":[\"x\",\"y\"],\"b\":[\"1\",\"2\"]}");
	cr_assert(grants("/srv/y/1.txt", R));
	cr_assert(grants("/srv/x/2.txt", R));
	cr_assert_not(grants("/srv/x/3.txt", R));
	allow("{\"a\":[\"x\",\"y\"]}");
	cr_assert_eq(call.automaton.start, 0);
}

Test(call, too_many_objects_are_refused)
{
	cJSON *args = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(args, "path");
	char *text;

	for (int i = 0; i < 1025; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString("/srv/data/a"));
	text = cJSON_PrintUnformatted(args);
	use(DATA);
	cr_assert_eq(declare(text), -E2BIG);
	free(text);
	cJSON_Delete(args);
}

Test(call, too_long_is_refused)
{
	char args[9000], path[5000] = "/srv/data/";

	use(DATA);
	memset(path + 10, 'x', 256);
	sprintf(args, "{\"path\":\"%s\"}", path);
	refuse(args, "too long");
	path[10 + 255] = '\0';
	sprintf(args, "{\"path\":\"%s\"}", path);
	allow(args);
	strcpy(path, "/srv/data");
	while (strlen(path) < 4094)
		strcat(path, "/x");
	sprintf(args, "{\"path\":\"%s\"}", path);
	allow(args);
	cr_assert(grants(path, R));
	strcat(path, "/xx");
	sprintf(args, "{\"path\":\"%s\"}", path);
	refuse(args, "too long");
}

Test(call, the_tasks_own_proc_is_a_name)
{
	use("{tools: {t: {read: [\"${args.path}\"], within: [/proc/self/**]}}}");
	close(env.root_fd);
	env.root_fd = open("/", O_PATH | O_CLOEXEC);
	allow("{\"path\":\"/proc/self/status\"}");
	cr_assert(grants("/proc/self/status", R));
	refuse("{\"path\":\"/proc/1/root/etc/passwd\"}", "links that cannot be followed");
}

Test(call, tools_without_an_entry_have_no_grants)
{
	use("{tools: {other: {read: [/x]}}}");
	allow("{\"path\":\"/etc/passwd\"}");
	cr_assert_eq(call.tool, 0);
	cr_assert_eq(call.within, 0);
	cr_assert_eq(call.automaton.start, 0);
}

Test(call, names_compare_without_case_and_carry_the_timeout)
{
	use("{tools: {T: {read: [/srv/data/a, \"${args.p}\"], within: [/srv/**], timeout: 1.5}}}");
	allow("{}");
	cr_assert_eq(call.timeout_ms, 1500);
	cr_assert_eq(call.tool, 1);
	cr_assert_eq(call.within, 1);
	cr_assert(grants("/srv/data/a", R));
}

/* --- endpoints --- */
