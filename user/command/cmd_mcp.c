// SPDX-License-Identifier: Apache-2.0
/* cmd_mcp.c - enforcecore mcp: a stdio MCP server behind the gateway. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "user/gateway/gateway.h"
#include "user/mcp/id_table.h"
#include "user/session/session.h"

enum {
	NOT_EXECUTABLE = 126,
	NOT_FOUND = 127
};

struct arguments {
	struct session_options session;
	struct gateway_options gateway;
	char **argv;
};

enum {
	KEY_OBSERVE = 256,
	KEY_TRAIL,
	KEY_RECORD,
	KEY_STRICT,
	KEY_MAX_PENDING
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0, "the policy (YAML or JSON)", 0 },
	{ "observe", KEY_OBSERVE, NULL, 0, "refuse nothing, record what would be", 0 },
	{ "trail", KEY_TRAIL, "FILE", 0, "append the record of what happens to FILE", 0 },
	{ "record", KEY_RECORD, "WHAT", 0, "denials (default) or all effects", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "warnings about the policy are errors", 0 },
	{ "max-pending", KEY_MAX_PENDING, "N", 0, "calls open at once, 1 to 64 (default 64)", 0 },
	{ 0 },
};

static size_t parse_pending(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long pending = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || !pending || pending > ID_TABLE_MAX)
		argp_error(state, "--max-pending takes a number from 1 to %d", ID_TABLE_MAX);
	return pending;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'p':
		a->session.policy_path = arg;
		break;
	case KEY_OBSERVE:
		a->session.observe = true;
		break;
	case KEY_TRAIL:
		a->session.trail_path = arg;
		break;
	case KEY_STRICT:
		a->session.strict = true;
		break;
	case KEY_RECORD:
		if (strcmp(arg, "all") && strcmp(arg, "denials"))
			argp_error(state, "--record takes all or denials");
		a->session.record_all = !strcmp(arg, "all");
		break;
	case KEY_MAX_PENDING:
		a->gateway.pending_max = parse_pending(arg, state);
		break;
	case ARGP_KEY_ARGS:
		a->argv = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (!a->session.policy_path)
			argp_error(state, "a policy is needed: -p FILE");
		if (!a->argv)
			argp_error(state, "a server is needed after --");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	options,
	parse,
	"-- COMMAND [ARGUMENT...]",
	"Starts COMMAND, a stdio MCP server, under a policy and speaks for it on standard input"
	" and output: each tools/call is declared to the kernel while it lasts.\v"
	"Exits with the server's own status (128 + signal when one killed it); 125 when"
	" EnforceCore itself failed, 126 when the server could not be executed, 127 when it was"
	" not found.",
	NULL,
	NULL,
	NULL
};

/* A pipe of ours must not end up as one of the three. */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int not_started(const char *command, int err)
{
	fprintf(stderr, "enforcecore: %s: %s\n", command, strerror(-err));
	return err == -ENOENT ? NOT_FOUND : err == -EPROTO ? COMMANDS_FAILED : NOT_EXECUTABLE;
}

static int exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int cmd_mcp(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct session *session;
	int wait_status = 0, err, close_err;
	bool spawn_failed;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
	fill_standard_descriptors();
	if (session_open(&arguments.session, &session) < 0)
		return COMMANDS_FAILED;
	err = gateway_run(session, &arguments.gateway, arguments.argv, &wait_status, &spawn_failed);
	close_err = session_close(session, wait_status);
	if (err && spawn_failed)
		return not_started(arguments.argv[0], err);
	if (err)
		fprintf(stderr, "enforcecore: the gateway failed: %s\n", strerror(-err));
	return err || close_err < 0 ? COMMANDS_FAILED : exit_status(wait_status);
}
