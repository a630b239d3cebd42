// SPDX-License-Identifier: Apache-2.0
/* cmd_run.c - enforcecore run: any command under a policy. */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "commands.h"
#include "user/session/session.h"
#include "user/util.h"

struct arguments {
	struct session_options session;
	char **argv;
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
	case ARGP_KEY_ARGS:
		a->argv = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (!a->session.policy_path)
			argp_error(state, "a policy is needed: -p FILE");
		if (!a->argv)
			argp_error(state, "a command is needed after --");
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
	"Runs COMMAND and everything it starts under a policy.\v"
	"Exits with the command's own status (128 + signal when one killed it); 125 "
	"when EnforceCore itself failed, 126 when the command could not be executed, "
	"127 when it was not found. What the command leaves running is killed.",
	NULL,
	NULL,
	NULL
};

static int signal_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True when the main process has ended; reaps orphans on the way. */
static bool reap(pid_t main_pid, int *ret_status)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == main_pid) {
			*ret_status = status;
			return true;
		}
	return false;
}

/* A second terminal signal comes from an impatient person. */
static int watch(struct session *session, pid_t pid, int signals)
{
	struct pollfd fds[] = { { .fd = session_fd(session), .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;
	int status = 0, told = 0;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 0;
		session_drain(session);
		while (read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGCHLD)
				continue;
			if (info.ssi_signo == SIGHUP) {
				session_reload(session);
				continue;
			}
			kill(pid, told++ ? SIGKILL : (int)info.ssi_signo);
		}
		if (reap(pid, &status))
			return status;
	}
}

static int exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int cmd_run(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	_cleanup_close_ int signals = -1;
	struct session *session;
	int status, r;
	pid_t pid;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
	if (session_open(&arguments.session, &session) < 0)
		return COMMANDS_FAILED;
	signals = signal_fd();
	r = session_spawn(session, arguments.argv, -1, -1, &pid);
	if (r < 0) {
		fprintf(stderr, "enforcecore: %s: %s\n", arguments.argv[0], strerror(-r));
		session_close(session, 0);
		return r == -ENOENT ? 127 : r == -EPROTO ? COMMANDS_FAILED : 126;
	}
	status = watch(session, pid, signals);
	if (session_close(session, status) < 0)
		return COMMANDS_FAILED;
	return exit_status(status);
}
