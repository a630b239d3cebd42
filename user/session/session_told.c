// SPDX-License-Identifier: Apache-2.0
/* session_told.c - what is left out of what the agent and the trail are told. */
#include <string.h>

#include "policy/pii/pii.h"
#include "session_impl.h"

void session_add_reason(const struct session *session, struct cJSON *record, const char *reason)
{
	const struct pii *pii = session_redacts_input(session);
	char *redacted = NULL;
	size_t len = strlen(reason), count;

	if (pii && pii_redact(pii, reason, len, &redacted, &len, &count) < 0)
		reason = "left out: it cannot be redacted";
	trail_add_bytes(record, "reason", redacted ? redacted : reason,
			redacted ? len : strlen(reason));
	free(redacted);
}

void session_call_redacted(struct session *session, uint64_t id, size_t count)
{
	struct open_call *call = session_find_call(session, id);

	if (call)
		call->redactions += count;
}

const struct pii *session_redacts_input(const struct session *session)
{
	return policy_redacts_input(session->installed.policy);
}

const struct pii *session_redacts_output(const struct session *session)
{
	return policy_redacts_output(session->installed.policy);
}
