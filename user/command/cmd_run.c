// SPDX-License-Identifier: Apache-2.0
/* cmd_run.c - enforcecore run: any command under a policy. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "commands.h"
#include "confined.h"
#include "user/util.h"

static const struct argp_child children[] = { { &confined_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.args_doc = "-- COMMAND [ARGUMENT...]",
	.doc = "Runs COMMAND and everything it starts under a policy.\v"
	       "Exits with the command's own status (128 + signal when one killed it); 125 "
	       "when EnforceCore itself failed, 126 when the command could not be executed, "
	       "127 when it was not found. What the command leaves running is killed.",
	.children = children,
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

int cmd_run(int argc, char **argv)
{
	struct confined confined = { 0 };
	_cleanup_close_ int signals = -1;
	struct session *session;
	int status, r;
	pid_t pid;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &confined);
	if (session_open(&confined.session, &session) < 0)
		return COMMANDS_FAILED;
	signals = signal_fd();
	r = session_spawn(session, confined.argv, -1, -1, &pid);
	if (r < 0) {
		session_close(session, 0);
		return confined_not_started(confined.argv[0], r);
	}
	status = watch(session, pid, signals);
	if (session_close(session, status) < 0)
		return COMMANDS_FAILED;
	return confined_exit_status(status);
}
