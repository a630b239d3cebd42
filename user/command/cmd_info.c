// SPDX-License-Identifier: Apache-2.0
/* cmd_info.c - enforcecore info: what this program and this host are. */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "bpf/agent.h"
#include "commands.h"
#include "user/sensor/sensor.h"

enum {
	KEY_CAN_ENFORCE = 256
};

static const struct argp_option options[] = {
	{ "can-enforce", KEY_CAN_ENFORCE, NULL, 0,
	  "only tell whether this host can enforce: exit 0, or 1 and why not", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key == KEY_CAN_ENFORCE) {
		*(bool *)state->input = true;
		return 0;
	}
	if (key == ARGP_KEY_ARG)
		argp_error(state, "info takes no arguments");
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = { options, parse, NULL, "What this program and this host are.",
				  NULL,	   NULL,  NULL };

static const char *observing(const char *obstacle)
{
	const char *why = sensor_watch_obstacle();

	if (!obstacle)
		return "possible, before effects happen";
	return why ? why : "possible, from system calls: run, mcp and learn with --observe";
}

static int cmd_info(int argc, char **argv)
{
	const char *obstacle = sensor_obstacle();
	bool only_enforce = false;
	struct utsname host;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &only_enforce);
	if (only_enforce) {
		if (obstacle)
			printf("%s\n", obstacle);
		return obstacle != NULL;
	}
	printf("sensor version  %u\n", EC_ABI);
	if (!uname(&host))
		printf("kernel          %s %s\n", host.release, host.machine);
	printf("enforcement     %s\n", obstacle ? obstacle : "possible");
	printf("observing       %s\n", observing(obstacle));
	printf("limits          %u agents, %u open calls each, %u MiB of rules\n", EC_MAX_AGENTS,
	       EC_MAX_CALLS, EC_ARENA_WORDS / (1u << 17));
	return 0;
}

COMMAND(cmd_info, "info", "this program and this host");
