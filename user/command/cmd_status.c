// SPDX-License-Identifier: Apache-2.0
/* cmd_status.c - enforcecore status: what is loaded, who is confined, whether it holds. */
#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "user/status/status.h"

enum {
	KEY_JSON = 256
};

static const struct argp_option options[] = {
	{ "json", KEY_JSON, NULL, 0, "for programs", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key == KEY_JSON) {
		*(bool *)state->input = true;
		return 0;
	}
	if (key == ARGP_KEY_ARG)
		argp_error(state, "status takes no arguments");
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "What is loaded, who is confined, and whether it holds. For root.\v"
	       "Exits with 0; 1 when something is wrong: an agent has no controller, what was "
	       "loaded is not what is there, a trail cannot be written; 125 when EnforceCore "
	       "itself "
	       "failed.",
};

static int cmd_status(int argc, char **argv)
{
	cJSON *status = NULL;
	bool json = false, well;
	char *text;
	int r;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &json);
	r = status_read(&status, &well);
	if (r < 0) {
		fprintf(stderr, "enforcecore: status: %s\n",
			r == -EPERM ? "it needs root" : strerror(-r));
		return COMMANDS_FAILED;
	}
	text = json ? cJSON_Print(status) : NULL;
	if (text)
		puts(text);
	else
		status_print(status, stdout);
	cJSON_free(text);
	cJSON_Delete(status);
	return well ? 0 : 1;
}

COMMAND(cmd_status, "status", "what is loaded, who is confined, and whether it holds");
