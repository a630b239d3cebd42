// SPDX-License-Identifier: Apache-2.0
/* cmd_adopt.c - enforcecore adopt: another controller for agents whose own is dead. */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/agent.h"
#include "commands.h"
#include "user/keep/keep.h"
#include "user/sensor/agent.h"
#include "user/sensor/picks.h"
#include "user/sensor/sensor.h"
#include "user/session/session.h"

enum {
	KEY_ALL = 256,
	KEY_END,
	KEY_TRAIL
};

struct arguments {
	struct session_adoption adoption;
	uint64_t agents[EC_MAX_AGENTS];
	size_t agents_len;
	bool all, end;
};

static const struct argp_option options[] = {
	{ "all", KEY_ALL, NULL, 0, "every agent that has no controller", 0 },
	{ "policy", 'p', "FILE", 0,
	  "put this policy in force (default: the file it was started with)", 0 },
	{ "trail", KEY_TRAIL, "FILE", 0, "go on in this trail (default: the one it had)", 0 },
	{ "end", KEY_END, NULL, 0,
	  "kill its processes instead of keeping it; with --all also who waits for a node agent "
	  "that is dead, and nobody else becomes an agent's or waits",
	  0 },
	{ 0 },
};

static int add(struct arguments *a, uint64_t agent)
{
	for (size_t i = 0; i < a->agents_len; i++)
		if (a->agents[i] == agent)
			return 0;
	if (a->agents_len == EC_MAX_AGENTS)
		return -E2BIG;
	a->agents[a->agents_len++] = agent;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	unsigned long long agent;
	char *end;

	switch (key) {
	case KEY_ALL:
		a->all = true;
		return 0;
	case KEY_END:
		a->end = true;
		return 0;
	case KEY_TRAIL:
		a->adoption.trail_path = arg;
		return 0;
	case 'p':
		a->adoption.policy_path = arg;
		return 0;
	case ARGP_KEY_ARG:
		errno = 0;
		agent = strtoull(arg, &end, 10);
		if (errno || *end || arg[0] < '0' || arg[0] > '9' || !agent || add(a, agent))
			argp_error(state, "an agent is a number, as `enforcecore status` lists");
		return 0;
	case ARGP_KEY_END:
		if (a->all == (a->agents_len > 0))
			argp_error(state, "which agents? AGENT..., or --all");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "AGENT...|--all",
	.doc = "Takes over agents whose controller is dead: their rules stay in force all the "
	       "while, their trail goes on, calls can be declared again. Keeps them until they "
	       "end; "
	       "SIGHUP reads their policy files again, SIGTERM lets go of them, and they stay "
	       "confined. For root outside every agent.\v"
	       "Exits with 0; 1 when an agent is not there or its controller lives; 125 when "
	       "EnforceCore itself failed.",
};

static int find_all(struct arguments *a)
{
	struct sensor *sensor;
	uint32_t abi;
	int r = sensor_find(&sensor, &abi);

	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		fprintf(stderr, "enforcecore: the loaded sensor (version %u): %s\n", abi,
			strerror(-r));
		return r;
	}
	for (unsigned int slot = 0; r == 0 && slot < EC_MAX_AGENTS; slot++)
		if (sensor->agents[slot].uid && !agent_is_kept(&sensor->agents[slot]))
			r = add(a, sensor->agents[slot].uid);
	sensor_release(sensor);
	return r;
}

/* What is to end may lack what an adoption takes: its policy, its trail. */
static int end_unadopted(uint64_t agent)
{
	int r = session_end(agent);

	if (r == -ENOENT || r == -EBUSY)
		return r; /* the adoption has said so */
	if (r < 0)
		fprintf(stderr, "enforcecore: agent %llu: %s\n", (unsigned long long)agent,
			r == -ETIME ? "a process of it does not die, and stays confined" :
				      strerror(-r));
	else
		fprintf(stderr, "enforcecore: agent %llu is ended; its trail does not say so\n",
			(unsigned long long)agent);
	return r;
}

static int adopt_one(struct arguments *a, uint64_t agent, struct session **ret_session)
{
	int r;

	*ret_session = NULL;
	a->adoption.agent = agent;
	r = session_adopt(&a->adoption, ret_session);
	if (r == 0)
		printf("agent %llu is adopted\n", (unsigned long long)agent);
	else if (a->end && r != -EPROTO)
		r = end_unadopted(agent);
	/* with the one before it the sensor may have gone */
	return a->all && a->end && r == -ENOENT ? 0 : r;
}

/* What cannot be adopted is named, and does not keep the others from it. */
static size_t adopt(struct arguments *a, struct session **sessions, int *ret_status)
{
	size_t len = 0;

	for (size_t i = 0; i < a->agents_len; i++) {
		int r = adopt_one(a, a->agents[i], &sessions[len]);

		len += sessions[len] != NULL;
		if (r < 0 && *ret_status != COMMANDS_FAILED)
			*ret_status = r == -ENOENT || r == -EBUSY ? 1 : COMMANDS_FAILED;
	}
	fflush(stdout);
	return len;
}

/* Their places and programs are nobody's any more, unless a node agent lives, which knows
 * better. */
static int end_picks(const struct arguments *a)
{
	struct sensor *sensor;
	uint32_t abi;
	int r = 0;

	if (sensor_find(&sensor, &abi) < 0)
		return 0;
	if (picks_are_there(sensor) && !picks_daemon(sensor)) {
		for (size_t i = 0; r == 0 && !a->all && i < a->agents_len; i++)
			r = picks_drop(sensor, a->agents[i]);
		if (a->all)
			r = picks_drop(sensor, 0);
	}
	if (r < 0)
		fprintf(stderr, "enforcecore: what a node agent has left: %s\n", strerror(-r));
	sensor_close(sensor);
	return r;
}

static int cmd_adopt(int argc, char **argv)
{
	struct session *sessions[EC_MAX_AGENTS];
	struct arguments a = { 0 };
	int status = 0;
	size_t len;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (geteuid()) {
		fprintf(stderr, "enforcecore: adopting needs root\n");
		return COMMANDS_FAILED;
	}
	if (a.all && find_all(&a) < 0)
		return COMMANDS_FAILED;
	len = adopt(&a, sessions, &status);
	for (size_t i = 0; a.end && i < len; i++)
		session_close(sessions[i], 0);
	if (a.end && end_picks(&a) < 0)
		status = COMMANDS_FAILED;
	if (!a.end && len && keep_agents(sessions, len) < 0)
		status = COMMANDS_FAILED;
	return status;
}

COMMAND(cmd_adopt, "adopt", "take over agents whose controller is dead");
