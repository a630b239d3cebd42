// SPDX-License-Identifier: Apache-2.0
/* Who fits a selector, and what of the cgroup is its place. */
#include <criterion/criterion.h>
#include <string.h>

#include <unistd.h>

#include "user/container/container_info.h"
#include "user/daemon/config.h"

static struct daemon_config *config;
static struct facts facts;

static void done(void)
{
	daemon_config_free(config);
	config = NULL;
}
TestSuite(selector, .fini = done);

static void given(const char *select)
{
	char text[1024];
	struct policy_diag diag = { 0 };

	done();
	memset(&facts, 0, sizeof(facts));
	snprintf(text, sizeof(text), "agents: [{ name: a, policy: p, select: %s }]\n", select);
	cr_assert_eq(daemon_config_parse("c", text, strlen(text), &config, &diag), 0, "%s: %s",
		     select, diag.text);
}

static bool fits_at(const char *cgroup, const char *place)
{
	size_t len = 0;

	strcpy(facts.cgroup, cgroup);
	return daemon_config_match(config, &facts, &len) && len == strlen(place) &&
	       !strncmp(cgroup, place, len);
}

static bool fits(void)
{
	size_t len;

	return daemon_config_match(config, &facts, &len) != NULL;
}

Test(selector, takes_the_topmost_cgroup_that_fits)
{
	given("{ cgroup: \"/agents/*\" }");
	cr_expect(fits_at("/agents/a", "/agents/a"));
	cr_expect(fits_at("/agents/a/b/c", "/agents/a"));
	cr_expect_not(fits_at("/agents", "/agents"));
	cr_expect_not(fits_at("/other/agents/a", "/other/agents/a"));
	cr_expect_not(fits_at("/", "/"));
	cr_expect_not(fits_at("", ""));
	given("{ cgroup: [\"/x\", \"/y/**\"] }");
	cr_expect(fits_at("/x/z", "/x"));
	cr_expect(fits_at("/y/z", "/y"));
}

Test(selector, knows_units)
{
	given("{ unit: [\"agent-*.service\", one.scope] }");
	cr_expect(fits_at("/system.slice/agent-1.service", "/system.slice/agent-1.service"));
	cr_expect(fits_at("/system.slice/agent-1.service/sub", "/system.slice/agent-1.service"));
	cr_expect(fits_at("/user.slice/user@1.service/app.slice/one.scope",
			  "/user.slice/user@1.service/app.slice/one.scope"));
	cr_expect_not(fits_at("/system.slice/other.service", ""));
	/* a cgroup that a service makes below its own is no unit of that name */
	cr_expect_not(fits_at("/system.slice/agent-1.service/x.service",
			      "/system.slice/agent-1.service"));
	cr_expect_not(fits_at("/agent-1", ""));
}

Test(selector, wants_all_of_it)
{
	given("{ user: [0, 7], executable: [\"/usr/bin/*\", /opt/agent] }");
	facts.uid = 7;
	strcpy(facts.program, "/usr/bin/node");
	cr_expect(fits());
	facts.uid = 8;
	cr_expect_not(fits());
	facts.uid = 0;
	strcpy(facts.program, "/opt/agent");
	cr_expect(fits());
	strcpy(facts.program, "/opt/agent2");
	cr_expect_not(fits());
	facts.program[0] = '\0';
	cr_expect_not(fits(), "what is not known fits nothing");
}

Test(selector, knows_pods)
{
	static struct container_label at[] = { { "app", "coder" }, { "tier", "x" } };
	static const struct container_labels labels = { at, 2 }, none = { 0 };

	given("{ pod: { namespace: [agents, \"team-*\"], labels: { app: coder } } }");
	facts.pod_labels = &labels;
	facts.namespace = "team-7";
	facts.container_len = strlen("/kube/pod/c");
	cr_expect(fits_at("/kube/pod/c/inner", "/kube/pod/c"));
	facts.namespace = "kube-system";
	cr_expect_not(fits());
	facts.namespace = NULL;
	cr_expect_not(fits(), "what is not known fits nothing");
	facts.namespace = "agents";
	facts.pod_labels = &none;
	cr_expect_not(fits());
	facts.pod_labels = NULL;
	cr_expect_not(fits());
	facts.pod_labels = &labels;
	facts.container_len = 0;
	cr_expect_not(fits(), "in no container");
}

Test(selector, knows_containers)
{
	static struct container_label at[] = { { "role", "agent-1" } };
	static const struct container_labels labels = { at, 1 };

	given("{ container: { image: \"docker.io/library/*\", name: c, labels: { role: \"agent-*\" "
	      "} "
	      "} }");
	facts.container_len = 2;
	strcpy(facts.cgroup, "/c");
	facts.container = "c";
	facts.image = "docker.io/library/node:20";
	facts.labels = &labels;
	cr_expect(fits());
	facts.image = "quay.io/x";
	cr_expect_not(fits());
}

Test(selector, tells_what_the_kernel_can_hold)
{
	char dir[64];

	cr_expect(selector_is_below("/agents/*", dir, sizeof(dir)));
	cr_expect_str_eq(dir, "/agents");
	cr_expect(selector_is_below("/*", dir, sizeof(dir)));
	cr_expect_str_eq(dir, "/");
	cr_expect_not(selector_is_below("/agents/a*", dir, sizeof(dir)));
	cr_expect_not(selector_is_below("/a*/*", dir, sizeof(dir)));
	cr_expect_not(selector_is_below("/agents", dir, sizeof(dir)));
}

Test(facts, read_the_cgroup)
{
	char cgroup[PATH_MAX];

	cr_expect(facts_cgroup("0::/a/b\n", cgroup));
	cr_expect_str_eq(cgroup, "/a/b");
	cr_expect(facts_cgroup("4:cpu:/x\n0::/\n", cgroup));
	cr_expect_str_eq(cgroup, "/");
	cr_expect_not(facts_cgroup("4:cpu:/x\n", cgroup));
	cr_expect_not(facts_cgroup("0::/../other\n", cgroup));
	cr_expect_not(facts_cgroup("0::/gone (deleted)\n", cgroup));
	cr_expect_str_eq(cgroup, "");
}

Test(facts, read_a_process)
{
	struct facts own;

	cr_assert_eq(facts_read(getpid(), &own), 0);
	cr_expect_eq(own.uid, getuid());
	cr_expect_eq(own.program[0], '/');
	cr_expect_not(own.is_foreign);
	cr_expect_lt(facts_read(0x7ffffff0, &own), 0);
}
