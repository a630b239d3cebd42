// SPDX-License-Identifier: Apache-2.0
/* The node agent's configuration: what it may say, and where a mistake is. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "user/daemon/config.h"

static struct daemon_config *config;
static struct policy_diag diag;

static void done(void)
{
	daemon_config_free(config);
	config = NULL;
}
TestSuite(daemon_config, .fini = done);

static int parse(const char *text)
{
	done();
	memset(&diag, 0, sizeof(diag));
	return daemon_config_parse("/etc/ec/daemon.yaml", text, strlen(text), &config, &diag);
}

static void good(const char *text)
{
	cr_assert_eq(parse(text), 0, "%s: %u:%u: %s", text, diag.line, diag.column, diag.text);
}

static void wrong(const char *text, unsigned int line, unsigned int column, const char *why)
{
	cr_assert_lt(parse(text), 0, "%s", text);
	cr_expect(strstr(diag.text, why), "%s: \"%s\"", text, diag.text);
	cr_expect_str_eq(diag.file, "/etc/ec/daemon.yaml");
	cr_expect(diag.line == line && diag.column == column, "%s: at %u:%u", text, diag.line,
		  diag.column);
}

#define AGENT(more) "agents:\n  - name: a\n    policy: p.yaml\n    select: { user: 0 }\n" more

Test(daemon_config, reads_an_agent)
{
	good("trail_dir: /var/log/ec\nhold: [/kube]\nwhen_down: run\nmax_agents: 7\n" AGENT(
		"    mode: observe\n    record: all\n    key: null\n    rotate_bytes: 65536\n    "
		"keep: "
		"3\n    home: /home/a\n"));
	cr_assert_eq(config->entries_len, 1);
	cr_expect_str_eq(config->entries[0].name, "a");
	cr_expect_str_eq(config->entries[0].policy, "/etc/ec/p.yaml");
	cr_expect_str_eq(config->entries[0].trail_dir, "/var/log/ec");
	cr_expect_null(config->entries[0].key);
	cr_expect(config->entries[0].observe && config->entries[0].record_all);
	cr_expect(config->entries[0].rotate_bytes == 65536 && config->entries[0].keep == 3);
	cr_expect(config->runs_when_down && config->agents_max == 7 && config->hold.len == 1);
	cr_expect_eq(config->entries[0].line, 2 + 4);
}

Test(daemon_config, signs_with_the_hosts_key_unless_told_otherwise)
{
	good(AGENT(""));
	cr_expect(config->entries[0].key && config->entries[0].key[0] == '/');
	cr_expect_null(config->entries[0].trail_dir);
	good("key: /k\n" AGENT(""));
	cr_expect_str_eq(config->entries[0].key, "/k");
	good("key: null\n" AGENT("    key: mine\n"));
	cr_expect_str_eq(config->entries[0].key, "/etc/ec/mine");
}

Test(daemon_config, says_where_a_mistake_is)
{
	wrong("agent: []\n", 1, 1, "did you mean \"agents\"?");
	wrong("{}\n", 1, 1, "no list of agents");
	wrong("[]\n", 1, 1, "must be a mapping");
	wrong(AGENT("    polcy: x\n"), 5, 5, "unknown key \"polcy\"");
	wrong(AGENT("    mode: enforce\n"), 5, 11, "one of policy, observe");
	wrong(AGENT("    keep: 2\n"), 5, 11, "keep needs rotate_bytes");
	wrong(AGENT("  - name: a\n    policy: q\n    select: { user: 1 }\n"), 5, 11, "line 2");
	wrong("agents:\n  - { policy: p, select: { user: 0 } }\n", 2, 5, "needs a name");
	wrong("agents:\n  - { name: a/b, policy: p, select: { user: 0 } }\n", 2, 13, "letters");
	wrong("agents:\n  - { name: a, select: { user: 0 } }\n", 2, 5, "needs a policy");
	wrong("agents:\n  - { name: a, policy: p }\n", 2, 5, "needs select");
	wrong("max_agents: 0\nagents: []\n", 1, 13, "from 1 to 256");
	wrong("hold: [\"/a/*\"]\nagents: []\n", 1, 8, "without wildcards");
}

Test(daemon_config, refuses_selectors_that_would_fit_nobody_or_all)
{
	wrong("agents: [{ name: a, policy: p, select: {} }]\n", 1, 40, "says nothing");
	wrong("agents: [{ name: a, policy: p, select: { cgroup: [] } }]\n", 1, 50, "empty list");
	wrong("agents: [{ name: a, policy: p, select: { cgroup: a } }]\n", 1, 50, "slash");
	wrong("agents: [{ name: a, policy: p, select: { cgroup: \"/[\" } }]\n", 1, 50, "cgroup");
	wrong("agents: [{ name: a, policy: p, select: { user: nobody-at-all } }]\n", 1, 48,
	      "no user");
	wrong("agents: [{ name: a, policy: p, select: { user: -1 } }]\n", 1, 48, "no number");
	wrong("agents: [{ name: a, policy: p, select: { users: 1 } }]\n", 1, 42, "\"user\"");
	wrong("agents: [{ name: a, policy: p, select: { pod: {} } }]\n", 1, 47, "says nothing");
	wrong("agents: [{ name: a, policy: p, select: { pod: { labels: { a: [] } } } }]\n", 1, 62,
	      "a label must be text");
	wrong("agents: [{ name: a, policy: p, select: { pod: { label: { a: b } } } }]\n", 1, 49,
	      "\"labels\"");
}

Test(daemon_config, knows_its_limits)
{
	char *text = malloc(DAEMON_CONFIG_MAX + 2);

	memset(text, '#', DAEMON_CONFIG_MAX + 1);
	text[DAEMON_CONFIG_MAX + 1] = '\0';
	cr_expect_eq(parse(text), -E2BIG);
	free(text);
}
