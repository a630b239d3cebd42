// SPDX-License-Identifier: Apache-2.0
/* What the kernel would say. */
#include "ask_dir.h"
#include "policy/ask/ask.h"

static struct policy *policy;
static struct automaton image;
static struct policy_env env;
static struct policy_diag diag;

static void setup(void)
{
	dir_begin();
	env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env.cwd_fd = -1;
	env.home = "/srv";
	cr_assert_eq(policy_load_buffer("p.yaml", text, strlen(text), NULL, &policy, &diag), 0,
		     "%s", diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0, "%s",
		     diag.text);
}

static void cleanup_policy(void)
{
	automaton_done(&image);
	policy_free(policy);
}

static void cleanup(void)
{
	cleanup_policy();
	close(env.root_fd);
	dir_end();
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
	is("read /proc/thread-self/stat", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("read /proc/self/task/0/stat", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("read /proc/thread-selfie", 0, EC_VERDICT_DENY, EC_REASON_UNDECLARED);
}

Test(ask, a_tripped_flow_refuses_before_the_baseline_permits)
{
	is("connect 10.0.0.1:443", 1, EC_VERDICT_DENY, EC_REASON_FLOW);
	is("connect 127.0.0.1:443", 1, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("read /usr/share/none", 1, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
}

Test(ask, flows_are_named_by_what_trips_them)
{
	const char *flows =
		"name: f\nkernel:\n  labels: { a: [/a], b: [/b], read: [/r] }\n  flows:\n"
		"  - { after: read a, deny: write }\n"
		"  - { after: connect b, deny: write }\n"
		"  - { after: read b, deny: write }\n"
		"  - { after: read a, deny: connect }\n"
		"  - { after: write read, deny: connect }\n";
	struct policy *p;

	cr_assert_eq(policy_load_buffer("f.yaml", flows, strlen(flows), NULL, &p, &diag), 0, "%s",
		     diag.text);
	cr_assert_eq(ask_flows(p, "read a"), 1u << 0 | 1u << 3);
	cr_assert_eq(ask_flows(p, "read  b"), 1u << 2);
	cr_assert_eq(ask_flows(p, "b"), 1u << 1 | 1u << 2);
	cr_assert_eq(ask_flows(p, "read"), 1u << 4);
	cr_assert_eq(ask_flows(p, "write a"), 0);
	cr_assert_eq(ask_flows(p, "read a "), 0);
	cr_assert_eq(ask_flows(p, "read "), 0);
	cr_assert_eq(ask_flows(p, ""), 0);
	cr_assert_eq(ask_flows(policy, "read secret"), 1);
	policy_free(p);
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

/* A policy in words, asked with all that this machine adds. */
static struct answer here(const char *policy_text, const char *effect,
			  struct effect_asked *ret_effect)
{
	struct asker asker = { .env = &env };
	struct automaton own = { 0 };
	struct policy_node *nodes = NULL;
	struct policy *p = NULL;
	struct answer a;

	cr_assert_eq(
		policy_load_buffer("q.yaml", policy_text, strlen(policy_text), NULL, &p, &diag), 0,
		"%s", diag.text);
	cr_assert_eq(policy_compile(p, &env, 1u << 17, NULL, &own, &diag), 0, "%s", diag.text);
	cr_assert_eq(policy_never_nodes(p, &env, 100, &nodes, &asker.nodes_len, &diag), 0);
	asker.policy = p;
	asker.image = &own;
	asker.nodes = nodes;
	cr_assert_eq(ask_text(&asker, NULL, effect, ret_effect, &a, &diag), 0, "%s", diag.text);
	free(nodes);
	automaton_done(&own);
	policy_free(p);
	return a;
}

Test(ask, another_name_does_not_free_an_object)
{
	char policy_text[400], effect[300];
	struct effect_asked asked;
	struct answer a;

	write_file("secret", "x");
	write_file("plain", "x");
	cr_assert_eq(link(in_dir("secret"), in_dir("other")), 0);
	snprintf(policy_text, sizeof(policy_text),
		 "name: n\nkernel: { baseline: { read: [\"/**\"], write: [\"/**\"] }, "
		 "never: { read: [%s/secret] } }\n",
		 dir);
	snprintf(effect, sizeof(effect), "read %s/other", dir);
	a = here(policy_text, effect, &asked);
	cr_assert_eq(a.verdict, EC_VERDICT_DENY);
	cr_assert_eq(a.reason, EC_REASON_NEVER);
	cr_assert_gt(a.rule, 0);
	snprintf(effect, sizeof(effect), "write %s/other", dir);
	cr_assert_eq(here(policy_text, effect, &asked).verdict, EC_VERDICT_ALLOW);
	snprintf(effect, sizeof(effect), "read %s/plain", dir);
	cr_assert_eq(here(policy_text, effect, &asked).verdict, EC_VERDICT_ALLOW);
}

/* The name of a host is all of its addresses; whoever connects may use any. */
Test(ask, a_host_is_refused_when_one_of_its_addresses_is)
{
	const char *some = "name: n\nkernel: { baseline: { connect: [\"127.0.0.1:80\"] } }\n";
	const char *both = "name: n\nkernel: { baseline: { connect: [\"localhost:80\"] } }\n";
	struct effect_asked asked;
	char print[ASK_TEXT_MAX];

	cr_assert_eq(here(both, "connect localhost:80", &asked).verdict, EC_VERDICT_ALLOW);
	cr_assert_eq(here(both, "connect localhost:81", &asked).verdict, EC_VERDICT_DENY);
	cr_assert_eq(here(both, "listen localhost:80", &asked).verdict, EC_VERDICT_DENY);
	effect_print_target(&asked, print);
	cr_assert(!strcmp(print, "127.0.0.1:80") || !strcmp(print, "[::1]:80"), "%s", print);
	if (here(some, "connect localhost:80", &asked).verdict == EC_VERDICT_DENY) {
		effect_print_target(&asked, print);
		cr_assert_str_eq(print, "[::1]:80");
	}
}

Test(ask, an_effect_is_printed_as_it_is_read)
{
	static const char *const effects[] = {
		"read /usr/share/none",	   "load /usr/lib/none.so", "connect 10.0.0.1:443",
		"listen [2001:db8::1]:80", "listen unix:@name",	    "connect unix:/srv/none.sock",
		"privilege mount",
	};
	struct effect_asked asked;
	char print[ASK_TEXT_MAX];

	for (size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++) {
		cr_assert_eq(effect_parse(effects[i], &env, &asked, &diag), 0, "%s", diag.text);
		effect_print_target(&asked, print);
		cr_assert_str_eq(print, strchr(effects[i], ' ') + 1);
	}
}

Test(ask, closed_endpoints_are_never_permitted)
{
	static const char *const kernels[] = {
		"", "kernel:\n",
		"kernel: { baseline: { connect: [\"*:*\"] }, never: "
		"{ connect: [\"10.0.0.9:1\"], listen: [\"*:1\"] } }\n"
	};
	static const char *const closed[] = { "127.0.0.0/8:8080", "[::1]:8080", NULL };
	const struct policy_load_options options = { .closed = closed };

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		char other[512];

		snprintf(other, sizeof(other), "name: t\n%s", kernels[i]);
		cleanup_policy();
		cr_assert_eq(policy_load_buffer("p.yaml", other, strlen(other), &options, &policy,
						&diag),
			     0, "%s", diag.text);
		cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0);
		is("connect 127.0.0.1:8080", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
		is("connect 0.0.0.0:8080", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
		is("connect [::ffff:127.9.9.9]:8080", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
		is("connect [::1]:8080", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
	}
	is("connect 127.0.0.1:8081", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("connect 10.0.0.9:1", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
}

Test(ask, our_own_files_are_in_every_never)
{
	static const char *const unseen[] = { "/srv/trail\\[1\\].jsonl", "/run/enforcecore/**",
					      NULL };
	static const char *const unchanged[] = { "/srv/p.yaml", NULL };
	const struct policy_load_options options = { .unseen = unseen, .unchanged = unchanged };
	static const char all[] =
		"name: t\nkernel: { baseline: { read: [\"/**\"], write: [\"/**\"] } }\n";

	cleanup_policy();
	cr_assert_eq(policy_load_buffer("p.yaml", all, strlen(all), &options, &policy, &diag), 0,
		     "%s", diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0);
	is("read /srv/trail[1].jsonl", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
	is("write /srv/trail[1].jsonl", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
	is("read /srv/trail1.jsonl", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("write /run/enforcecore/3.sock", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
	is("read /run/enforcecore/a/b", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
	is("read /srv/p.yaml", 0, EC_VERDICT_ALLOW, EC_REASON_BASELINE);
	is("write /srv/p.yaml", 0, EC_VERDICT_DENY, EC_REASON_NEVER);
}

static enum ec_verdict in_call(const struct policy_call *call, const char *effect)
{
	struct effect_asked asked;

	cr_assert_eq(effect_parse(effect, &env, &asked, &diag), 0, "%s", diag.text);
	return ask(policy, &image, call, 0, &asked).verdict;
}

Test(ask, the_work_of_an_evaluation_is_every_tools_to_write)
{
	static const char tools[] =
		"name: t\n"
		"kernel: { tools: { a: {}, b: { write: [\"/b/${args.x}\"], within: [/b] }, "
		"c: { read: [/c] } } }\n";
	const struct policy_load_options options = { .work = "/tmp/work/**" };

	cleanup_policy();
	cr_assert_eq(policy_load_buffer("p.yaml", tools, strlen(tools), &options, &policy, &diag),
		     0, "%s", diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0);
	cr_expect_str_eq(policy_tool_name(policy, 2), "c");
	cr_expect_null(policy_tool_name(policy, 3));
	for (size_t i = 0; i < policy_tools(policy); i++) {
		struct policy_call one;

		cr_assert_eq(policy_call_compile(policy, &env, &image, policy_tool_name(policy, i),
						 NULL, POLICY_CALL_WORDS_MAX, &one, &diag),
			     0, "%s", diag.text);
		cr_expect_eq(in_call(&one, "write /tmp/work/x"), EC_VERDICT_ALLOW, "%s",
			     policy_tool_name(policy, i));
		cr_expect_eq(in_call(&one, "write /tmp/other"), EC_VERDICT_DENY);
		policy_call_done(&one);
	}
	is("write /tmp/work/x", 0, EC_VERDICT_DENY, EC_REASON_UNDECLARED);
}
