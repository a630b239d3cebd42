// SPDX-License-Identifier: Apache-2.0
#include "server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server_impl.h"

/* How late a deadline or a limit of time may be noticed here. The kernel lets
 * nobody use a grant after its deadline. */
#define TICK_US 200000

uint64_t control_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int address_len, void *ctx)
{
	(void)listener;
	(void)address;
	(void)address_len;
	if (connection_open(ctx, fd) < 0)
		close(fd);
}

/* No descriptor, no memory: whoever waits goes on waiting, until the next tick. */
static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
	(void)ctx;
	evconnlistener_disable(listener);
}

static void end_late(struct control *control, uint64_t now)
{
	for (size_t i = 0; i < EC_MAX_CALLS; i++) {
		struct control_call *call = &control->calls.at[i];

		if (!call->id || call->deadline_ns > now)
			continue;
		control->options.ops->end(control->options.session, call->id, "deadline");
		control_calls_remove(call);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct control *control = ctx;
	uint64_t now = control_now();

	(void)fd;
	(void)what;
	end_late(control, now);
	approvals_tick(control->options.ops->approvals(control->options.session), now);
	for (size_t i = 0; i < CONTROL_PEERS_MAX; i++)
		if (control->peers[i].control)
			connection_tick(&control->peers[i], now);
	evconnlistener_enable(control->listener);
}

/* Calls that were begun with a controller that is dead. Their tokens died with it. */
static void take_calls(struct control *control)
{
	const struct control_ops *ops = control->options.ops;
	struct session_open_call open;

	for (unsigned int i = 0; ops->call_at && i < EC_MAX_CALLS; i++) {
		struct control_call *call;

		if (!ops->call_at(control->options.session, i, &open) ||
		    !(call = control_calls_add(&control->calls)))
			continue;
		call->id = open.id;
		call->begin_ns = open.begin_ns;
		call->deadline_ns = open.deadline_ns;
		call->exact = open.exact;
		snprintf(call->tool, sizeof(call->tool), "%s", open.tool);
		snprintf(call->client_id, sizeof(call->client_id), "%s", open.client_id);
	}
}

int control_new(struct event_base *base, const struct control_options *options, int listen_fd,
		struct control **ret_control)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control) {
		close(listen_fd);
		return -ENOMEM;
	}
	control->options = *options;
	control->base = base;
	take_calls(control);
	control->listener = evconnlistener_new(base, on_accept, control,
					       LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0,
					       listen_fd);
	if (!control->listener)
		close(listen_fd);
	else
		evconnlistener_set_error_cb(control->listener, on_accept_error);
	control->tick = event_new(base, -1, EV_PERSIST, on_tick, control);
	if (!control->listener || !control->tick ||
	    event_add(control->tick, &(struct timeval) { .tv_usec = TICK_US })) {
		control_free(control);
		return -ENOMEM;
	}
	*ret_control = control;
	return 0;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < CONTROL_PEERS_MAX; i++)
		if (control->peers[i].control)
			connection_close(&control->peers[i]);
	if (control->listener)
		evconnlistener_free(control->listener);
	if (control->tick)
		event_free(control->tick);
	free(control);
}
