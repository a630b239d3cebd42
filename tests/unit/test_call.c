// SPDX-License-Identifier: Apache-2.0
/* One declared call: what its arguments come to. */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/automaton/match.h"

#define WORDS_MAX (1u << 20)
#define R EC_OP_BIT(EC_OP_READ)
#define W EC_OP_BIT(EC_OP_WRITE)
#define X EC_OP_BIT(EC_OP_EXEC)
#define C EC_OP_BIT(EC_OP_CONNECT)

static char root[64];
static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };
static struct policy *policy;
static struct automaton image;
static struct policy_call call;
static struct policy_diag diag;

static void in_root(const char *name, char *to)
{
	sprintf(to, "%s/%s", root, name);
}

static void make_dir(const char *name)
{
	char path[300];

	in_root(name, path);
	cr_assert_eq(mkdir(path, 0755), 0);
}

static void make_link(const char *target, const char *name)
{
	char path[300];

	in_root(name, path);
	cr_assert_eq(symlink(target, path), 0);
}

static void make_file(const char *name)
{
	char path[300];
	int fd;

	in_root(name, path);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	cr_assert_geq(fd, 0);
	close(fd);
}

static void drop(void)
{
	policy_call_done(&call);
	policy_free(policy);
	automaton_done(&image);
	policy = NULL;
}

/* /srv/data/{a,dir/b} /etc/passwd */
static void make_root(void)
{
	char path[100];

	strcpy(root, "/tmp/ec-call-XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	make_dir("srv");
	make_dir("srv/data");
	make_dir("srv/data/dir");
	make_dir("etc");
	make_file("srv/data/a");
	make_file("srv/data/dir/b");
	make_file("etc/passwd");
	env.root_fd = open(root, O_PATH | O_CLOEXEC);
	in_root("srv/data", path);
	env.cwd_fd = open(path, O_PATH | O_CLOEXEC);
}

static void remove_root(void)
{
	char command[100];

	drop();
	close(env.root_fd);
	close(env.cwd_fd);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(call, .init = make_root, .fini = remove_root);

static void use(const char *kernel)
{
	char text[4000];
	int r;

	drop();
	snprintf(text, sizeof(text), "name: p\nkernel: %s\n", kernel);
	r = policy_load_buffer("/etc/ec/p.yaml", text, strlen(text), NULL, &policy, &diag);
	cr_assert_eq(r, 0, "%u:%u: %s", diag.line, diag.column, diag.text);
	cr_assert_eq(policy_compile(policy, &env, WORDS_MAX, NULL, &image, &diag), 0, "%s",
		     diag.text);
}

static int declare(const char *args)
{
	cJSON *json = args ? cJSON_Parse(args) : NULL;
	int r;

	cr_assert(!args || json, "%s", args);
	policy_call_done(&call);
	memset(&diag, 0, sizeof(diag));
	r = policy_call_compile(policy, &env, &image, "t", json, WORDS_MAX, &call, &diag);
	cJSON_Delete(json);
	return r;
}

static void allow(const char *args)
{
	cr_assert_eq(declare(args), 0, "%s: %s", args, diag.text);
}

static void refuse(const char *args, const char *says)
{
	cr_assert_eq(declare(args), -EACCES, "%s", args);
	cr_assert(strstr(diag.text, says), "\"%s\" lacks \"%s\"", diag.text, says);
	cr_assert_eq(call.automaton.start, 0);
}

static bool grants(const char *path, uint32_t ops)
{
	struct ec_match own = match_string(&call.automaton, path, ops, 0, 0);
	struct ec_match whole = match_string(&image, path, ops, call.tool, call.within);

	return ec_call_grants(&whole, &own, call.within) != 0;
}

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

static bool connects(const char *address, unsigned int port)
{
	uint8_t string[19] = { EC_STRING_INET };
	uint32_t state;

	if (inet_pton(AF_INET6, address, string + 1) != 1) {
		string[11] = string[12] = 0xff;
		cr_assert_eq(inet_pton(AF_INET, address, string + 13), 1);
	}
	string[17] = (uint8_t)(port >> 8);
	string[18] = (uint8_t)port;
	state = match_run(&call.automaton, call.automaton.start, string, sizeof(string));
	return match_at(&call.automaton, state, C, 0, 0).call != 0;
}

Test(call, hosts_and_ports)
{
	use("{never: {connect: [\"10.0.0.9:443\"]}, "
	    "tools: {t: {connect: [\"${args.host}:443\", \"10.0.0.2:${args.port}\"]}}}");
	allow("{\"host\":\"10.0.0.1\"}");
	cr_assert(connects("10.0.0.1", 443));
	cr_assert_not(connects("10.0.0.1", 80));
	cr_assert_not(connects("10.0.0.2", 443));
	allow("{\"host\":\"2001:db8::1\",\"port\":80}");
	cr_assert(connects("2001:db8::1", 443));
	cr_assert(connects("10.0.0.2", 80));
	refuse("{\"host\":\"10.0.0.9\"}", "never.connect");
	refuse("{\"host\":\"*\"}", "not a host");
	refuse("{\"host\":\"10.0.0.0/8\"}", "not a host");
	refuse("{\"host\":\"{10.0.0.1,10.0.0.3}\"}", "not a host");
	refuse("{\"host\":\"10.0.0.1:80\"}", "IPv6");
	refuse("{\"port\":\"1-65535\"}", "range");
	refuse("{\"port\":\"*\"}", "not a host");
	refuse("{\"host\":\"no-such-host.invalid\"}", "no address");
}

Test(call, urls)
{
	use("{tools: {t: {connect: [\"${args.url}\"]}}}");
	allow("{\"url\":\"https://10.0.0.1/path?q=http://10.0.0.2/\"}");
	cr_assert(connects("10.0.0.1", 443));
	cr_assert_not(connects("10.0.0.2", 80));
	allow("{\"url\":\"HTTP://10.0.0.2@10.0.0.3:8080/#@10.0.0.4\"}");
	cr_assert(connects("10.0.0.3", 8080));
	cr_assert_not(connects("10.0.0.2", 8080));
	cr_assert_not(connects("10.0.0.4", 8080));
	allow("{\"url\":\"http://[2001:db8::1]/\"}");
	cr_assert(connects("2001:db8::1", 80));
	allow("{\"url\":\"https://[2001:db8::1]:8443/\"}");
	cr_assert(connects("2001:db8::1", 8443));
	allow("{\"url\":\"10.0.0.1:53\"}");
	cr_assert(connects("10.0.0.1", 53));
	refuse("{\"url\":\"gopher://10.0.0.1/\"}", "no port");
	refuse("{\"url\":\"http://*:80/\"}", "in its host");
	refuse("{\"url\":\"http://10.0.0.1:1-9/\"}", "not a number");
	refuse("{\"url\":\"http://10.0.0.1:*/\"}", "not a number");
}

Test(call, parts_of_urls)
{
	use("{tools: {t: {connect: [\"${args.url.host}:${args.url.port}\"]}}}");
	allow("{\"url\":\"https://10.0.0.1/x\"}");
	cr_assert(connects("10.0.0.1", 443));
	cr_assert_not(connects("10.0.0.1", 80));
	allow("{\"url\":\"http://[2001:db8::1]:81/\"}");
	cr_assert(connects("2001:db8::1", 81));
	allow("{\"url\":{\"host\":\"10.0.0.2\",\"port\":82}}");
	cr_assert(connects("10.0.0.2", 82));
	refuse("{\"url\":\"http://0x7f.1/\"}",
	       "the URL in argument url of tool t has a host that ends");
	refuse("{\"url\":\"gopher://10.0.0.1/\"}", "has no port");
	refuse("{\"url\":\"10.0.0.1:80\"}", "has no scheme");
	allow("{\"url\":[\"http://10.0.0.1/\",\"https://10.0.0.2/\"]}");
	cr_assert_not(connects("10.0.0.1", 80));
	allow("{\"url\":7}");
	use("{tools: {t: {connect: [\"${args.host}:1\", \"${args.a.hosts}:1\"]}}}");
	allow("{\"a\":\"http://10.0.0.1/\"}");
	cr_assert_not(connects("10.0.0.1", 1));
}

Test(call, what_the_rules_saw_is_what_is_granted)
{
	use("{tools: {t: {connect: [\"${args.url}\"], read: [\"${args.o.path}\"], args: {url: "
	    "{url: "
	    "{host: [10.0.0.1]}}, o: {properties: {path: {pattern: \"/srv/.*\"}}}}}}}");
	allow("{\"url\":\"http://10.0.0.1/\",\"o\":{\"path\":\"/srv/data/a\"}}");
	cr_assert(connects("10.0.0.1", 80));
	cr_assert(grants("/srv/data/a", R));
	refuse("{\"url\":\"http://10.0.0.1/\",\"o\":{\"path\":\"/etc/passwd\"}}",
	       "argument o.path does not match its");
	refuse("{\"url\":\"http://10.0.0.1/\",\"o\":{\"path\":\"/srv/a\"},\"o\":{\"path\":\"/e\"}}",
	       "argument o is there twice");
	refuse("{\"url\":\"http://10.0.0.2/\",\"o\":{\"path\":\"/srv/data/a\"}}",
	       "argument url has a host");
}

Test(call, unix_sockets)
{
	use("{tools: {t: {connect: [\"unix:/srv/${args.s}\", \"unix:@x-${args.n}\"], "
	    "within: [/nowhere]}}}");
	allow("{\"s\":\"data/sock\",\"n\":\"*\"}");
	cr_assert(match_string(&call.automaton, "/srv/data/sock", C, 0, 0).call);
	cr_assert(match_string(&call.automaton, "\x02x-*", C, 0, 0).call);
	cr_assert_not(match_string(&call.automaton, "\x02x-y", C, 0, 0).call);
	refuse("{\"s\":\"../run/docker.sock\"}", "leaves the pattern");
}
