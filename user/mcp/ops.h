/* SPDX-License-Identifier: Apache-2.0 */
/* ops.h - what the gateway asks of a session (session.h), as a table, so that
 * tests can answer in its place. */
#ifndef EC_OPS_H
#define EC_OPS_H

#include "user/session/session.h"

struct gateway_ops {
	int (*spawn)(struct session *session, char *const argv[], int in, int out, pid_t *ret_pid);
	bool (*tool_allowed)(const struct session *session, const char *tool);
	bool (*observes)(const struct session *session);
	int (*call_begin)(struct session *session, const char *tool, const struct cJSON *args,
			  const char *client_id, const char *tool_use_id,
			  struct session_call *ret_call);
	int (*call_end)(struct session *session, uint64_t id, const char *outcome);
	int (*fd)(const struct session *session);
	int (*drain)(struct session *session);
	int (*reload)(struct session *session);
	void (*note)(struct session *session, const char *kind, const char *text);
};

extern const struct gateway_ops gateway_session_ops; /* the real ones */

#endif
