/* SPDX-License-Identifier: Apache-2.0 */
/* daemon.h - the node agent: the agents of a host, by its configuration. */
#ifndef EC_DAEMON_H
#define EC_DAEMON_H

#include <stdbool.h>

struct daemon_options {
	const char *config; /* its file */
	bool wait;	    /* while another node agent lives, instead of failing */
};

/* Until SIGTERM or SIGINT: then it lets go of its agents, which stay confined. 0 or
 * negative errno; errors went to stderr. */
int daemon_run(const struct daemon_options *options);

#endif
