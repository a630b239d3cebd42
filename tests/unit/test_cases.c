// SPDX-License-Identifier: Apache-2.0
/* Files of cases, as `policy test` runs them. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/command/commands.h"

static const char policy[] =
	"name: t\n"
	"rules: { denied_tools: [rm] }\n"
	"kernel:\n"
	"  baseline: { read: [\"/usr/**\", /srv/key, ~/notes], connect: [\"*:443\"] }\n"
	"  never: { read: [/etc/shadow] }\n"
	"  labels: { secret: [/srv/key] }\n"
	"  flows: [{ after: read secret, deny: connect, except: [\"127.0.0.1:443\"] }]\n"
	"  when: { office: { days: [mon], hours: \"09:00-17:00\", zone: UTC } }\n"
	"  tools:\n"
	"    write_file: { write: [\"${args.path}\"], within: [\"/srv/out/**\"] }\n"
	"    any: { read: [\"${args.path}\"] }\n"
	"    deploy: { connect: [\"10.0.0.1:22\"], when: office }\n";

static char dir[] = "/tmp/ec-cases-XXXXXX";

static void write_file(const char *name, const char *content)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(dir));
	write_file("p.yaml", policy);
	cr_redirect_stdout();
	cr_redirect_stderr();
}

static void cleanup(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

TestSuite(cases, .init = setup, .fini = cleanup);

#define RUN(...)                                                                                   \
	({                                                                                         \
		char *argv[] = { "enforcecore", "test", __VA_ARGS__, NULL };                       \
		command_find("policy")->run((int)(sizeof(argv) / sizeof(*argv)) - 1, argv);        \
	})

static char *in_dir(const char *name)
{
	static char path[4][200];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

/* top: keys of the file beside policy and cases. */
static int suite_with(const char *top, const char *cases)
{
	char content[2000];

	snprintf(content, sizeof(content), "policy: p.yaml\n%scases:\n%s", top, cases);
	write_file("t.yaml", content);
	return RUN(in_dir("t.yaml"));
}

static int suite(const char *cases)
{
	return suite_with("", cases);
}

Test(cases, pass_or_fail_or_are_none)
{
	cr_assert_eq(suite("- { effect: read /etc/shadow, expect: deny, reason: never }\n"), 0);
	cr_assert_eq(suite("- { effect: read /etc/shadow, expect: deny, reason: undeclared }\n"),
		     1);
	cr_assert_eq(suite("- { effect: read /etc/shadow, expect: allow }\n"), 1);
	cr_assert_eq(
		suite("- { tool: write_file, args: {path: /srv/out/a}, effect: write /srv/out/a, "
		      "expect: allow, reason: call }\n"),
		0);
	cr_assert_eq(suite("- { tool: write_file, args: {path: /etc/x}, expect: refused }\n"), 0);
	cr_assert_eq(suite("- { tool: rm, expect: refused, reason: denied_tools }\n"), 0);
	cr_assert_eq(suite("- { tool: rm, expect: allow }\n"), 1);
	cr_assert_eq(suite("- { tool: write_file, args: {path: /srv/out/a}, expect: allow }\n"), 0);
	cr_assert_eq(suite("- { effect: read /x, expect: maybe }\n"), 2);
	cr_assert_eq(suite("- { effect: read /x, expext: deny }\n"), 2);
	cr_assert_eq(suite("- { effect: look /x, expect: deny }\n"), 2);
	cr_assert_eq(suite("[]\n"), 2);
	cr_assert_eq(suite("- : {\n"), 2);
	cr_assert_eq(RUN(in_dir("none.yaml")), 2);
}

Test(cases, a_reason_is_a_whole_word)
{
	cr_assert_eq(suite("- { effect: read /usr/x, expect: allow, reason: base }\n"), 1);
	cr_assert_eq(suite("- { effect: read /usr/x, expect: allow, reason: \"\" }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, expect: allow, reason: [baseline] }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, expect: allow, args: {path: /x} }\n"), 2);
	cr_assert_eq(suite("- { tool: write_file, args: /etc/x, expect: refused }\n"), 2);
}

Test(cases, a_refused_declaration_denies_its_effect)
{
	const char *call = "- { tool: rm, effect: read /usr/x, expect: deny, reason: %s }\n";
	char text_case[200];

	snprintf(text_case, sizeof(text_case), call, "declaration");
	cr_assert_eq(suite(text_case), 0);
	snprintf(text_case, sizeof(text_case), call, "never");
	cr_assert_eq(suite(text_case), 1);
	cr_assert_eq(suite("- { effect: read /usr/x, expect: deny, reason: declaration }\n"), 1);
}

Test(cases, several_files_of_cases_one_total)
{
	cr_assert_eq(suite("- { effect: read /usr/x, expect: deny }\n"), 1);
	write_file("u.yaml", "policy: p.yaml\ncases:\n- { effect: read /usr/x, expect: allow }\n");
	cr_assert_eq(RUN("--", in_dir("u.yaml"), in_dir("t.yaml")), 1);
	cr_assert_eq(RUN(in_dir("none.yaml"), in_dir("u.yaml")), 2);
}

#define MONDAY "2026-03-02T"

Test(cases, are_asked_at_their_time)
{
	cr_assert_eq(suite("- { tool: deploy, time: " MONDAY "09:00:00Z, expect: allow }\n"), 0);
	cr_assert_eq(suite("- { tool: deploy, time: " MONDAY "09:00:00+01:00, expect: refused, "
			   "reason: when }\n"),
		     0);
	cr_assert_eq(suite("- { tool: deploy, time: " MONDAY "16:59:59Z, effect: connect "
			   "10.0.0.1:22, expect: allow, reason: call }\n"),
		     0);
	cr_assert_eq(suite("- { tool: deploy, time: " MONDAY "17:00:00Z, effect: connect "
			   "10.0.0.1:22, expect: deny, reason: declaration }\n"),
		     0);
}

Test(cases, the_time_of_the_file_is_that_of_cases_without_one)
{
	cr_assert_eq(suite_with("time: " MONDAY "12:00:00Z\n",
				"- { tool: deploy, time: " MONDAY "08:00:00Z, expect: refused }\n"
				"- { tool: deploy, expect: allow }\n"
				"- { effect: read /usr/x, expect: allow }\n"),
		     0);
	cr_assert_eq(suite_with("time: " MONDAY "08:00:00Z\n",
				"- { tool: deploy, expect: refused, reason: when }\n"
				"- { tool: deploy, time: " MONDAY "12:00:00Z, expect: allow }\n"),
		     0);
}

Test(cases, a_time_is_whole_and_of_a_call)
{
	cr_assert_eq(suite("- { tool: deploy, time: noon, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { tool: deploy, time: 2026-03-02T12:00:00, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { tool: deploy, time: [], expect: allow }\n"), 2);
	cr_assert_eq(suite("- { tool: deploy, time: ~, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, time: " MONDAY "12:00:00Z, expect: allow }\n"),
		     2);
	cr_assert_eq(suite_with("time: noon\n", "- { tool: deploy, expect: allow }\n"), 2);
}

Test(cases, are_asked_of_an_agent_that_has_tripped_flows)
{
	cr_assert_eq(
		suite("- { effect: connect 10.0.0.1:443, expect: allow }\n"
		      "- { effect: connect 10.0.0.1:443, tripped: secret, expect: deny, "
		      "reason: flow }\n"
		      "- { effect: connect 10.0.0.1:443, tripped: [read secret], expect: deny, "
		      "reason: flow }\n"
		      "- { effect: connect 127.0.0.1:443, tripped: secret, expect: allow }\n"
		      "- { effect: connect 10.0.0.1:443, tripped: [], expect: allow }\n"
		      "- { effect: read /usr/x, tripped: secret, expect: allow }\n"),
		0);
	cr_assert_eq(suite_with("tripped: [secret]\n",
				"- { effect: connect 10.0.0.1:443, tripped: [], expect: allow }\n"
				"- { effect: connect 10.0.0.1:443, expect: deny, reason: flow }\n"),
		     0);
}

Test(cases, only_flows_of_the_policy_can_be_tripped)
{
	cr_assert_eq(suite("- { effect: read /usr/x, tripped: secrets, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, tripped: write secret, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, tripped: [[secret]], expect: allow }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, tripped: {}, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { tool: deploy, tripped: secret, expect: allow }\n"), 2);
	cr_assert_eq(suite_with("tripped: none\n", "- { effect: read /usr/x, expect: allow }\n"),
		     2);
}

Test(cases, the_agent_has_a_home)
{
	cr_assert_eq(suite_with("home: /home/agent\n",
				"- { effect: read /home/agent/notes, expect: allow }\n"),
		     0);
	cr_assert_eq(suite_with("home: /home/other\n",
				"- { effect: read /home/agent/notes, expect: deny }\n"),
		     0);
	cr_assert_eq(suite_with("home: agent\n", "- { effect: read /usr/x, expect: allow }\n"), 2);
	cr_assert_eq(suite_with("home: [/]\n", "- { effect: read /usr/x, expect: allow }\n"), 2);
}

Test(cases, the_agent_works_in_a_directory)
{
	char cases[400];

	snprintf(cases, sizeof(cases),
		 "- { tool: any, args: { path: ./a }, effect: read %s/work/a, expect: allow, "
		 "reason: call }\n",
		 dir);
	cr_assert_eq(suite_with("cwd: work\n", cases), 2);
	cr_assert_eq(mkdir(in_dir("work"), 0755), 0);
	cr_assert_eq(suite_with("cwd: work\n", cases), 0);
	cr_assert_eq(suite(cases), 1);
	cr_assert_eq(suite_with("cwd: p.yaml\n", cases), 2);
}

Test(cases, a_key_that_means_nothing_is_an_error)
{
	cr_assert_eq(suite_with("zone: UTC\n", "- { effect: read /usr/x, expect: allow }\n"), 2);
	cr_assert_eq(suite("- { effect: read /usr/x, home: /, expect: allow }\n"), 2);
}

Test(cases, a_name_cannot_forge_a_line)
{
	char line[200];

	cr_assert_eq(suite("- { effect: \"read /x\\nu.yaml:1: got\\e[2J\", expect: allow }\n"), 1);
	fflush(stdout);
	cr_assert_not_null(fgets(line, sizeof(line), cr_get_redirected_stdout()));
	cr_assert(strstr(line, "u.yaml:1: got"), "%s", line);
	cr_assert_null(strchr(line, '\033'));
}

Test(cases, a_declaration_breaks_a_rule_of_some_type)
{
	write_file("p.yaml", "name: t\n"
			     "rules: { denied_tools: [rm], content_rules: { enabled: true },\n"
			     "  network: { enabled: true, allowed_domains: [ok.test] } }\n"
			     "kernel: { tools: { deploy: { ask: true } } }\n");
	cr_assert_eq(suite("- { tool: rm, expect: refused, reason: tool_denied }\n"
			   "- { tool: t, args: { c: \"; rm -rf /\" }, expect: refused, reason: "
			   "content_violation }\n"
			   "- { tool: t, args: { u: [HTTP://EVIL.TEST] }, expect: refused, reason: "
			   "domain_denied }\n"
			   "- { tool: t, args: { u: [HTTP://OK.TEST] }, expect: allow }\n"
			   "- { tool: deploy, expect: ask }\n"),
		     0);
	cr_assert_eq(suite("- { tool: t, args: { u: http://e.test }, expect: refused, reason: "
			   "content_violation }\n"),
		     1);
	cr_assert_eq(suite("- { tool: deploy, expect: allow }\n"), 1);
	write_file("p.yaml", "name: t\non_violation: log\nrules: { denied_tools: [rm] }\n");
	cr_assert_eq(suite("- { tool: rm, expect: would-deny, reason: tool_denied }\n"), 0);
	write_file("p.yaml", policy);
}

Test(cases, guards_are_asked_or_have_said_something)
{
	write_file("p.yaml", "name: t\n"
			     "kernel:\n"
			     "  guards: { g: { url: 'http://127.0.0.1:1', protocol: nemo } }\n"
			     "  tools:\n"
			     "    a: { read: [\"${args.path}\"], guard: g, ask: true }\n"
			     "    b: { read: [\"${args.path}\"], guard: g }\n");
	cr_expect_eq(
		suite("  - { tool: b, expect: guard }\n"
		      "  - { tool: b, guards: safe, expect: allow }\n"
		      "  - { tool: b, guards: unsafe, expect: refused, reason: content_violation "
		      "}\n"
		      "  - { tool: b, guards: none, expect: refused, reason: gave no verdict }\n"
		      "  - { tool: a, guards: safe, expect: ask }\n"
		      "  - { tool: b, args: { path: /srv/x }, guards: safe, effect: read /srv/x, "
		      "expect: allow, reason: call }\n"),
		0);
	cr_expect_neq(suite("  - { tool: b, expect: allow }\n"), 0);
	cr_expect_neq(suite("  - { tool: b, guards: maybe, expect: allow }\n"), 0);
	cr_expect_neq(suite("  - { effect: read /x, guards: safe, expect: deny }\n"), 0);
}
