// SPDX-License-Identifier: Apache-2.0
#include "confined.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "commands.h"

enum {
	NOT_EXECUTABLE = 126,
	NOT_FOUND = 127
};

enum {
	KEY_OBSERVE = 256,
	KEY_TRAIL,
	KEY_RECORD,
	KEY_STRICT
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0, "the policy (YAML or JSON)", 0 },
	{ "observe", KEY_OBSERVE, NULL, 0, "refuse nothing, record what would be", 0 },
	{ "trail", KEY_TRAIL, "FILE", 0, "append the record of what happens to FILE", 0 },
	{ "record", KEY_RECORD, "WHAT", 0, "denials (default) or all effects", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "warnings about the policy are errors", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct confined *confined = state->input;
	struct session_options *session = &confined->session;

	switch (key) {
	case 'p':
		session->policy_path = arg;
		break;
	case KEY_OBSERVE:
		session->observe = true;
		break;
	case KEY_TRAIL:
		session->trail_path = arg;
		break;
	case KEY_STRICT:
		session->strict = true;
		break;
	case KEY_RECORD:
		if (strcmp(arg, "all") && strcmp(arg, "denials"))
			argp_error(state, "--record takes all or denials");
		session->record_all = !strcmp(arg, "all");
		break;
	case ARGP_KEY_ARGS:
		confined->argv = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (!session->policy_path)
			argp_error(state, "a policy is needed: -p FILE");
		if (!confined->argv)
			argp_error(state, "a COMMAND is needed after --");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp confined_argp = { .options = options, .parser = parse };

int confined_not_started(const char *command, int err)
{
	fprintf(stderr, "enforcecore: %s: %s\n", command, strerror(-err));
	return err == -ENOENT ? NOT_FOUND : err == -EPROTO ? COMMANDS_FAILED : NOT_EXECUTABLE;
}

int confined_exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}
