// SPDX-License-Identifier: Apache-2.0
/* What a compiled policy says about a path or an endpoint. */
#include <arpa/inet.h>
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
#define LISTEN EC_OP_BIT(EC_OP_LISTEN)
#define LOAD EC_OP_BIT(EC_OP_LOAD)

static char root[64];
static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };
static struct policy *policy;
static struct automaton image;
static int warnings;
static struct policy_diag last, diag;

static void make_root(void)
{
	strcpy(root, "/tmp/ec-compile-XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	env.root_fd = env.cwd_fd = open(root, O_PATH | O_CLOEXEC);
	cr_assert_geq(env.root_fd, 0);
}

static void drop(void)
{
	policy_free(policy);
	automaton_done(&image);
	policy = NULL;
}

static void remove_root(void)
{
	char command[100];

	drop();
	close(env.root_fd);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(compile, .init = make_root, .fini = remove_root);

static void on_warning(void *ctx, const struct policy_diag *warning)
{
	(void)ctx;
	warnings++;
	last = *warning;
}

static int try_compile(const char *kernel)
{
	struct policy_load_options options = { .warn = on_warning };
	char text[4000];
	int r;

	drop();
	warnings = 0;
	snprintf(text, sizeof(text), "name: p\nkernel: %s\n", kernel);
	r = policy_load_buffer("p.yaml", text, strlen(text), &options, &policy, &diag);
	cr_assert_eq(r, 0, "%u:%u: %s", diag.line, diag.column, diag.text);
	return policy_compile(policy, &env, WORDS_MAX, &options, &image, &diag);
}

static void compile(const char *kernel)
{
	cr_assert_eq(try_compile(kernel), 0, "%s", diag.text);
}

static struct ec_match ask(const char *path, uint32_t ops)
{
	return match_string(&image, path, ops, 1, 1);
}

static uint32_t flags(const char *path)
{
	uint32_t state = match_run(&image, image.start, path, strlen(path));

	return state ? EC_STATE_FLAGS(image.words[state + 1]) : 0;
}

static uint32_t quiet(const char *path)
{
	return flags(path) >> 8 & 0xff;
}

static void in_root(const char *name, char *to)
{
	sprintf(to, "%s/%s", root, name);
}

static void make_dir(const char *name)
{
	char path[200];

	in_root(name, path);
	cr_assert_eq(mkdir(path, 0755), 0);
}

static void make_link(const char *target, const char *name)
{
	char path[200];

	in_root(name, path);
	cr_assert_eq(symlink(target, path), 0);
}

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

static struct ec_match ask_inet(const char *address, unsigned int port, uint32_t ops)
{
	uint8_t string[19] = { EC_STRING_INET };
	uint32_t state;

	if (inet_pton(AF_INET6, address, string + 1) != 1) {
		string[11] = string[12] = 0xff;
		cr_assert_eq(inet_pton(AF_INET, address, string + 13), 1);
	}
	string[17] = (uint8_t)(port >> 8);
	string[18] = (uint8_t)port;
	state = match_run(&image, image.start, string, sizeof(string));
	return match_at(&image, state, ops, 1, 1);
}

Test(compile, endpoints_by_address_and_port)
{
	compile("{baseline: {connect: [\"10.0.0.1:443\", \"[2001:db8::1]:80\"], "
		"listen: [\"127.0.0.1:8000-9000\"]}}");
	cr_assert(ask_inet("10.0.0.1", 443, C).baseline);
	cr_assert(ask_inet("::ffff:10.0.0.1", 443, C).baseline);
	cr_assert_not(ask_inet("10.0.0.1", 444, C).baseline);
	cr_assert_not(ask_inet("10.0.0.2", 443, C).baseline);
	cr_assert_not(ask_inet("10.0.0.1", 443, LISTEN).baseline);
	cr_assert(ask_inet("2001:db8::1", 80, C).baseline);
	cr_assert_not(ask_inet("2001:db8::2", 80, C).baseline);
	for (unsigned int port = 0; port < 65536; port++)
		cr_assert_eq(ask_inet("127.0.0.1", port, LISTEN).baseline != 0,
			     port >= 8000 && port <= 9000, "%u", port);
}

Test(compile, endpoints_by_network)
{
	compile("{baseline: {connect: [\"10.16.0.0/12:*\", \"[2001:db8::]/33:443\", "
		"\"[fe80::/10]:1\", \"192.168.1.77/32:5\"]}, never: {connect: [\"*:25\"]}}");
	cr_assert(ask_inet("10.16.0.0", 1, C).baseline);
	cr_assert(ask_inet("10.31.255.255", 65535, C).baseline);
	cr_assert_not(ask_inet("10.32.0.0", 1, C).baseline);
	cr_assert_not(ask_inet("10.15.255.255", 1, C).baseline);
	cr_assert(ask_inet("2001:db8:7fff::1", 443, C).baseline);
	cr_assert_not(ask_inet("2001:db8:8000::1", 443, C).baseline);
	cr_assert(ask_inet("febf::1", 1, C).baseline);
	cr_assert_not(ask_inet("fec0::1", 1, C).baseline);
	cr_assert(ask_inet("192.168.1.77", 5, C).baseline);
	cr_assert_not(ask_inet("192.168.1.78", 5, C).baseline);
	cr_assert(ask_inet("1.2.3.4", 25, C).never);
	cr_assert(ask_inet("::1", 25, C).never);
	cr_assert_not(ask_inet("::1", 26, C).never);
}

Test(compile, addresses_that_lead_to_one_place_are_one)
{
	compile("{baseline: {connect: [\"0.0.0.0:1\", \"[::]:2\", \"[64:ff9b::10.0.0.1]:3\", "
		"\"[64:ff9b::/96]:4\"], listen: [\"0.0.0.0:5\"]}}");
	cr_assert(ask_inet("127.0.0.1", 1, C).baseline);
	cr_assert(ask_inet("::1", 2, C).baseline);
	cr_assert(ask_inet("10.0.0.1", 3, C).baseline);
	cr_assert(ask_inet("1.2.3.4", 4, C).baseline);
	cr_assert(ask_inet("0.0.0.0", 5, LISTEN).baseline);
}

Test(compile, unix_sockets)
{
	compile("{baseline: {connect: [unix:/run/*.sock, \"unix:@/tmp/.X11-unix/*\"]}, "
		"never: {connect: [unix:/run/docker.sock]}}");
	cr_assert(ask("/run/a.sock", C).baseline);
	cr_assert_not(ask("/run/a.sock", R).baseline);
	cr_assert_not(ask("/run/a/b.sock", C).baseline);
	cr_assert(ask("\x02/tmp/.X11-unix/X0", C).baseline);
	cr_assert_not(ask("\x02x", C).baseline);
	cr_assert(ask("/run/docker.sock", C).never);
	cr_assert(flags("/run") & EC_STATE_NEVER_BELOW);
}

Test(compile, localhost_resolves)
{
	compile("{baseline: {connect: [\"localhost:80\"]}}");
	cr_assert(ask_inet("127.0.0.1", 80, C).baseline || ask_inet("::1", 80, C).baseline);
}

Test(compile, a_name_without_address_permits_nothing_and_never_is_an_error)
{
	compile("{baseline: {connect: [\"no-such-host.invalid:80\", \"*.example.org:443\"]}}");
	cr_assert_eq(warnings, 2);
	cr_assert_eq(image.start, 0);
	cr_assert_eq(try_compile("{never: {connect: [\"*.example.org:443\"]}}"), -EINVAL);
	cr_assert_eq(diag.line, 2);
}
