// SPDX-License-Identifier: Apache-2.0
#include "session_host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session_impl.h"
#include "user/canary/canary.h"
#include "user/util.h"

#define LOOK_NS 500000000ull

int session_host_open(struct session_host *host, struct sensor *sensor)
{
	int r = pins_read(&host->pins);

	host->sensor = sensor;
	host->desk = calloc(1, sizeof(*host->desk));
	if (r == 0 && !host->desk)
		r = -ENOMEM;
	if (r == 0)
		r = canary_open(sensor, NULL, NULL, &host->canary);
	if (r < 0)
		fprintf(stderr, "enforcecore: the sensor cannot be watched: %s\n", strerror(-r));
	return r;
}

void session_host_close(struct session_host *host)
{
	canary_close(TAKE_PTR(host->canary));
	pins_done(&host->pins);
	session_desk_free(TAKE_PTR(host->desk));
}

static int look(struct session_host *host)
{
	char *what = host->what;
	int r = host->canary ? canary_answer(host->canary, what, sizeof(host->what)) : 0;

	if (r == -EPIPE) {
		/* told once; another one takes its place */
		canary_close(TAKE_PTR(host->canary));
		return r;
	}
	if (!host->canary && canary_open(host->sensor, NULL, NULL, &host->canary) < 0) {
		snprintf(what, sizeof(host->what), "there can be no canary");
		return -ESTALE;
	}
	canary_ask(host->canary);
	return r == 0 ? pins_check(&host->pins, what, sizeof(host->what)) : r;
}

int session_host_look(struct session_host *host, char *what, size_t what_size)
{
	uint64_t now = session_now();

	if (now >= host->looked_ns + LOOK_NS) {
		host->looked_ns = now;
		host->found = look(host);
	}
	if (host->found)
		snprintf(what, what_size, "%s", host->what);
	return host->found;
}
