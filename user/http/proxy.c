// SPDX-License-Identifier: Apache-2.0
/* proxy.c - the loop: clients, the server's life, the session's records. */
#include "proxy.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "proxy_impl.h"
#include "user/mcp/mcp.h"
#include "user/mcp/warn.h"
#include "user/process.h"

#define GRACE_MS 3000
#define PULSE_MS 250
#define HEADERS_BYTES_MAX (64 << 10)

void proxy_fail(struct proxy *proxy, int err)
{
	if (!err)
		return;
	if (!proxy->err)
		proxy->err = err;
	event_base_loopbreak(proxy->base);
}

/* ---- stages ---- */

static void enter(struct proxy *proxy, enum proxy_stage stage)
{
	unsigned int ms = proxy->options->grace_ms ? proxy->options->grace_ms : GRACE_MS;
	const struct timeval grace = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	proxy->stage = stage;
	if (evtimer_add(proxy->grace, &grace))
		proxy_fail(proxy, -ENOMEM);
}

static void stop(struct proxy *proxy)
{
	bool again = proxy->stage >= PROXY_TERMINATED; /* somebody is impatient */

	if (proxy->stage == PROXY_FLUSHES) {
		event_base_loopbreak(proxy->base);
		return;
	}
	connections_stop(&proxy->connections);
	kill(proxy->pid, again ? SIGKILL : SIGTERM);
	enter(proxy, again ? PROXY_KILLED : PROXY_TERMINATED);
}

static void on_grace(evutil_socket_t fd, short what, void *ctx)
{
	struct proxy *proxy = ctx;

	(void)fd;
	(void)what;
	if (proxy->stage == PROXY_TERMINATED) {
		kill(proxy->pid, SIGKILL);
		enter(proxy, PROXY_KILLED);
	} else if (proxy->stage == PROXY_FLUSHES) {
		event_base_loopbreak(proxy->base);
	} else { /* not even SIGKILL helped */
		proxy_fail(proxy, -ETIMEDOUT);
	}
}

/* Clients get what there is for them. */
static void exited(struct proxy *proxy)
{
	bool expected = proxy->stage != PROXY_RUNS;
	struct exchange *exchange = TAILQ_FIRST(&proxy->exchanges);
	size_t open = 0;

	connections_stop(&proxy->connections);
	process_how_ended(proxy->wait_status, proxy->how, sizeof(proxy->how));
	enter(proxy, PROXY_FLUSHES);
	for (; exchange; exchange = TAILQ_NEXT(exchange, link)) {
		open += mcp_pending(exchange->mcp);
		exchange_abandon(exchange, proxy->how);
	}
	if (open)
		warn_say("the tool server %s with %zu call%s open", proxy->how, open,
			 open == 1 ? "" : "s");
	else if (!expected)
		warn_say("the tool server %s", proxy->how);
}

/* We are a child subreaper: orphans of the server come to us as well. */
static void on_child(struct proxy *proxy)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != proxy->pid)
			continue;
		proxy->wait_status = status;
		exited(proxy);
	}
}

static void on_reload(struct proxy *proxy)
{
	struct exchange *exchange = TAILQ_FIRST(&proxy->exchanges);

	if (proxy->options->ops->reload(proxy->options->session))
		return;
	for (; exchange; exchange = TAILQ_NEXT(exchange, link)) {
		if (exchange->is_over || exchange->reply.body != BODY_EVENTS)
			continue;
		proxy_fail(proxy, mcp_policy_replaced(exchange->mcp));
		exchange_update(exchange);
	}
}

static void on_signal(evutil_socket_t signal, short what, void *ctx)
{
	struct proxy *proxy = ctx;

	(void)what;
	if (signal == SIGCHLD)
		on_child(proxy);
	else if (signal == SIGHUP && proxy->options->ops->reload)
		on_reload(proxy);
	else
		stop(proxy);
}

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct proxy *proxy = ctx;

	(void)fd;
	(void)what;
	proxy->options->ops->drain(proxy->options->session);
}

static void on_reap(evutil_socket_t fd, short what, void *ctx)
{
	struct exchanges *all = &((struct proxy *)ctx)->exchanges;
	struct exchange *exchange = TAILQ_FIRST(all), *next;

	(void)fd;
	(void)what;
	for (; exchange; exchange = next) {
		next = TAILQ_NEXT(exchange, link);
		if (exchange->is_over)
			exchange_free(exchange);
	}
}

static void on_pulse(evutil_socket_t fd, short what, void *ctx)
{
	struct proxy *proxy = ctx;

	(void)fd;
	(void)what;
	connections_pulse(&proxy->connections);
	if (proxy->stage == PROXY_FLUSHES && !connections_unsent(&proxy->connections))
		event_base_loopbreak(proxy->base);
}

/* ---- life ---- */

static bool is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* SIGHUP stays ignored under nohup. */
static int add_signals(struct proxy *proxy)
{
	static const int signals[PROXY_SIGNALS] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };

	for (int i = 0; i < PROXY_SIGNALS; i++) {
		if (signals[i] != SIGCHLD && is_ignored(signals[i]))
			continue;
		proxy->signals[i] = evsignal_new(proxy->base, signals[i], on_signal, proxy);
		if (!proxy->signals[i] || event_add(proxy->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

static int add_events(struct proxy *proxy)
{
	const struct timeval pulse = { .tv_usec = PULSE_MS * 1000 };
	int ring = proxy->options->ops->fd(proxy->options->session);

	proxy->grace = evtimer_new(proxy->base, on_grace, proxy);
	proxy->reap = evtimer_new(proxy->base, on_reap, proxy);
	proxy->pulse = event_new(proxy->base, -1, EV_PERSIST, on_pulse, proxy);
	if (!proxy->grace || !proxy->reap || !proxy->pulse || event_add(proxy->pulse, &pulse))
		return -ENOMEM;
	if (ring < 0)
		return 0;
	proxy->ring = event_new(proxy->base, ring, EV_READ | EV_PERSIST, on_ring, proxy);
	return !proxy->ring || event_add(proxy->ring, NULL) ? -ENOMEM : 0;
}

static int listen_for_clients(struct proxy *proxy)
{
	proxy->http = evhttp_new(proxy->base);
	if (!proxy->http)
		return -ENOMEM;
	evhttp_set_default_content_type(proxy->http, NULL);
	evhttp_set_max_headers_size(proxy->http, HEADERS_BYTES_MAX);
	evhttp_set_max_body_size(proxy->http, REQUEST_BYTES_MAX);
	evhttp_set_allowed_methods(proxy->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST |
							EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
	evhttp_set_gencb(proxy->http, front_on_request, proxy);
	return connections_open(&proxy->connections, proxy->http, proxy->options->listener->fd);
}

static int init(struct proxy *proxy)
{
	const struct proxy_options *options = proxy->options;
	int err;

	TAILQ_INIT(&proxy->exchanges);
	proxy->stage = PROXY_RUNS;
	proxy->base = event_base_new();
	proxy->in = evbuffer_new();
	if (!proxy->base || !proxy->in)
		return -ENOMEM;
	err = mcp_new(options->ops, options->session, 0, &proxy->anchor);
	if (!err)
		err = add_signals(proxy);
	if (!err)
		err = add_events(proxy);
	if (!err && options->attach)
		err = options->attach(options->ctx, proxy->base);
	return err;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void done(struct proxy *proxy)
{
	struct exchange *exchange;

	while ((exchange = TAILQ_FIRST(&proxy->exchanges)))
		exchange_free(exchange);
	if (proxy->http)
		evhttp_free(proxy->http);
	connections_close(&proxy->connections);
	free_event(proxy->grace);
	free_event(proxy->reap);
	free_event(proxy->pulse);
	free_event(proxy->ring);
	for (int i = 0; i < PROXY_SIGNALS; i++)
		free_event(proxy->signals[i]);
	mcp_free(proxy->anchor);
	if (proxy->in)
		evbuffer_free(proxy->in);
	if (proxy->base)
		event_base_free(proxy->base);
}

/* The server first: who comes before it listens is kept waiting. */
static int start(struct proxy *proxy, char *const argv[], bool *ret_spawn_failed)
{
	const struct proxy_options *options = proxy->options;
	int err = options->ops->spawn(options->session, argv, -1, -1, &proxy->pid);

	*ret_spawn_failed = err != 0;
	if (err)
		return err;
	proxy->since_ns = mcp_now_ns();
	err = listen_for_clients(proxy);
	if (!err)
		warn_say("clients find the tool server at %s%s", options->listener->url,
			 options->upstream->path);
	return err;
}

static int run(struct proxy *proxy, int *ret_wait_status)
{
	void (*sigpipe)(int) = signal(SIGPIPE, SIG_IGN);

	if (event_base_dispatch(proxy->base) < 0)
		proxy_fail(proxy, -EIO);
	signal(SIGPIPE, sigpipe);
	*ret_wait_status = proxy->wait_status;
	return proxy->err;
}

int proxy_run(const struct proxy_options *options, char *const argv[], int *ret_wait_status,
	      bool *ret_spawn_failed)
{
	struct proxy proxy = { .options = options };
	int err = init(&proxy);

	*ret_spawn_failed = false;
	if (!err)
		err = start(&proxy, argv, ret_spawn_failed);
	if (!err)
		err = run(&proxy, ret_wait_status);
	if (options->detach)
		options->detach(options->ctx);
	done(&proxy);
	return err;
}
