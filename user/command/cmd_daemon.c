// SPDX-License-Identifier: Apache-2.0
/* cmd_daemon.c - enforcecore daemon: the node agent. */
#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "user/daemon/config.h"
#include "user/daemon/daemon.h"
#include "user/daemon/standing.h"

#define CONFIG "/etc/enforcecore/daemon.yaml"

enum {
	KEY_CHECK = 256,
	KEY_WAIT,
	KEY_ALIVE
};

struct arguments {
	struct daemon_options options;
	bool check, alive;
};

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "its configuration (default: " CONFIG ")", 0 },
	{ "wait", KEY_WAIT, NULL, 0,
	  "while another one runs, wait until it ends and take its agents over", 0 },
	{ "alive", KEY_ALIVE, NULL, 0,
	  "only say, by the exit status, whether one is at work on this host", 0 },
	{ "check", KEY_CHECK, NULL, 0, "only read it, and say what is wrong", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->options.config = arg;
		return 0;
	case KEY_CHECK:
		a->check = true;
		return 0;
	case KEY_ALIVE:
		a->alive = true;
		return 0;
	case KEY_WAIT:
		a->options.wait = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "daemon takes no arguments");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Keeps the agents of this host: its configuration says which processes are an "
	       "agent (by cgroup, unit, container, pod, executable, user), and under which "
	       "policy. Those that run are adopted with all their threads, those that come are "
	       "confined before their first instruction. SIGHUP, or a change of the files, "
	       "reads them again: all of it is in force then, or nothing. SIGTERM lets go of "
	       "the agents, which stay confined until the next daemon adopts them.\v"
	       "Exits with 0; 1 when the configuration is wrong (file:line:column and why), or "
	       "with "
	       "--alive none is at work; 125 "
	       "when EnforceCore itself failed.",
};

static int check(const char *path, bool tell)
{
	struct daemon_config *config;
	struct policy_diag diag = { 0 };

	if (daemon_config_load(path, &config, &diag) < 0) {
		fprintf(stderr, "enforcecore: ");
		policy_diag_print(&diag, stderr);
		return 1;
	}
	if (tell)
		printf("%s: valid: %zu agents\n", path, config->entries_len);
	daemon_config_free(config);
	return 0;
}

static int cmd_daemon(int argc, char **argv)
{
	struct arguments a = { .options.config = CONFIG };
	int status;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (a.alive)
		return standing_alive() ? 0 : 1;
	status = check(a.options.config, a.check);
	if (a.check || status)
		return status;
	if (geteuid()) {
		fprintf(stderr, "enforcecore: the daemon needs root\n");
		return COMMANDS_FAILED;
	}
	return daemon_run(&a.options) < 0 ? COMMANDS_FAILED : 0;
}

COMMAND(cmd_daemon, "daemon", "keep the agents of this host, by a configuration");
