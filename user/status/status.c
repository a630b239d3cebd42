// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/verdict.h"
#include "user/daemon/daemon_status.h"
#include "user/sensor/agent.h"
#include "user/sensor/decode.h"
#include "user/sensor/picks.h"
#include "user/sensor/pins.h"
#include "user/sensor/sensor.h"
#include "user/session/state.h"

/* A controller looks twice a second; one that has not for so long hangs. */
#define SILENT_NS 3000000000ull

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void add_number(cJSON *to, const char *name, uint64_t number)
{
	cJSON_AddNumberToObject(to, name, (double)number);
}

/* From `then` to `now`; what lies ahead of now is 0. */
static void add_ms(cJSON *to, const char *name, uint64_t now, uint64_t then)
{
	add_number(to, name, now > then ? (now - then) / 1000000 : 0);
}

static void add_call(cJSON *list, const struct ec_call *shared, uint64_t now)
{
	cJSON *one = cJSON_CreateObject();
	struct ec_call call = *shared;

	if (!one || !cJSON_AddItemToArray(list, one))
		return;
	call.tool[sizeof(call.tool) - 1] = call.client_id[sizeof(call.client_id) - 1] = '\0';
	add_number(one, "call", call.id);
	cJSON_AddStringToObject(one, "tool", call.tool);
	cJSON_AddStringToObject(one, "id", call.client_id);
	add_ms(one, "age_ms", now, call.begin_ns);
	add_ms(one, "left_ms", call.deadline_ns, now);
	cJSON_AddBoolToObject(one, "exact", call.task != 0);
}

static void add_calls(cJSON *to, const struct sensor *sensor, unsigned int slot, uint64_t now)
{
	const struct ec_agent *agent = &sensor->agents[slot];
	cJSON *list = cJSON_AddArrayToObject(to, "calls");

	for (unsigned int bit = 0; list && bit < EC_MAX_CALLS; bit++) {
		const struct ec_call *call = &sensor->calls[slot * EC_MAX_CALLS + bit];

		/* past its deadline it grants nothing, whoever may still have to end it */
		if (agent->open_calls >> bit & 1 && call->deadline_ns > now)
			add_call(list, call, now);
	}
}

static bool add_canary(cJSON *to, const struct ec_keeper *keeper, bool kept, uint64_t now)
{
	cJSON *canary = cJSON_AddObjectToObject(to, "canary");
	char fails[EC_KEEPER_TEXT];
	const char *state = !kept				? "nobody looks" :
			    keeper->fails_ns			? "fails" :
			    !keeper->looked_ns			? "not yet" :
			    now > keeper->looked_ns + SILENT_NS ? "silent" :
								  "ok";

	if (!canary)
		return false;
	cJSON_AddStringToObject(canary, "state", state);
	if (keeper->looked_ns)
		add_ms(canary, "looked_ms_ago", now, keeper->looked_ns);
	if (keeper->fails_ns) {
		memcpy(fails, keeper->fails, sizeof(fails));
		fails[sizeof(fails) - 1] = '\0';
		cJSON_AddStringToObject(canary, "what", fails);
		add_ms(canary, "since_ms", now, keeper->fails_ns);
	}
	return !strcmp(state, "ok") || !strcmp(state, "not yet");
}

static bool add_trail(cJSON *to, const struct session_state *state, const struct ec_keeper *keeper)
{
	cJSON *trail = cJSON_AddObjectToObject(to, "trail");

	if (!trail)
		return false;
	if (state->trail[0])
		cJSON_AddStringToObject(trail, "path", state->trail);
	else
		cJSON_AddNullToObject(trail, "path");
	if (keeper->trail_error)
		cJSON_AddStringToObject(trail, "error", strerror((int)keeper->trail_error));
	else
		cJSON_AddNullToObject(trail, "error");
	return !keeper->trail_error;
}

static void add_counts(cJSON *to, const struct ec_agent *agent)
{
	cJSON *lost;

	add_number(to, "denied", agent->count[EC_COUNT_DENIED]);
	add_number(to, "doubts", agent->count[EC_COUNT_DOUBTS]);
	add_number(to, "forks_refused", agent->count[EC_COUNT_FORKS_REFUSED]);
	lost = cJSON_AddObjectToObject(to, "lost");
	if (!lost)
		return;
	add_number(lost, "denials", agent->count[EC_COUNT_LOST_DENIALS]);
	add_number(lost, "effects", agent->count[EC_COUNT_LOST_EFFECTS]);
}

static void add_effects(cJSON *to, const struct ec_agent *agent)
{
	cJSON *effects = cJSON_AddObjectToObject(to, "effects"), *one, *high;

	for (uint8_t op = EC_OP_READ; effects && op <= EC_OP_PRIV; op++) {
		one = cJSON_AddObjectToObject(effects, decode_op(op));
		for (uint8_t v = EC_VERDICT_ALLOW; one && v <= EC_VERDICT_WOULD_DENY; v++)
			add_number(one, decode_verdict(v), agent->effects[op][v]);
	}
	high = cJSON_AddObjectToObject(to, "ring_high_water");
	if (high) {
		add_number(high, "denials", agent->ring_high[0]);
		add_number(high, "effects", agent->ring_high[1]);
	}
}

static bool add_controller(cJSON *to, const struct ec_agent *agent)
{
	cJSON *controller = cJSON_AddObjectToObject(to, "controller");
	bool kept = agent_is_kept(agent);

	if (!controller)
		return false;
	if (agent->owner_pid)
		add_number(controller, "pid", agent->owner_pid);
	else
		cJSON_AddNullToObject(controller, "pid");
	cJSON_AddBoolToObject(controller, "alive", kept);
	return kept;
}

/* True: nothing is wrong with it. */
static bool add_agent(cJSON *list, const struct sensor *sensor, unsigned int slot, uint64_t now)
{
	const struct ec_agent *agent = &sensor->agents[slot];
	const struct ec_generation *generation = &agent->generation[agent->current & 1];
	struct session_state state = { 0 };
	cJSON *one = cJSON_CreateObject();
	bool kept, well;

	if (!one || !cJSON_AddItemToArray(list, one))
		return false;
	if (state_read(slot, agent->uid, &state) < 0)
		memset(&state, 0, sizeof(state));
	add_number(one, "agent", agent->uid);
	add_number(one, "slot", slot);
	cJSON_AddStringToObject(one, "kind", state.kind);
	cJSON_AddStringToObject(one, "policy", state.name);
	cJSON_AddStringToObject(one, "policy_path", state.policy);
	if (state.entry[0])
		cJSON_AddStringToObject(one, "entry", state.entry);
	if (state.cgroup[0])
		cJSON_AddStringToObject(one, "cgroup", state.cgroup);
	cJSON_AddStringToObject(one, "mode",
				generation->flags & EC_GENERATION_OBSERVE ? "observe" : "enforce");
	add_number(one, "generation", generation->id);
	add_number(one, "tasks", agent->tasks);
	cJSON_AddBoolToObject(one, "quarantined", agent->flags & EC_AGENT_QUARANTINE);
	cJSON_AddBoolToObject(one, "budget_spent", agent->flags & EC_AGENT_SPENT);
	add_number(one, "flows_tripped", (uint64_t)__builtin_popcount(generation->tripped));
	add_calls(one, sensor, slot, now);
	add_counts(one, agent);
	add_effects(one, agent);
	kept = well = add_controller(one, agent);
	well &= add_canary(one, &agent->keeper, kept, now);
	return add_trail(one, &state, &agent->keeper) && well;
}

static void add_pins(cJSON *to)
{
	cJSON *object = cJSON_AddObjectToObject(to, "pins");
	struct pins pins = { 0 };

	if (!object)
		return;
	cJSON_AddStringToObject(object, "path", SENSOR_PINS);
	if (pins_read(&pins) < 0) {
		cJSON_AddNullToObject(object, "programs");
		cJSON_AddNullToObject(object, "maps");
		return;
	}
	add_number(object, "programs", pins.links);
	add_number(object, "maps", pins.len - pins.links - pins.answers);
	pins_done(&pins);
}

/* The node agent, if there is one, or should be: what it has left. */
static bool add_daemon(cJSON *status, const struct sensor *sensor)
{
	bool lives = picks_daemon(sensor) != 0;
	cJSON *daemon = lives || picks_are_there(sensor) ? daemon_status_read() : NULL;
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(daemon, "error");
	bool well = !cJSON_IsString(error) || !*error->valuestring;

	if (daemon && (!cJSON_AddBoolToObject(daemon, "alive", lives) ||
		       !cJSON_AddItemToObject(status, "daemon", daemon))) {
		cJSON_Delete(daemon);
		return false;
	}
	return well && (lives || !picks_are_there(sensor));
}

static bool add_all(cJSON *status, const struct sensor *sensor)
{
	cJSON *list = cJSON_AddArrayToObject(status, "agents");
	uint64_t now = now_ns();
	bool well = list != NULL;

	add_pins(status);
	add_number(status, "held", sensor->agents[EC_HOLD_SLOT].tasks);
	well &= add_daemon(status, sensor);
	for (unsigned int slot = 0; list && slot < EC_MAX_AGENTS; slot++)
		if (sensor->agents[slot].uid)
			well &= add_agent(list, sensor, slot, now);
	return well;
}

int status_read(struct cJSON **ret_status, bool *ret_well)
{
	cJSON *status = cJSON_CreateObject();
	struct sensor *sensor = NULL;
	uint32_t abi = 0;
	int r = geteuid() ? -EPERM : status ? sensor_find(&sensor, &abi) : -ENOMEM;

	if (r < 0 && r != -ENOENT && r != -EPROTO) {
		cJSON_Delete(status);
		return r;
	}
	cJSON_AddBoolToObject(status, "loaded", r != -ENOENT);
	add_number(status, "program_version", EC_ABI);
	if (r != -ENOENT)
		add_number(status, "sensor_version", abi);
	if (sensor)
		cJSON_AddStringToObject(status, "sensor", sensor->watches ? "syscalls" : "lsm");
	/* agents of another version are confined, and unreadable to us */
	*ret_well = r == -EPROTO ? false : r == 0 ? add_all(status, sensor) : true;
	sensor_release(sensor);
	*ret_status = status;
	return 0;
}
