// SPDX-License-Identifier: Apache-2.0
/* runtime.c - our own layer: can it enforce, and does what is loaded hold? What it
 * tells of agents is what `status` found (user/status). */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "finding.h"
#include "layers.h"
#include "user/host/host_enforce.h"
#include "user/plain.h"

static void examine_possible(const struct host *host, struct cJSON *layer)
{
	const char *obstacle = host_obstacle(host);

	if (obstacle)
		finding(layer, FINDING_MISSING, "enforcement",
			"see what is missing above; what only observes needs less: "
			"`enforcecore info`",
			"impossible: %s", obstacle);
	else
		finding(layer, FINDING_OK, "enforcement", NULL, "possible");
}

static void examine_bpffs(const struct host *host, struct cJSON *layer)
{
	if (host_mounted(host, "bpf", "/sys/fs/bpf"))
		finding(layer, FINDING_OK, "bpffs", NULL, "/sys/fs/bpf");
	else
		finding(layer, FINDING_WEAK, "bpffs", "mount -t bpf bpf /sys/fs/bpf",
			"not mounted: the first agent will mount it");
}

/* How many agents there are of which this is true, and the first one's policy. */
static int agents_with(const cJSON *agents, bool (*is)(const cJSON *agent), const char **ret_first)
{
	const cJSON *agent;
	int n = 0;

	*ret_first = "";
	cJSON_ArrayForEach (agent, agents) {
		if (!is(agent))
			continue;
		if (!n++)
			*ret_first = plain_text(agent, "policy");
	}
	return n;
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool is_alone(const cJSON *agent)
{
	return !cJSON_IsTrue(member(member(agent, "controller"), "alive"));
}

/* Of those whose controller is alive: without one nobody looks. */
static bool is_unwatched(const cJSON *agent)
{
	const char *state = plain_text(member(agent, "canary"), "state");

	return !is_alone(agent) && strcmp(state, "ok") && strcmp(state, "not yet");
}

static bool has_lost(const cJSON *agent)
{
	const cJSON *lost = member(agent, "lost");

	return plain_number(lost, "denials") + plain_number(lost, "effects") > 0;
}

static bool has_failing_trail(const cJSON *agent)
{
	return *plain_text(member(agent, "trail"), "error") != '\0';
}

static bool has_no_trail(const cJSON *agent)
{
	return !*plain_text(member(agent, "trail"), "path");
}

static bool only_observes(const cJSON *agent)
{
	return !strcmp(plain_text(agent, "mode"), "observe");
}

struct check {
	const char *name;
	bool (*is_wrong)(const cJSON *agent);
	const char *well, *wrong, *todo;
};

static const struct check checks[] = {
	{ "controllers", is_alone, "all alive", "have none: they stay confined, and no call opens",
	  "enforcecore adopt --all" },
	{ "canary", is_unwatched, "ok",
	  "are not held as they were: what was loaded is not what is there",
	  "enforcecore status tells what; end these agents and find out who did it" },
	{ "drops", has_lost, "none", "lost records (the refusals stand; gaps are in the trail)",
	  "record less (--record denials), or give the controller more of a processor" },
	{ "trail", has_failing_trail, "none fails", "cannot write it",
	  "make room on its file system; enforcecore status tells the error" },
	{ "record", has_no_trail, "each has a trail", "have no trail", "--trail FILE" },
	{ "mode", only_observes, "all enforce", "only observe: nothing is refused",
	  "mode: enforce in the policy, and no --observe" },
};

static void examine_agents(const cJSON *agents, struct cJSON *layer)
{
	finding(layer, FINDING_OK, "agents", NULL, "%d confined", cJSON_GetArraySize(agents));
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		const struct check *check = &checks[i];
		const char *first;
		int n = agents_with(agents, check->is_wrong, &first);

		if (n)
			finding(layer, FINDING_WEAK, check->name, check->todo,
				"%d of %d agents %s; the first is of policy %.128s", n,
				cJSON_GetArraySize(agents), check->wrong, first);
		else
			finding(layer, FINDING_OK, check->name, NULL, "%s", check->well);
	}
}

static void examine_loaded(const cJSON *status, struct cJSON *layer)
{
	double ours = plain_number(status, "program_version");
	double theirs = plain_number(status, "sensor_version");
	const cJSON *pins = member(status, "pins"), *agents = member(status, "agents");

	if (!cJSON_IsArray(agents)) {
		finding(layer, FINDING_WEAK, "sensor",
			"let its agents end, or ask the program that they were started with",
			"version %.0f is loaded, this program is of version %.0f", theirs, ours);
		return;
	}
	if (!strcmp(plain_text(status, "sensor"), "syscalls"))
		finding(layer, FINDING_WEAK, "sensor", "a host that can enforce",
			"version %.0f is loaded, which only observes", theirs);
	else
		finding(layer, FINDING_OK, "sensor", NULL, "version %.0f is loaded", theirs);
	if (cJSON_IsNumber(member(pins, "programs")))
		finding(layer, FINDING_OK, "pins", NULL, "%.0f programs and %.0f maps in %s",
			plain_number(pins, "programs"), plain_number(pins, "maps"),
			plain_text(pins, "path"));
	else
		finding(layer, FINDING_WEAK, "pins", "end all agents, and start them again",
			"they cannot be read: what is loaded ends with its controllers");
	examine_agents(agents, layer);
}

void runtime_examine(const struct host *host, const struct cJSON *status, struct cJSON *layer)
{
	examine_possible(host, layer);
	examine_bpffs(host, layer);
	if (!status)
		finding(layer, FINDING_UNKNOWN, "sensor", "run doctor as root, on the host itself",
			"what is loaded cannot be asked");
	else if (!cJSON_IsTrue(member(status, "loaded")))
		finding(layer, FINDING_OK, "sensor", NULL,
			"not loaded: nobody is confined (the first agent loads it)");
	else
		examine_loaded(status, layer);
}
