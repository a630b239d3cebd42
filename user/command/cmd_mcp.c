// SPDX-License-Identifier: Apache-2.0
/* cmd_mcp.c - enforcecore mcp: a stdio MCP server behind the gateway. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "confined.h"
#include "number.h"
#include "user/gateway/gateway.h"
#include "user/mcp/id_table.h"

struct arguments {
	struct confined confined;
	struct gateway_options gateway;
};

enum {
	KEY_MAX_PENDING = 512
};

static const struct argp_option options[] = {
	{ "max-pending", KEY_MAX_PENDING, "N", 0, "calls open at once, 1 to 64 (default 64)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->confined;
		return 0;
	case KEY_MAX_PENDING:
		a->gateway.pending_max = number_parse("--max-pending", arg, ID_TABLE_MAX, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &confined_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "-- COMMAND [ARGUMENT...]",
	.doc = "Starts COMMAND, a stdio MCP server, under a policy and speaks for it on standard "
	       "input and output: each tools/call is declared to the kernel while it lasts.\v"
	       "Exits with the server's own status (128 + signal when one killed it); 125 when "
	       "EnforceCore itself failed, 126 when the server could not be executed, 127 when it "
	       "was not found.",
	.children = children,
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

int cmd_mcp(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct session *session;
	int wait_status = 0, err, close_err;
	bool spawn_failed;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
	fill_standard_descriptors();
	if (session_open(&arguments.confined.session, &session) < 0)
		return COMMANDS_FAILED;
	err = gateway_run(session, &arguments.gateway, arguments.confined.argv, &wait_status,
			  &spawn_failed);
	close_err = session_close(session, wait_status);
	if (err && spawn_failed)
		return confined_not_started(arguments.confined.argv[0], err);
	if (err)
		fprintf(stderr, "enforcecore: the gateway failed: %s\n", strerror(-err));
	return err || close_err < 0 ? COMMANDS_FAILED : confined_exit_status(wait_status);
}
