// SPDX-License-Identifier: Apache-2.0
/*
 * session_watch.c - is what was loaded still there, and does it still refuse? Asked
 * several times a second: of the pins, of the agent's entries in the maps, and by a
 * task that tries (user/canary). While the answer is no, no call opens; what is
 * open ends as it would. Who kills us is told of by the witness.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>

#include "session_host.h"
#include "session_impl.h"
#include "user/canary/canary.h"
#include "user/sensor/tracer.h"
#include "user/util.h"

/* Between two looks. The pins are looked at every other time. */
#define LOOK_NS 250000000ull

static int make_canary(void *ctx, struct canary **ret_canary)
{
	struct session *session = ctx;
	cJSON *last_words = session_record(session, "controller_lost");
	int r = last_words ? 0 : -ENOMEM;

	if (r == 0) {
		cJSON_AddNumberToObject(last_words, "pid", getpid());
		r = canary_open(session->sensor, session->trail, last_words, ret_canary);
	}
	cJSON_Delete(last_words);
	return r;
}

static uint64_t look_ns(const struct session *session)
{
	return session->host ? SESSION_HOST_LOOK_NS : LOOK_NS;
}

int session_watch(struct session *session)
{
	const struct timespec turn = { .tv_sec = look_ns(session) / 1000000000,
				       .tv_nsec = look_ns(session) % 1000000000 };
	const struct itimerspec often = { .it_interval = turn, .it_value = turn };
	int r = session->host ? 0 : pins_read(&session->pins);

	if (r < 0)
		return r;
	session->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (session->timer_fd < 0 || timerfd_settime(session->timer_fd, 0, &often, NULL))
		return -errno;
	return session->host ? 0 : make_canary(session, &session->canary);
}

void session_watch_done(struct session *session)
{
	canary_close(TAKE_PTR(session->canary));
	pins_done(&session->pins);
	session_nodes_done(&session->labelled.nodes);
	session->labelled = (struct session_labels) { 0 };
	close_fd(&session->timer_fd);
}

const char *session_doubt(const struct session *session)
{
	const struct ec_keeper *keeper = agent_keeper(session->agent);

	return keeper->fails_ns ? keeper->fails : NULL;
}

/* A pidfd is readable when the process has ended (pidfd_open(2)). */
static bool has_ended(int pidfd)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	return poll(&ended, 1, 0) > 0;
}

/* Our own entry for the main process, while it runs: asked first, for it goes
 * when that ends. */
static int check_tag(const struct session *session, char *what, size_t what_size)
{
	if (session->main_fd < 0 || agent_has(session->agent, session->main_fd) ||
	    has_ended(session->main_fd))
		return 0;
	snprintf(what, what_size, "the main process has no tag");
	return -ESTALE;
}

static int look(struct session *session, char *what, size_t what_size)
{
	int r = session->host ?
			session_host_look(session->host, what, what_size) :
			canary_look(&session->canary, make_canary, session, what, what_size);

	if (r == 0)
		r = agent_check(session->agent, what, what_size);
	if (r == 0)
		r = check_tag(session, what, what_size);
	if (r == 0 && !session->host && (session->looks & 1 || session_doubt(session)))
		r = pins_check(&session->pins, what, what_size);
	return r;
}

static void tell(struct session *session, const char *state, const char *what)
{
	cJSON *record = session_record(session, "canary");

	if (record) {
		cJSON_AddStringToObject(record, "state", state);
		if (what)
			cJSON_AddStringToObject(record, "what", what);
		session_write(session, record);
	}
	if (what)
		fprintf(stderr, "enforcecore: tampered with: %s: no call opens\n", what);
	else
		fprintf(stderr, "enforcecore: what was tampered with holds again\n");
}

void session_look(struct session *session)
{
	struct ec_keeper *keeper = agent_keeper(session->agent);
	char what[EC_KEEPER_TEXT] = "";
	uint64_t now = session_now(), turns;

	if (session->timer_fd < 0 || now < session->look_ns)
		return;
	session->look_ns = now + look_ns(session) - LOOK_NS / 10;
	if (read(session->timer_fd, &turns, sizeof(turns)) < 0)
		turns = 0; /* a declaration came first */
	if (look(session, what, sizeof(what)) == 0) {
		if (keeper->fails_ns)
			tell(session, "ok", NULL);
		keeper->fails_ns = 0;
	} else if (!keeper->fails_ns || strcmp(keeper->fails, what)) {
		memcpy(keeper->fails, what, sizeof(keeper->fails));
		keeper->fails_ns = keeper->fails_ns ?: now;
		tell(session, "fails", what);
	}
	keeper->looked_ns = session_now();
	session->looks++;
	tracer_reap(session->sensor);
	session_label(session);
}
