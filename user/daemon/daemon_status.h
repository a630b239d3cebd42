/* SPDX-License-Identifier: Apache-2.0 */
/* daemon_status.h - what the node agent says of itself, in a file for `status`. */
#ifndef EC_DAEMON_STATUS_H
#define EC_DAEMON_STATUS_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct cJSON;

struct daemon_status {
	pid_t pid;
	const char *config;
	time_t loaded;
	const char *error;	    /* why another configuration is not in force, "" = none waits */
	const char *trouble;	    /* what could not be done for an agent, "" = nothing */
	const char *unattended_why; /* of the last that could not be adopted */
	size_t entries, agents, waiting, unattended;
};

int daemon_status_write(const struct daemon_status *status);
/* As JSON: what is there, or was; NULL: there never was a node agent, or nobody may know. */
struct cJSON *daemon_status_read(void);

#endif
