// SPDX-License-Identifier: Apache-2.0
/* cmd_mcp.c - enforcecore mcp: an MCP server behind the gateway. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "confined.h"
#include "number.h"
#include "user/gateway/gateway.h"
#include "user/http/address.h"
#include "user/mcp/id_table.h"

struct arguments {
	struct confined confined;
	struct gateway_options gateway;
	const char *listen;   /* NULL: the server speaks on its standard input and output */
	const char *upstream; /* both or none */
	struct http_listener listener;
	struct http_upstream server;
};

enum {
	KEY_MAX_PENDING = 512,
	KEY_LISTEN,
	KEY_UPSTREAM,
};

static const struct argp_option options[] = {
	{ "max-pending", KEY_MAX_PENDING, "N", 0, "calls open at once, 1 to 64 (default 64)", 0 },
	{ "listen", KEY_LISTEN, "ADDRESS:PORT", 0,
	  "the server speaks streamable HTTP: serve its clients here, such as 127.0.0.1:8080; "
	  "port 0: any free one, which is told",
	  0 },
	{ "upstream", KEY_UPSTREAM, "URL", 0,
	  "and find the server there, such as http://127.0.0.1:3000/mcp", 0 },
	{ 0 },
};

/* Before anything is started. */
static void check(struct arguments *a, struct argp_state *state)
{
	const char *why;

	if (!a->listen && !a->upstream)
		return;
	if (!a->listen || !a->upstream)
		argp_error(state, "--listen and --upstream go together");
	why = http_upstream_parse(a->upstream, &a->server);
	if (why)
		argp_error(state, "--upstream %s: %s", a->upstream, why);
}

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
	case KEY_LISTEN:
		a->listen = arg;
		return 0;
	case KEY_UPSTREAM:
		a->upstream = arg;
		return 0;
	case ARGP_KEY_END:
		check(a, state);
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
	.doc = "Starts COMMAND, an MCP server, under a policy and speaks for it on standard "
	       "input and output, or over HTTP: each tools/call is declared to the kernel while "
	       "it lasts.\v"
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

/* The server must not declare calls at our own door. */
static int open_listener(struct arguments *a)
{
	const char *problem;
	int err = http_listener_open(a->listen, &a->listener, &problem);

	if (err)
		fprintf(stderr, "enforcecore: --listen %s: %s\n", a->listen, problem);
	else
		confined_close_to(&a->confined, &a->listener);
	return err;
}

static int cmd_mcp(int argc, char **argv)
{
	struct arguments arguments = { .listener.fd = -1, .confined.session.kind = "mcp" };
	struct session *session;
	int wait_status = 0, err, close_err;
	bool spawn_failed;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
	fill_standard_descriptors();
	if (arguments.listen && open_listener(&arguments))
		return COMMANDS_FAILED;
	if (confined_serve_metrics(&arguments.confined) < 0 ||
	    session_open(&arguments.confined.session, &session) < 0)
		return COMMANDS_FAILED;
	err = arguments.listen ? gateway_serve(session, &arguments.gateway, &arguments.listener,
					       &arguments.server, arguments.confined.argv,
					       &wait_status, &spawn_failed) :
				 gateway_run(session, &arguments.gateway, arguments.confined.argv,
					     &wait_status, &spawn_failed);
	close_err = session_close(session, wait_status);
	if (err && spawn_failed)
		return confined_not_started(arguments.confined.argv[0], err);
	if (err)
		fprintf(stderr, "enforcecore: the gateway failed: %s\n", strerror(-err));
	return err || close_err < 0 ? COMMANDS_FAILED : confined_exit_status(wait_status);
}

COMMAND(cmd_mcp, "mcp", "a stdio MCP server behind the gateway");
