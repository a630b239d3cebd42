// SPDX-License-Identifier: Apache-2.0
#include "confined.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "user/http/address.h"
#include "user/metrics/metrics_serve.h"

enum {
	NOT_EXECUTABLE = 126,
	NOT_FOUND = 127
};

enum {
	KEY_OBSERVE = 256,
	KEY_TRAIL,
	KEY_RECORD,
	KEY_STRICT,
	KEY_NO_LSM,
	KEY_METRICS
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0, "the policy (YAML or JSON)", 0 },
	{ "observe", KEY_OBSERVE, NULL, 0, "refuse nothing, record what would be", 0 },
	{ "no-lsm", KEY_NO_LSM, NULL, 0,
	  "with --observe: from system calls, as where the kernel has no BPF LSM", 0 },
	{ "trail", KEY_TRAIL, "FILE", 0, "append the record of what happens to FILE", 0 },
	{ "record", KEY_RECORD, "WHAT", 0, "denials (default) or all effects", 0 },
	{ "metrics", KEY_METRICS, "ADDRESS:PORT", 0,
	  "serve what is counted on this host to Prometheus, such as at 127.0.0.1:9309", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "warnings about the policy are errors", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct confined *confined = state->input;
	struct session_options *session = &confined->session;

	switch (key) {
	case ARGP_KEY_INIT:
		session->evidence = &confined->evidence;
		state->child_inputs[0] = &confined->evidence;
		break;
	case 'p':
		session->policy_path = arg;
		break;
	case KEY_OBSERVE:
		session->observe = true;
		break;
	case KEY_NO_LSM:
		session->no_lsm = true;
		break;
	case KEY_TRAIL:
		session->trail_path = arg;
		break;
	case KEY_METRICS:
		confined->metrics = arg;
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
		if (session->no_lsm && !session->observe)
			argp_error(state, "--no-lsm goes with --observe: it refuses nothing");
		if (!confined->argv)
			argp_error(state, "a COMMAND is needed after --");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_child children[] = { { &evidence_argp, 0, NULL, 0 }, { 0 } };
const struct argp confined_argp = { .options = options, .parser = parse, .children = children };

void confined_close_to(struct confined *confined, const struct http_listener *listener)
{
	size_t len = 0;

	while (confined->closed[len])
		len++;
	for (size_t i = 0; listener->closed_list[i] && len < CONFINED_CLOSED_MAX; i++)
		confined->closed[len++] = listener->closed_list[i];
	confined->session.closed = confined->closed;
}

int confined_serve_metrics(struct confined *confined)
{
	static struct http_listener listener; /* its texts outlive us */
	const char *problem;
	pid_t pid;
	int r;

	if (!confined->metrics)
		return 0;
	r = http_listener_open(confined->metrics, &listener, &problem);
	if (r < 0) {
		fprintf(stderr, "enforcecore: --metrics %s: %s\n", confined->metrics, problem);
		return r;
	}
	confined_close_to(confined, &listener);
	fprintf(stderr, "enforcecore: metrics at %s/metrics\n", listener.url);
	r = metrics_spawn(&listener, &pid);
	close(listener.fd);
	if (r < 0)
		fprintf(stderr, "enforcecore: --metrics: %s\n", strerror(-r));
	return r;
}

int confined_not_started(const char *command, int err)
{
	fprintf(stderr, "enforcecore: %s: %s\n", command, strerror(-err));
	return err == -ENOENT ? NOT_FOUND : err == -EPROTO ? COMMANDS_FAILED : NOT_EXECUTABLE;
}

int confined_exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}
