/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asked.h - a begin that waits for somebody's approval. The connection that
 * asked is not read any further until it has its answer.
 */
#ifndef EC_CONTROL_ASKED_H
#define EC_CONTROL_ASKED_H

#include <stdint.h>

struct cJSON;
struct connection;
struct session_call;

/* In a connection. */
struct asked {
	uint64_t approval;     /* 0 = it does not wait */
	struct cJSON *request; /* its begin */
	char reason[512];
};

/* The begin of this peer waits, or the answer says why it does not. -ENOMEM. */
int asked_begin(struct connection *peer, const struct cJSON *request,
		const struct session_call *declared, struct cJSON *answer);
/* The peer is gone. */
void asked_drop(struct connection *peer);

#endif
