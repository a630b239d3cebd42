// SPDX-License-Identifier: Apache-2.0
/* What a call would be granted, told to people. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy.h"

static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };
static struct policy *policy;
static struct automaton image;
static char told[2000];

static void init(void)
{
	env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env.cwd_fd = open("/srv", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void fini(void)
{
	policy_free(policy);
	automaton_done(&image);
	close(env.root_fd);
	close(env.cwd_fd);
}

TestSuite(call_grants, .init = init, .fini = fini);

/* op, pattern and section, a line each */

static int tell(void *ctx, const struct policy_grant *grant)
{
	size_t len = strlen(told);

	(void)ctx;
	snprintf(told + len, sizeof(told) - len, "%u:%s:%s\n", grant->op, grant->pattern,
		 grant->rule ? policy_rule(policy, grant->rule)->section : "none");
	return strstr(grant->pattern, "stop") ? -EINTR : 0;
}

static int grants(const char *tool_entry, const char *args)
{
	struct policy_diag diag = { 0 };
	cJSON *json = cJSON_Parse(args);
	char text[1000];
	int r;

	told[0] = '\0';
	policy_free(policy);
	automaton_done(&image);
	policy = NULL;
	snprintf(text, sizeof(text), "name: p\nkernel: { tools: { t: { %s } } }\n", tool_entry);
	cr_assert_eq(policy_load_buffer("p.yaml", text, strlen(text), NULL, &policy, &diag), 0,
		     "%s", diag.text);
	cr_assert_eq(policy_compile(policy, &env, 1u << 17, NULL, &image, &diag), 0, "%s",
		     diag.text);
	r = policy_call_grants(policy, &env, &image, "t", json, tell, NULL, &diag);
	cJSON_Delete(json);
	return r;
}

static void has(const char *line)
{
	cr_assert(strstr(told, line), "\"%s\" lacks \"%s\"", told, line);
}

Test(call_grants, arguments_are_filled_in_and_mean_only_themselves)
{
	cr_assert_eq(grants("read: [\"${args.path}\"], connect: [\"${args.host}:443\"]",
			    "{\"path\": [\"/none/a*\", \"b\"], \"host\": \"10.0.0.1\"}"),
		     0);
	has("1:/none/a\\*:tools.t.read\n");
	has("1:/srv/b:tools.t.read\n");
	has("4:10.0.0.1:443:tools.t.connect\n");
}

Test(call_grants, what_takes_no_argument_is_told_as_written)
{
	cr_assert_eq(grants("exec: [/none/sh], connect: [\"unix:/none/s\", \"unix:@${args.n}\"]",
			    "{\"n\": \"x\"}"),
		     0);
	has("3:/none/sh:tools.t.exec\n");
	has("4:unix:/none/s:tools.t.connect\n");
	has("4:unix:@x:tools.t.connect\n");
}

Test(call_grants, the_ceiling_comes_too)
{
	cr_assert_eq(grants("read: [\"${args.path}\"], within: [/none/**]", "{}"), 0);
	cr_assert_str_eq(told, "0:/none/**:tools.t.within\n");
	cr_assert_eq(grants("within: []", "{}"), 0);
	cr_assert_str_eq(told, "0::none\n");
}

Test(call_grants, a_refused_call_is_refused_here_too)
{
	cr_assert_eq(grants("read: [\"${args.path}\"], within: [/none/**]", "{\"path\": \"/x\"}"),
		     -EACCES);
}

Test(call_grants, the_listener_can_end_it)
{
	cr_assert_eq(grants("exec: [/none/stop, /none/more]", "{}"), -EINTR);
	cr_assert_null(strstr(told, "more"));
}
