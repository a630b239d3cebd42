/* SPDX-License-Identifier: Apache-2.0 */
/* ops.h - what the control socket asks of a session (session.h), as a table,
 * so that tests can answer in its place. */
#ifndef EC_CONTROL_OPS_H
#define EC_CONTROL_OPS_H

#include "user/sensor/agent_door.h"
#include "user/session/session.h"

struct control_ops {
	int (*peer)(const struct session *session, int fd, struct agent_peer *ret_peer);
	uint64_t (*agent)(const struct session *session);
	int (*declare)(struct session *session, const struct session_declaration *declaration,
		       struct session_call *ret_call);
	int (*offer)(struct session *session, uint64_t id, uint64_t task);
	int (*end)(struct session *session, uint64_t id, const char *outcome);
	/* towards the budget; -EINVAL: no number from 0 */
	int (*add_cost)(struct session *session, double usd);
	int (*drain)(struct session *session);
	uint64_t (*call_denials)(const struct session *session, uint64_t id);
	/* adds a few short sentences to an array */
	int (*call_reasons)(const struct session *session, uint64_t id, struct cJSON *reasons);
	uint64_t (*denials)(const struct session *session);
	/* those that were open before we were there; NULL: none was */
	bool (*call_at)(const struct session *session, unsigned int place,
			struct session_open_call *ret_call);
	const char *(*policy)(const struct session *session);
	bool (*observes)(const struct session *session);
	/* what waits for somebody's approval, ours or another door's */
	struct approvals *(*approvals)(struct session *session);
};

extern const struct control_ops control_session_ops; /* the real ones */

#endif
