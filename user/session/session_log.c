// SPDX-License-Identifier: Apache-2.0
/* session_log.c - calls for those who count, and for those who watch live. */
#include <stdio.h>
#include <stdlib.h>

#include "session_impl.h"
#include "user/meter/meters.h"

/* What is too long is cut, which a trail does not do. */
static struct meters_line line_of(const struct session *session, enum meters_event event,
				  const char *tool, const char *client_id)
{
	struct meters_line line = { .event = event,
				    .time_ns = session_now(),
				    .agent = agent_uid(session->agent) };

	snprintf(line.tool, sizeof(line.tool), "%s", tool ? tool : "");
	snprintf(line.client_id, sizeof(line.client_id), "%s", client_id ? client_id : "");
	return line;
}

void session_log_begin(struct session *session, const struct open_call *call, const char *client_id)
{
	struct meters_line line = line_of(session, METERS_BEGIN, call->tool, client_id);

	line.call = call->id;
	line.time_ns = call->begin_ns;
	meters_log(session_meters(session), &line);
}

void session_log_end(struct session *session, const struct open_call *call, const char *outcome)
{
	struct meters_line line = line_of(session, METERS_END, call->tool, NULL);

	line.call = call->id;
	line.duration_ns = line.time_ns - call->begin_ns;
	line.denials = call->denials;
	snprintf(line.outcome, sizeof(line.outcome), "%s", outcome);
	meters_log(session_meters(session), &line);
	meters_redacted(session_meters(session), METERS_OUTPUT, call->redactions);
	meters_ended(session_meters(session), policy_name(session->installed.policy),
		     call->tool ? call->tool : "", line.duration_ns);
}

void session_log_refused(struct session *session, const char *tool, const char *client_id,
			 const struct judged *judged)
{
	struct meters_line line = line_of(session, METERS_REFUSED, tool, client_id);
	char *reason = session_tellable(session, judged->reason);

	snprintf(line.outcome, sizeof(line.outcome), "%s",
		 judged->would_deny || session_observes(session) ? "would-deny" : "deny");
	snprintf(line.reason, sizeof(line.reason), "%s", reason ? reason : "");
	meters_log(session_meters(session), &line);
	free(reason);
}
