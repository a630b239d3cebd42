/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the controller's end of the control protocol (user/PROTOCOL.md),
 * in somebody's event loop.
 */
#ifndef EC_CONTROL_SERVER_H
#define EC_CONTROL_SERVER_H

#include <stdbool.h>

#include "ops.h"

struct event_base;
struct control;

struct control_options {
	const struct control_ops *ops;
	struct session *session;
	bool declares; /* tasks of the agent may declare */
};

/* Serves listen_fd, a listening unix stream socket, which is then the
 * server's to close. */
int control_new(struct event_base *base, const struct control_options *options, int listen_fd,
		struct control **ret_control);
/* Closes every connection; calls that are open stay open. NULL is fine. */
void control_free(struct control *control);

#endif
