/* SPDX-License-Identifier: Apache-2.0 */
/* ops.h - what the gateway asks of a session (session.h), as a table, so that
 * tests can answer in its place. Those from `serializes` on may be missing. */
#ifndef EC_OPS_H
#define EC_OPS_H

#include "user/session/session.h"

struct gateway_ops {
	int (*spawn)(struct session *session, char *const argv[], int in, int out, pid_t *ret_pid);
	bool (*tool_allowed)(const struct session *session, const char *tool);
	bool (*observes)(const struct session *session);
	int (*call_begin)(struct session *session, const struct session_declaration *declaration,
			  struct session_call *ret_call);
	int (*call_end)(struct session *session, uint64_t id, const char *outcome);
	int (*fd)(const struct session *session);
	int (*drain)(struct session *session);
	int (*reload)(struct session *session);
	void (*note)(struct session *session, const char *kind, const char *text);

	/* a call of this tool is open alone */
	bool (*serializes)(const struct session *session, const char *tool);
	/* NULL: it stays as it is */
	const struct pii *(*redacts_input)(const struct session *session);
	const struct pii *(*redacts_output)(const struct session *session);
	void (*call_redacted)(struct session *session, uint64_t id, size_t count);
	int (*call_reasons)(const struct session *session, uint64_t id, struct cJSON *array);
	/* -EACCES: the answer must not be passed on */
	bool (*judges_results)(const struct session *session);
	int (*answered)(struct session *session, uint64_t id, const struct cJSON *answer,
			struct session_call *ret_call);
	/* what waits for somebody's approval; without it such a call is refused */
	struct approvals *(*approvals)(struct session *session);
};

extern const struct gateway_ops gateway_session_ops; /* the real ones */

#endif
