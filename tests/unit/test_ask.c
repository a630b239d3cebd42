// SPDX-License-Identifier: Apache-2.0
/* What the kernel would say, and the commands that tell it. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/ask/ask.h"
#include "user/command/commands.h"

static const char text[] =
	"name: t\n"
	"rules: { denied_tools: [rm] }\n"
	"kernel:\n"
	"  baseline: { read: [\"/usr/**\", \"/srv/key\"], exec: [/usr/bin/node], connect: "
	"[\"*:443\"],\n"
	"              listen: [\"unix:@name\"] }\n"
	"  never: { read: [/etc/shadow] }\n"
	"  allow: [time]\n"
	"  labels: { secret: [/srv/key] }\n"
	"  flows: [{ after: read secret, deny: connect, except: [\"127.0.0.1:443\"] }]\n"
	"  tools:\n"
	"    write_file: { write: [\"${args.path}\"], within: [\"/srv/out/**\"] }\n";

static char dir[] = "/tmp/ec-ask-XXXXXX";
static struct policy *policy;
static struct automaton image;
static struct policy_env env;
static struct policy_diag diag;

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
	write_file("p.yaml", text);
	env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env.cwd_fd = -1;
	env.home = "/srv";
	cr_assert_eq(policy_load_buffer("p.yaml", text, strlen(text), NULL, &policy, &diag), 0,
		     "%s", diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0, "%s",
		     diag.text);
}

static void cleanup(void)
{
	char command[64];

	automaton_done(&image);
	policy_free(policy);
	close(env.root_fd);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

TestSuite(ask, .init = setup, .fini = cleanup);

static struct answer of(const char *effect, uint32_t tripped)
{
	struct effect_asked asked;

	cr_assert_eq(effect_parse(effect, &env, &asked, &diag), 0, "%s", diag.text);
	return ask(policy, &image, NULL, tripped, &asked);
}

static void is(const char *effect, uint32_t tripped, enum ec_verdict verdict, enum ec_reason reason)
{
	struct answer a = of(effect, tripped);

	cr_assert_eq(a.verdict, verdict, "%s: %s", effect, ask_verdict(a.verdict));
	cr_assert_eq(a.reason, reason, "%s: %s", effect, ask_reason(a.reason));
}

Test(ask, the_order_of_the_decision)
{
	is("read /etc/shadow", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
	is("read /usr/share/none", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("read /srv/key", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("read ~/key", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("write /srv/key", 0, EC_VERDICT_DENY, EC_REASON_UNDECLARED);
	is("load /usr/lib/none.so", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("privilege time", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("privilege mount", 0, EC_VERDICT_DENY, EC_REASON_PRIVILEGE);
	is("connect 10.0.0.1:443", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("connect [::ffff:10.0.0.1]:443", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("connect 10.0.0.1:80", 0, EC_VERDICT_DENY, EC_REASON_UNDECLARED);
	is("listen unix:@name", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("listen unix:@named", 0, EC_VERDICT_DENY, EC_REASON_UNDECLARED);
}

Test(ask, a_tripped_flow_refuses_before_the_baseline_permits)
{
	is("connect 10.0.0.1:443", 1, EC_VERDICT_DENY, EC_REASON_FLOW);
	is("connect 127.0.0.1:443", 1, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("read /usr/share/none", 1, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
}

Test(ask, what_is_no_effect)
{
	static const char *const bad[] = { "",
					   "read",
					   "read x",
					   "look /x",
					   "connect 10.0.0.1",
					   "connect 10.0.0.0/8:80",
					   "connect *:443",
					   "privilege fly",
					   "listen 1-5" };
	struct effect_asked asked;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		cr_assert_lt(effect_parse(bad[i], &env, &asked, &diag), 0, "\"%s\"", bad[i]);
}

#define RUN(command, ...)                                                                          \
	({                                                                                         \
		char *argv[] = { "enforcecore", __VA_ARGS__, NULL };                               \
		command((int)(sizeof(argv) / sizeof(*argv)) - 1, argv);                            \
	})

static char *in_dir(const char *name)
{
	static char path[4][200];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

Test(ask, commands_exit_with_the_answer)
{
	char *p;

	cr_redirect_stdout();
	cr_redirect_stderr();
	p = in_dir("p.yaml");
	write_file("bad.yaml", "name: x\nkernel:\n  baseline: { read: [relative] }\n");
	write_file("odd.yaml", "name: x\nrulez: {}\n");
	cr_assert_eq(RUN(cmd_validate, p), 0);
	cr_assert_eq(RUN(cmd_validate, in_dir("bad.yaml")), 1);
	cr_assert_eq(RUN(cmd_validate, in_dir("odd.yaml")), 0);
	cr_assert_eq(RUN(cmd_validate, "--strict", in_dir("odd.yaml")), 1);
	cr_assert_eq(RUN(cmd_dry_run, p, "-t", "write_file", "-a", "path=/srv/out/a"), 0);
	cr_assert_eq(RUN(cmd_dry_run, p, "-t", "write_file", "-a", "path=/etc/passwd"), 1);
	cr_assert_eq(RUN(cmd_dry_run, p, "-t", "rm"), 1);
	cr_assert_eq(RUN(cmd_dry_run, p, "-t", "write_file", "-a", "path=/srv/out/a", "-e",
			 "write /srv/out/a"),
		     0);
	cr_assert_eq(RUN(cmd_dry_run, p, "-t", "write_file", "-a", "path=/srv/out/a", "-e",
			 "write /srv/out/b"),
		     1);
	cr_assert_eq(RUN(cmd_explain, p, "-e", "read /etc/shadow"), 1);
	cr_assert_eq(RUN(cmd_explain, p, "-e", "read /usr/x"), 0);
	cr_assert_eq(RUN(cmd_explain, p, "-e", "look /usr/x"), 2);
	cr_assert_eq(RUN(cmd_explain, in_dir("bad.yaml"), "-e", "read /x"), 2);
}

static int suite(const char *cases)
{
	char content[2000];

	snprintf(content, sizeof(content), "policy: p.yaml\ncases:\n%s", cases);
	write_file("t.yaml", content);
	return RUN(cmd_policy, "test", in_dir("t.yaml"));
}

Test(ask, a_file_of_cases)
{
	cr_redirect_stdout();
	cr_redirect_stderr();
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
	cr_assert_eq(suite("- { effect: read /x, expect: maybe }\n"), 2);
	cr_assert_eq(suite("- { effect: read /x, expext: deny }\n"), 2);
	cr_assert_eq(suite("- { effect: look /x, expect: deny }\n"), 2);
	cr_assert_eq(suite("[]\n"), 2);
	cr_assert_eq(suite("- : {\n"), 2);
	cr_assert_eq(RUN(cmd_policy, "test", in_dir("none.yaml")), 2);
}
