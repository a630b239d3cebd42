// SPDX-License-Identifier: Apache-2.0
/* Labels and flows: read, compiled, decided. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bpf/agent.h"
#include "bpf/verdict.h"
#include "policy/automaton/match.h"
#include "policy/policy.h"

#define R EC_OP_BIT(EC_OP_READ)
#define W EC_OP_BIT(EC_OP_WRITE)
#define C EC_OP_BIT(EC_OP_CONNECT)

static struct policy *policy;
static struct policy_diag diag;
static struct automaton image;

static int load(const char *kernel)
{
	char text[4000];

	snprintf(text, sizeof(text), "name: p\nkernel: %s\n", kernel);
	return policy_load_buffer("p.yaml", text, strlen(text), NULL, &policy, &diag);
}

static void drop(void)
{
	automaton_done(&image);
	policy_free(policy);
	policy = NULL;
}

static void use(const char *kernel)
{
	struct policy_env env = { .root_fd = open("/", O_PATH | O_DIRECTORY), .cwd_fd = -1 };

	cr_assert_eq(load(kernel), 0, "%u:%u: %s", diag.line, diag.column, diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0, "%s",
		     diag.text);
	close(env.root_fd);
}

static void refused(const char *kernel, unsigned int column, const char *says)
{
	cr_assert_eq(load(kernel), -EINVAL, "%s", kernel);
	cr_assert(strstr(diag.text, says), "\"%s\" lacks \"%s\"", diag.text, says);
	cr_assert_eq(diag.line, 2);
	cr_assert_eq(diag.column, column, "column %u: %s", diag.column, diag.text);
}

static struct ec_match at(const char *string, size_t len, uint32_t ops)
{
	uint32_t state = match_run(&image, image.start, string, len);

	return match_at(&image, state, ops, 0, 0);
}

static struct ec_match path(const char *string, uint32_t ops)
{
	return at(string, strlen(string), ops);
}

static struct ec_match inet(uint8_t last, uint16_t port)
{
	char string[19] = { EC_STRING_INET, [11] = (char)0xff, [12] = (char)0xff, 127, 0, 0,
			    (char)last,	    (char)(port >> 8), (char)port };

	return at(string, sizeof(string), C);
}

TestSuite(flows, .fini = drop);

Test(flows, a_label_trips_what_it_names_and_all_below_a_directory)
{
	use("{labels: {secret: [/srv/secrets, \"**/.env\", \"10.0.0.0/8:443\"]}, "
	    "flows: [{after: read secret, deny: connect}]}");
	cr_assert_eq(path("/srv/secrets/key", R).trips, 1);
	cr_assert_eq(path("/srv/secrets", R).trips, 1);
	cr_assert_eq(path("/srv/secrets/a/b/c", R).trips, 1);
	cr_assert_eq(path("/home/x/.env", R).trips, 1);
	cr_assert_eq(path("/srv/secrets2", R).trips, 0);
	cr_assert_eq(path("/srv/secrets/key", W).trips, 0, "only reading was named");
}

Test(flows, running_a_secret_reads_it)
{
	use("{labels: {s: [/srv/tool]}, flows: [{after: read s, deny: connect}]}");
	cr_assert_eq(path("/srv/tool", EC_OP_BIT(EC_OP_EXEC)).trips, 1);
	cr_assert_eq(path("/srv/tool", EC_OP_BIT(EC_OP_LOAD)).trips, 1);
}

Test(flows, a_state_that_trips_is_never_quiet)
{
	uint32_t state;

	use("{baseline: {read: [/srv/**]}, labels: {s: [/srv/key]}, "
	    "flows: [{after: read s, deny: connect}]}");
	state = match_run(&image, image.start, "/srv/key", 8);
	cr_assert_not(EC_STATE_QUIET_OPS(image.words[state + 1]) & R);
	state = match_run(&image, image.start, "/srv/kex", 8);
	cr_assert(EC_STATE_QUIET_OPS(image.words[state + 1]) & R);
}

Test(flows, an_endpoint_may_be_a_label)
{
	use("{labels: {web: [\"127.0.0.9:80\", /srv/x]}, flows: [{after: connect web, deny: "
	    "exec}]}");
	cr_assert_eq(inet(9, 80).trips, 1);
	cr_assert_eq(inet(9, 81).trips, 0);
	cr_assert_eq(path("/srv/x", R).trips, 0);
}

Test(flows, an_exception_is_of_its_own_flow)
{
	use("{labels: {a: [/a], b: [/b]}, flows: ["
	    "{after: read a, deny: [connect, write], except: [\"127.0.0.1:80\", \"/tmp/**\"]}, "
	    "{after: read b, deny: connect, except: [\"127.0.0.2:80\"]}]}");
	cr_assert_eq(inet(1, 80).excepts, 1);
	cr_assert_eq(inet(2, 80).excepts, 2);
	cr_assert_eq(path("/tmp/x", W).excepts, 1);
	cr_assert_eq(path("/tmp/x", R).excepts, 0);
	cr_assert_eq(policy_flow(policy, 0).ops, C | W);
	cr_assert_eq(policy_flow(policy, 1).ops, C);
	cr_assert_eq(policy_flow(policy, 2).ops, 0);
	cr_assert_str_eq(policy_rule(policy, policy_flow(policy, 0).rule)->pattern,
			 "after read a deny write connect");
}

static struct ec_flow_sum sum_of(const struct ec_flow *flows, uint32_t which)
{
	struct ec_flow_sum sum = { .which = which };

	for (uint32_t i = 0; i < EC_MAX_FLOWS; i++)
		ec_flow_add(&sum, &flows[i], i);
	return sum;
}

Test(flows, only_a_tripped_flow_without_an_exception_refuses)
{
	struct ec_flow flows[EC_MAX_FLOWS] = { { .rule = 7, .ops = C },
					       { .rule = 8, .ops = C | W } };

	cr_assert_eq(ec_flow_refuses(flows, 0, 0, C), 0);
	cr_assert_eq(ec_flow_refuses(flows, 1, 0, C), 7);
	cr_assert_eq(ec_flow_refuses(flows, 1, 1, C), 0);
	cr_assert_eq(ec_flow_refuses(flows, 3, 1, C), 8);
	cr_assert_eq(ec_flow_refuses(flows, 3, 0, W), 8);
	cr_assert_eq(ec_flow_refuses(flows, 3, 0, R), 0);
	cr_assert_eq(ec_flow_refuses(flows, 0x80000000u, 0, C), 0);
	cr_assert_eq(sum_of(flows, 3).ops, C | W);
	cr_assert_eq(sum_of(flows, 1).ops, C);
	cr_assert_eq(sum_of(flows, 0).ops, 0);
	cr_assert_eq(sum_of(flows, 3).rule, 0);
}

Test(flows, mistakes_have_a_place)
{
	refused("{flows: [{deny: connect}]}", 18, "needs `after`");
	refused("{flows: [{after: read x, deny: connect}]}", 26, "no label \"x\"");
	refused("{labels: {x: [/x]}, flows: [{after: look x, deny: connect}]}", 45,
		"not an operation");
	refused("{labels: {x: [/x]}, flows: [{after: read x}]}", 37, "needs `deny`");
	refused("{labels: {x: [/x]}, flows: [{after: read x, deny: talk}]}", 59, "not one of");
	refused("{labels: {x: [/x]}, flows: [{after: read x, deny: []}]}", 59, "no operation");
	refused("{labels: {x: [/x]}, flows: [{after: read x, deny: read, until: noon}]}", 72,
		"until");
	refused("{labels: {x: [x]}}", 23, "pattern \"x\"");
	refused("{labels: {a b: [/x]}}", 19, "one word");
	refused("{labels: {x: [/x]}, flows: [{after: read x, deny: read, except: "
		"[\"/${args.x}\"]}]}",
		74, "argument");
}

Test(flows, a_label_names_hosts_by_name)
{
	struct policy_env env = { .root_fd = open("/", O_PATH | O_DIRECTORY), .cwd_fd = -1 };
	static const char name[] =
		"\x03no.such.host.invalid\0\0P"; /* port 80, and the NUL is not counted */
	uint32_t state;

	cr_assert_eq(load("{labels: {x: [\"no.such.host.invalid:80\"]}, "
			  "flows: [{after: connect x, deny: write}]}"),
		     0);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0);
	state = match_run(&image, image.start, name, sizeof(name) - 1);
	cr_assert(match_at(&image, state, EC_OP_BIT(EC_OP_CONNECT), 0, 0).trips);
	close(env.root_fd);
}
