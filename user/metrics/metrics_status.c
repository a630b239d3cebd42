// SPDX-License-Identifier: Apache-2.0
/* metrics_status.c - gauges of what is there now: at most EC_MAX_AGENTS agents. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "bpf/agent.h"
#include "exposition.h"
#include "metrics.h"
#include "user/plain.h"
#include "user/sensor/agent.h"

static const cJSON *get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static uint64_t tasks_of(const cJSON *agent)
{
	return (uint64_t)plain_number(agent, "tasks");
}

static uint64_t calls_of(const cJSON *agent)
{
	return (uint64_t)cJSON_GetArraySize(get(agent, "calls"));
}

static uint64_t is_kept(const cJSON *agent)
{
	return cJSON_IsTrue(get(get(agent, "controller"), "alive"));
}

static uint64_t is_well(const cJSON *agent)
{
	const char *state = plain_text(get(agent, "canary"), "state");

	return !strcmp(state, "ok") || !strcmp(state, "not yet");
}

static const struct {
	const char *name, *help;
	uint64_t (*value)(const cJSON *agent);
} gauges[] = {
	{ "enforcecore_agent_tasks", "Living tasks of the agent.", tasks_of },
	{ "enforcecore_agent_open_calls", "Calls of the agent that are open.", calls_of },
	{ "enforcecore_agent_controller_up", "1: its controller lives; 0: no call opens.",
	  is_kept },
	{ "enforcecore_agent_canary_ok", "1: what was loaded is there and refuses.", is_well },
};

/* Who is who. The number is never used again. */
static void agent_text(const cJSON *agent, char text[24])
{
	snprintf(text, 24, "%" PRIu64, (uint64_t)plain_number(agent, "agent"));
}

static void print_gauge(const struct exposition *e, const cJSON *agents, size_t i)
{
	const cJSON *agent;
	char text[24];

	exposition_family(e, gauges[i].name, EXPOSITION_GAUGE, gauges[i].help);
	cJSON_ArrayForEach (agent, agents) {
		agent_text(agent, text);
		exposition_count(e, gauges[i].name,
				 (const struct exposition_label[]) {
					 { "agent", text },
					 { "policy", plain_text(agent, "policy") },
					 { "kind", plain_text(agent, "kind") },
					 { "mode", plain_text(agent, "mode") },
					 { 0 } },
				 gauges[i].value(agent));
	}
}

static void print_rings(const struct exposition *e, const cJSON *agents)
{
	static const char *const rings[] = { "denials", "effects" };
	const cJSON *agent;
	char text[24];

	exposition_family(e, "enforcecore_ring_high_water_bytes", EXPOSITION_GAUGE,
			  "The most that ever waited in a ring of the agent.");
	cJSON_ArrayForEach (agent, agents) {
		agent_text(agent, text);
		for (int i = 0; i < 2; i++)
			exposition_count(
				e, "enforcecore_ring_high_water_bytes",
				(const struct exposition_label[]) {
					{ "agent", text },
					{ "policy", plain_text(agent, "policy") },
					{ "ring", rings[i] },
					{ 0 } },
				(uint64_t)plain_number(get(agent, "ring_high_water"), rings[i]));
	}
	exposition_family(e, "enforcecore_ring_size_bytes", EXPOSITION_GAUGE,
			  "How much each of them holds.");
	exposition_count(e, "enforcecore_ring_size_bytes", NULL, AGENT_RING_LEN);
}

void metrics_print_status(const struct exposition *e, const struct cJSON *status)
{
	const cJSON *agents = get(status, "agents");

	exposition_family(e, "enforcecore_sensor_loaded", EXPOSITION_GAUGE,
			  "1: the programs are in the kernel.");
	exposition_count(e, "enforcecore_sensor_loaded", NULL, cJSON_IsTrue(get(status, "loaded")));
	exposition_family(e, "enforcecore_agents", EXPOSITION_GAUGE, "Agents that are confined.");
	exposition_count(e, "enforcecore_agents", NULL, (uint64_t)cJSON_GetArraySize(agents));
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		print_gauge(e, agents, i);
	print_rings(e, agents);
}
