// SPDX-License-Identifier: Apache-2.0
#include "keep.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/control/room.h"
#include "user/session/session.h"

/* How late the end of an agent may be noticed. */
#define TICK_US 200000
#define SIGNALS 3

struct keep;

struct kept {
	struct keep *keep;
	struct session *session; /* NULL: over */
	struct control_room room;
	struct event *ring;
};

struct keep {
	struct event_base *base;
	struct event *signals[SIGNALS];
	struct event *tick;
	struct kept *kept;
	size_t len, left;
};

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct kept *kept = ctx;

	(void)fd;
	(void)what;
	session_drain(kept->session);
}

static void drop(struct kept *kept)
{
	control_room_close(&kept->room);
	if (kept->ring)
		event_free(kept->ring);
	kept->ring = NULL;
	kept->session = NULL;
	kept->keep->left--;
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct keep *keep = ctx;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < keep->len; i++) {
		struct session *session = keep->kept[i].session;

		if (!session || !session_is_over(session))
			continue;
		drop(&keep->kept[i]);
		session_close(session, 0);
	}
	if (!keep->left)
		event_base_loopbreak(keep->base);
}

static void on_signal(evutil_socket_t signal, short what, void *ctx)
{
	struct keep *keep = ctx;

	(void)what;
	if (signal != SIGHUP) {
		event_base_loopbreak(keep->base);
		return;
	}
	for (size_t i = 0; i < keep->len; i++)
		if (keep->kept[i].session)
			session_reload(keep->kept[i].session);
}

static int watch(struct keep *keep)
{
	static const int signals[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

	keep->base = event_base_new();
	if (!keep->base)
		return -ENOMEM;
	for (int i = 0; i < SIGNALS; i++) {
		keep->signals[i] = evsignal_new(keep->base, signals[i], on_signal, keep);
		if (!keep->signals[i] || event_add(keep->signals[i], NULL))
			return -ENOMEM;
	}
	keep->tick = event_new(keep->base, -1, EV_PERSIST, on_tick, keep);
	return keep->tick && !event_add(keep->tick, &(struct timeval) { .tv_usec = TICK_US }) ?
		       0 :
		       -ENOMEM;
}

/* Whose gateway died may declare nothing by itself, as before. */
static int watch_one(struct kept *kept)
{
	struct session *session = kept->session;

	kept->room.session = session;
	kept->room.by_default = !strcmp(session_kind(session), "run");
	kept->ring = event_new(kept->keep->base, session_fd(session), EV_READ | EV_PERSIST, on_ring,
			       kept);
	if (!kept->ring || event_add(kept->ring, NULL))
		return -ENOMEM;
	return control_room_open(&kept->room, kept->keep->base);
}

static void done(struct keep *keep)
{
	for (size_t i = 0; i < keep->len; i++) {
		struct session *session = keep->kept[i].session;

		if (!session)
			continue;
		drop(&keep->kept[i]);
		session_leave(session);
	}
	for (int i = 0; i < SIGNALS; i++)
		if (keep->signals[i])
			event_free(keep->signals[i]);
	if (keep->tick)
		event_free(keep->tick);
	if (keep->base)
		event_base_free(keep->base);
	free(keep->kept);
}

int keep_agents(struct session **sessions, size_t len)
{
	struct keep keep = { .kept = calloc(len + 1, sizeof(*keep.kept)) };
	int r = 0;

	for (size_t i = 0; !keep.kept && i < len; i++)
		session_leave(sessions[i]);
	if (!keep.kept)
		return -ENOMEM;
	keep.len = keep.left = len;
	for (size_t i = 0; i < len; i++)
		keep.kept[i] = (struct kept) { .keep = &keep, .session = sessions[i] };
	r = watch(&keep);
	for (size_t i = 0; r == 0 && i < len; i++)
		r = watch_one(&keep.kept[i]);
	if (r == 0 && event_base_dispatch(keep.base) < 0)
		r = -EIO;
	done(&keep);
	return r;
}
