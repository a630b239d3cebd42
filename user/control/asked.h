/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asked.h - a begin that waits for somebody's approval, or for guards. The
 * connection that asked is not read any further until it has its answer.
 */
#ifndef EC_CONTROL_ASKED_H
#define EC_CONTROL_ASKED_H

#include <stdint.h>

#include "user/session/session.h"

struct connection;

/* In a connection. */
struct asked {
	uint64_t approval;		/* 0 = it does not wait */
	struct cJSON *request;		/* its begin */
	struct session_settled settled; /* once it is allowed to go on */
	char reason[512];
};

/* The begin of this peer waits, or the answer says why it does not. -ENOMEM. */
int asked_begin(struct connection *peer, const struct cJSON *request,
		const struct session_call *declared, struct cJSON *answer);
/* The peer is gone. */
void asked_drop(struct connection *peer);

#endif
