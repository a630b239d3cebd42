// SPDX-License-Identifier: Apache-2.0
/* daemon.c - the node agent's loop. */
#include "daemon.h"

#include <errno.h>
#include <libgen.h>
#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config_watch.h"
#include "daemon_impl.h"
#include "notify.h"
#include "standing.h"
#include "user/container/container_table.h"
#include "user/sensor/sensor.h"
#include "user/sensor/window.h"
#include "user/util.h"

/* So often the kernel is told that we live. The whole host is looked at every second of them. */
#define TURN_S 1
/* A volume is exchanged in several steps, and an editor writes in some. */
#define SETTLE_US 200000

#define MMAP_THRESHOLD (32 << 10)

static const int signals[DAEMON_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

static void read_again(struct daemon *daemon)
{
	notify_reloading("reading the configuration");
	if (reload(daemon) == 0) {
		kept_adopt(daemon);
		survey(daemon);
	}
	malloc_trim(0);
	reload_tell(daemon, "READY=1\n");
}

static void on_changed(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	if (what & EV_TIMEOUT)
		read_again(daemon);
	else if (config_watch_drain(daemon->watch))
		event_base_once(daemon->base, -1, EV_TIMEOUT, on_changed, daemon,
				&(struct timeval) { .tv_usec = SETTLE_US });
}

static void on_signal(evutil_socket_t signal, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)what;
	if (signal == SIGHUP)
		read_again(daemon);
	else
		event_base_loopbreak(daemon->base);
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	(void)what;
	picks_turn(daemon->picks);
	if (daemon->turns++ & 1) {
		kept_reap(daemon);
		survey(daemon);
		reload_tell(daemon, "");
	} else {
		waiting_decide(daemon);
	}
}

/* It comes through the loop as everything does: a loop that hangs says nothing. */
static void on_watchdog(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	notify("WATCHDOG=1");
}

void daemon_progress(struct daemon *daemon)
{
	if (daemon->picks)
		picks_turn(daemon->picks);
	if (notify_watchdog_us())
		notify("WATCHDOG=1");
}

static void held(void *ctx, const struct ec_held *held)
{
	waiting_add(ctx, (pid_t)held->tgid);
}

static void on_held(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	(void)what;
	picks_drain(daemon->picks);
	waiting_decide(daemon);
}

static int add(struct event *event, const struct timeval *every)
{
	return event && !event_add(event, every) ? 0 : -ENOMEM;
}

static int open_loop(struct daemon *daemon)
{
	const uint64_t watchdog_us = notify_watchdog_us();
	const struct timeval turn = { .tv_sec = TURN_S },
			     bark = { .tv_sec = (time_t)(watchdog_us / 1000000),
				      .tv_usec = (suseconds_t)(watchdog_us % 1000000) };
	int r;

	daemon->base = event_base_new();
	if (!daemon->base)
		return -ENOMEM;
	for (int i = 0; i < DAEMON_SIGNALS; i++) {
		daemon->signals[i] = evsignal_new(daemon->base, signals[i], on_signal, daemon);
		if ((r = add(daemon->signals[i], NULL)) < 0)
			return r;
	}
	daemon->turn = event_new(daemon->base, -1, EV_PERSIST, on_turn, daemon);
	if ((r = add(daemon->turn, &turn)) < 0)
		return r;
	daemon->watchdog = event_new(daemon->base, -1, EV_PERSIST, on_watchdog, NULL);
	if (watchdog_us && (r = add(daemon->watchdog, &bark)) < 0)
		return r;
	return 0;
}

static int listen_to(struct daemon *daemon)
{
	int r;

	daemon->held = event_new(daemon->base, picks_fd(daemon->picks), EV_READ | EV_PERSIST,
				 on_held, daemon);
	daemon->changed = event_new(daemon->base, config_watch_fd(daemon->watch),
				    EV_READ | EV_PERSIST, on_changed, daemon);
	r = add(daemon->held, NULL);
	return r < 0 ? r : add(daemon->changed, NULL);
}

/* A host that cannot enforce is of use where nothing is to be refused. */
static enum sensor_wish wish(const struct daemon_config *config)
{
	for (size_t i = 0; i < config->entries_len; i++)
		if (!config->entries[i].observe)
			return SENSOR_ENFORCE;
	return SENSOR_OBSERVE;
}

static int open_kernel(struct daemon *daemon)
{
	int r;

	/* in a rolling update the next one is there before this one goes */
	if (daemon->waits)
		standing_await();
	r = sensor_open(wish(daemon->config), &daemon->sensor);

	if (r < 0)
		return r;
	r = window_spare(daemon->sensor);
	if (r == 0)
		r = picks_open(daemon->sensor, held, daemon, &daemon->picks);
	sensor_unlock(daemon->sensor);
	if (r < 0) {
		fprintf(stderr, "enforcecore: %s\n",
			r == -EBUSY ? "another node agent runs on this host" : strerror(-r));
		return r;
	}
	if ((r = session_host_open(&daemon->host, daemon->sensor)) < 0)
		return r;
	r = cgroup_top_open(&daemon->top);
	if (r < 0)
		fprintf(stderr, "enforcecore: no cgroups of version 2: %s\n", strerror(-r));
	return r;
}

static int start(struct daemon *daemon)
{
	int r;

	/* a wrong configuration before anything is loaded */
	if ((r = standing_join_host()) < 0 ||
	    (r = container_table_new(&container_this_host, &daemon->containers)) < 0 ||
	    (r = config_watch_open(&daemon->watch)) < 0 || (r = reload(daemon)) < 0 ||
	    (r = open_kernel(daemon)) < 0 || (r = open_loop(daemon)) < 0 ||
	    (r = listen_to(daemon)) < 0)
		return r;
	kept_adopt(daemon);
	survey(daemon);
	reload_tell(daemon, "READY=1\n");
	return 0;
}

static void finish(struct daemon *daemon)
{
	notify("STOPPING=1");
	if (daemon->picks)
		kept_leave(daemon);
	session_host_close(&daemon->host);
	picks_close(daemon->picks);
	sensor_close(daemon->sensor);
	cgroup_top_close(&daemon->top);
	config_watch_close(daemon->watch);
	daemon_config_free(daemon->config);
	container_table_free(daemon->containers);
	free(daemon->wanted.keys);
	free(daemon->nobodys);
	if (daemon->base)
		event_base_free(daemon->base);
	free(daemon);
}

/* Its folder resolved, its name not: a ConfigMap's file is a link that is led elsewhere. */
static int find_config(const char *config, char *path, size_t size)
{
	_cleanup_free_ char *copy = strdup(config), *folder = NULL;
	const char *name = strrchr(config, '/');
	int n;

	if (!copy)
		return -ENOMEM;
	if (access(config, R_OK) || !(folder = realpath(dirname(copy), NULL)))
		return -errno;
	n = snprintf(path, size, "%s/%s", folder, name ? name + 1 : config);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int daemon_run(const struct daemon_options *options)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	int r;

	if (!daemon)
		return -ENOMEM;
	daemon->top.fd = -1;
	/* what is large and mostly untouched stays so, however often such a thing was freed */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	/* and a huge page would make all of it resident that is near to what is touched */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	daemon->waits = options->wait;
	r = find_config(options->config, daemon->path, sizeof(daemon->path));
	if (r < 0) {
		fprintf(stderr, "enforcecore: %s: %s\n", options->config, strerror(-r));
		free(daemon);
		return r;
	}
	r = start(daemon);
	if (r == 0 && event_base_dispatch(daemon->base) < 0)
		r = -EIO;
	finish(daemon);
	return r;
}
