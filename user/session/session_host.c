// SPDX-License-Identifier: Apache-2.0
#include "session_host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session_impl.h"
#include "user/canary/canary.h"
#include "user/util.h"

#define LOOK_NS 500000000ull

static int make_canary(void *ctx, struct canary **ret_canary)
{
	struct session_host *host = ctx;

	return canary_open(host->sensor, NULL, NULL, ret_canary);
}

int session_host_open(struct session_host *host, struct sensor *sensor)
{
	int r = pins_read(&host->pins);

	host->sensor = sensor;
	host->desk = calloc(1, sizeof(*host->desk));
	if (r == 0 && !host->desk)
		r = -ENOMEM;
	if (r == 0)
		r = make_canary(host, &host->canary);
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
	int r = canary_look(&host->canary, make_canary, host, what, sizeof(host->what));

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
