/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_host.h - what many sessions of one process share: the sensor, the canary, the
 * look at the pins. Such a session's agent was not started by us, its rings are
 * mapped only while they are read, and nobody waits for our end beside each trail.
 */
#ifndef EC_SESSION_HOST_H
#define EC_SESSION_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "user/sensor/pins.h"

/* How often each of them looks at what is its own. */
#define SESSION_HOST_LOOK_NS 1000000000ull

struct canary;
struct sensor;
struct session_desk;
struct session_shared;

struct session_host {
	struct sensor *sensor; /* of who opened it, before; outlives us */
	struct canary *canary;
	struct pins pins;
	struct session_desk *desk;
	size_t sessions;	       /* that share it */
	uint64_t epoch;		       /* another one: policies are read again */
	struct session_shared *shared; /* compiled policies, session_share.c */
	uint64_t looked_ns;
	int found; /* at that look */
	char what[128];
};

/* Before anything else that forks. Errors went to stderr. */
int session_host_open(struct session_host *host, struct sensor *sensor);
void session_host_close(struct session_host *host);
/* As canary_look() and pins_check(), asked of the kernel at most twice a second. */
int session_host_look(struct session_host *host, char *what, size_t what_size);

#endif
