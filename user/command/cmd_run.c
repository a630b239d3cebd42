// SPDX-License-Identifier: Apache-2.0
/* cmd_run.c - enforcecore run: any command under a policy. */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "commands.h"
#include "confined.h"
#include "user/control/room.h"
#include "user/session/session.h"

#define SIGNALS 5

static const struct argp_child children[] = { { &confined_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.args_doc = "-- COMMAND [ARGUMENT...]",
	.doc = "Runs COMMAND and everything it starts under a policy.\v"
	       "Exits with the command's own status (128 + signal when one killed it); 125 "
	       "when EnforceCore itself failed, 126 when the command could not be executed, "
	       "127 when it was not found. What the command leaves running is killed.",
	.children = children,
};

/* The command and whatever else this process waits for. */
struct watch {
	struct session *session;
	struct event_base *base;
	struct control_room room;
	struct event *signals[SIGNALS];
	struct event *ring;
	pid_t pid;
	int status;
	int told; /* signals that were passed on */
};

/* The main process has ended: so has the loop. Reaps orphans on the way. */
static void reap(struct watch *watch)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != watch->pid)
			continue;
		watch->status = status;
		event_base_loopbreak(watch->base);
	}
}

/* A second terminal signal comes from an impatient person. */
static void on_signal(evutil_socket_t signal, short what, void *ctx)
{
	struct watch *watch = ctx;

	(void)what;
	if (signal == SIGCHLD)
		reap(watch);
	else if (signal == SIGHUP)
		session_reload(watch->session);
	else
		kill(watch->pid, watch->told++ ? SIGKILL : (int)signal);
}

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;

	(void)fd;
	(void)what;
	session_drain(watch->session);
}

static int add_signals(struct watch *watch)
{
	static const int signals[SIGNALS] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT };

	for (int i = 0; i < SIGNALS; i++) {
		watch->signals[i] = evsignal_new(watch->base, signals[i], on_signal, watch);
		if (!watch->signals[i] || event_add(watch->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

static int open_watch(struct watch *watch)
{
	int r;

	watch->base = event_base_new();
	if (!watch->base)
		return -ENOMEM;
	watch->ring = event_new(watch->base, session_fd(watch->session), EV_READ | EV_PERSIST,
				on_ring, watch);
	if (!watch->ring || event_add(watch->ring, NULL))
		return -ENOMEM;
	r = add_signals(watch);
	return r < 0 ? r : control_room_open(&watch->room, watch->base);
}

static void close_watch(struct watch *watch)
{
	control_room_close(&watch->room);
	for (int i = 0; i < SIGNALS; i++)
		if (watch->signals[i])
			event_free(watch->signals[i]);
	if (watch->ring)
		event_free(watch->ring);
	if (watch->base)
		event_base_free(watch->base);
}

static int run(struct session *session, char *const argv[])
{
	struct watch watch = { .session = session,
			       .room = { .session = session, .by_default = true } };
	int r = open_watch(&watch), closed;

	if (r == 0) {
		r = session_spawn(session, argv, -1, -1, &watch.pid);
		if (r < 0)
			r = confined_not_started(argv[0], r);
		else if (event_base_dispatch(watch.base) < 0)
			r = COMMANDS_FAILED;
		else
			r = confined_exit_status(watch.status);
	} else {
		fprintf(stderr, "enforcecore: %s\n", strerror(-r));
		r = COMMANDS_FAILED;
	}
	close_watch(&watch);
	closed = session_close(session, watch.status);
	return closed < 0 && watch.pid ? COMMANDS_FAILED : r;
}

static int cmd_run(int argc, char **argv)
{
	struct confined confined = { .session.kind = "run" };
	struct session *session;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &confined);
	if (confined_serve_metrics(&confined) < 0 || session_open(&confined.session, &session) < 0)
		return COMMANDS_FAILED;
	return run(session, confined.argv);
}

COMMAND(cmd_run, "run", "a command under a policy");
