// SPDX-License-Identifier: Apache-2.0
#include "relay.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/mcp/mcp.h"
#include "relay_impl.h"
#include "user/util.h"

#define GRACE_MS 3000
/* No wait is longer: timers do not count the time the machine sleeps, and
 * deadlines do. */
#define TICK_MAX_NS 5000000000ull

void relay_fail(struct relay *relay, int err)
{
	if (err && !relay->err)
		relay->err = err;
}

/* ---- events ---- */

static void schedule_tick(struct relay *relay)
{
	uint64_t now_ns = mcp_now_ns(), next_ns, wait_ns;

	relay_fail(relay, mcp_tick(relay->mcp, now_ns, &next_ns));
	if (!next_ns) {
		evtimer_del(relay->due);
		return;
	}
	wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
	if (wait_ns > TICK_MAX_NS)
		wait_ns = TICK_MAX_NS;
	wait_ns += 1000; /* rounding must not make it a moment early */
	const struct timeval wait = { .tv_sec = (time_t)(wait_ns / 1000000000),
				      .tv_usec = (long)(wait_ns % 1000000000 / 1000) };

	if (evtimer_add(relay->due, &wait))
		relay_fail(relay, -ENOMEM);
}

static void update_wants(struct relay *relay)
{
	size_t client_backlog = mcp_client_backlog(relay->mcp);
	size_t server_backlog = evbuffer_get_length(mcp_to_server(relay->mcp));
	bool serving = relay->stage < STAGE_FLUSHES;

	relay_end_want(relay, CLIENT_IN,
		       serving && server_backlog < RELAY_BACKLOG_MAX &&
			       client_backlog < RELAY_ANSWERS_MAX);
	relay_end_want(relay, SERVER_OUT, serving && client_backlog < RELAY_BACKLOG_MAX);
	relay_end_want(relay, SERVER_IN, server_backlog > 0);
	relay_end_want(relay, CLIENT_OUT, evbuffer_get_length(mcp_to_client(relay->mcp)) > 0);
}

/* What nobody can read any more is not kept. */
static void drain_if_closed(struct relay *relay, enum relay_side side, struct evbuffer *out)
{
	if (!relay_end_is_open(relay, side))
		evbuffer_drain(out, evbuffer_get_length(out));
}

void relay_update(struct relay *relay)
{
	schedule_tick(relay);
	if (relay->stage == STAGE_FLUSHES)
		relay_stop_flush(relay);
	drain_if_closed(relay, CLIENT_OUT, mcp_to_client(relay->mcp));
	drain_if_closed(relay, SERVER_IN, mcp_to_server(relay->mcp));
	if (relay->stage >= STAGE_LEAVES && !relay_end_is_open(relay, CLIENT_IN) &&
	    !mcp_is_waiting(relay->mcp) && !evbuffer_get_length(mcp_to_server(relay->mcp)))
		relay_end_close(relay, SERVER_IN);
	update_wants(relay);
	if (relay->err || relay->stage == STAGE_OVER)
		event_base_loopbreak(relay->base);
}

/* We are a child subreaper: orphans of the server come to us as well. */
static void on_child(struct relay *relay)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != relay->pid)
			continue;
		relay->wait_status = status;
		relay_stop_exited(relay);
	}
}

static void on_reload(struct relay *relay)
{
	if (!relay->ops->reload(relay->session))
		relay_fail(relay, mcp_policy_replaced(relay->mcp));
}

static void on_signal(evutil_socket_t signal, short what, void *ctx)
{
	struct relay *relay = ctx;

	(void)what;
	if (signal == SIGCHLD)
		on_child(relay);
	else if (signal == SIGHUP && relay->ops->reload)
		on_reload(relay);
	else
		relay_stop_now(relay);
	relay_update(relay);
}

static void on_due(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	relay_update(ctx);
}

/* Within anything: the loop comes to it next. */
static void wake(void *ctx)
{
	struct relay *relay = ctx;

	event_active(relay->due, 0, 0);
}

static void on_grace(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	relay_stop_grace(ctx);
	relay_update(ctx);
}

static void on_pulse(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	relay_stop_pulse(ctx);
	relay_update(ctx);
}

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct relay *relay = ctx;

	(void)fd;
	(void)what;
	relay->ops->drain(relay->session);
}

/* ---- life ---- */

/* poll(2) rather than epoll: our standard input may be a regular file. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && !event_config_require_features(config, EV_FEATURE_FDS))
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* SIGHUP stays ignored under nohup. */
static int add_signals(struct relay *relay)
{
	static const int signals[RELAY_SIGNALS] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };

	for (int i = 0; i < RELAY_SIGNALS; i++) {
		if (signals[i] != SIGCHLD && is_ignored(signals[i]))
			continue;
		relay->signals[i] = evsignal_new(relay->base, signals[i], on_signal, relay);
		if (!relay->signals[i] || event_add(relay->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

static int add_timers(struct relay *relay)
{
	int ring = relay->ops->fd(relay->session);

	relay->due = evtimer_new(relay->base, on_due, relay);
	relay->grace = evtimer_new(relay->base, on_grace, relay);
	relay->pulse = event_new(relay->base, -1, EV_PERSIST, on_pulse, relay);
	if (!relay->due || !relay->grace || !relay->pulse ||
	    event_add(relay->pulse, &(struct timeval) { .tv_sec = 1 }))
		return -ENOMEM;
	if (ring < 0)
		return 0;
	relay->ring = event_new(relay->base, ring, EV_READ | EV_PERSIST, on_ring, relay);
	return !relay->ring || event_add(relay->ring, NULL) ? -ENOMEM : 0;
}

static int init(struct relay *relay, const struct relay_options *options)
{
	int err;

	relay->ops = options->ops;
	relay->session = options->session;
	relay->grace_ms = options->grace_ms ? options->grace_ms : GRACE_MS;
	relay->stage = STAGE_RUNS;
	for (int side = 0; side < RELAY_SIDES; side++)
		relay->ends[side].fd = -1;
	relay->base = new_base();
	relay->in = evbuffer_new();
	if (!relay->base || !relay->in)
		return -ENOMEM;
	err = mcp_new(relay->ops, relay->session, options->pending_max, &relay->mcp);
	if (!err)
		err = add_signals(relay);
	if (!err)
		err = add_timers(relay);
	if (!err)
		mcp_on_wake(relay->mcp, wake, relay);
	return err || !options->attach ? err : options->attach(options->ctx, relay->base);
}

/* The client's ends last, in reverse: they may be one open file. */
static void done(struct relay *relay)
{
	struct event *events[] = { relay->due, relay->grace, relay->pulse, relay->ring };

	for (int side = RELAY_SIDES - 1; side >= 0; side--)
		relay_end_close(relay, (enum relay_side)side);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	for (int i = 0; i < RELAY_SIGNALS; i++)
		if (relay->signals[i])
			event_free(relay->signals[i]);
	mcp_free(relay->mcp);
	if (relay->in)
		evbuffer_free(relay->in);
	if (relay->base)
		event_base_free(relay->base);
}

static int start(struct relay *relay, const struct relay_options *options, char *const argv[],
		 bool *ret_spawn_failed)
{
	_cleanup_close_ int child_in = -1, server_in = -1, child_out = -1, server_out = -1;
	int to[2], from[2], err;

	if (pipe2(to, O_CLOEXEC))
		return -errno;
	child_in = to[0];
	server_in = to[1];
	if (pipe2(from, O_CLOEXEC))
		return -errno;
	server_out = from[0];
	child_out = from[1];
	err = relay->ops->spawn(relay->session, argv, child_in, child_out, &relay->pid);
	*ret_spawn_failed = err != 0;
	if (err)
		return err;
	err = relay_end_open(relay, SERVER_IN, TAKE_FD(server_in), true);
	if (!err)
		err = relay_end_open(relay, SERVER_OUT, TAKE_FD(server_out), true);
	if (!err)
		err = relay_end_open(relay, CLIENT_IN, options->client_in, false);
	if (!err)
		err = relay_end_open(relay, CLIENT_OUT, options->client_out, false);
	return err;
}

static int run(struct relay *relay, int *ret_wait_status)
{
	void (*sigpipe)(int) = signal(SIGPIPE, SIG_IGN);

	relay_update(relay);
	if (!relay->err && event_base_dispatch(relay->base) < 0)
		relay_fail(relay, -EIO);
	signal(SIGPIPE, sigpipe);
	*ret_wait_status = relay->wait_status;
	return relay->err;
}

int relay_run(const struct relay_options *options, char *const argv[], int *ret_wait_status,
	      bool *ret_spawn_failed)
{
	struct relay relay = { 0 };
	int err = init(&relay, options);

	*ret_spawn_failed = false;
	if (!err)
		err = start(&relay, options, argv, ret_spawn_failed);
	if (!err)
		err = run(&relay, ret_wait_status);
	if (options->detach)
		options->detach(options->ctx);
	done(&relay);
	return err;
}
