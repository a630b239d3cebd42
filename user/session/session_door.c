// SPDX-License-Identifier: Apache-2.0
/* session_door.c - the control socket, as far as it is the session's. */
#include "session_impl.h"

#include "user/sensor/agent_door.h"

int session_door_mark(struct session *session, int listen_fd)
{
	return agent_door_mark(session->agent, listen_fd);
}

int session_door_peer(const struct session *session, int fd, struct agent_peer *ret_peer)
{
	return agent_door_peer(session->agent, fd, ret_peer);
}

uint64_t session_number(struct session *session)
{
	return agent_number(session->agent);
}

struct approvals *session_approvals(struct session *session)
{
	struct approvals *approvals = &session->approvals;

	approvals->session = session;
	approvals->number = session_number;
	approvals->note = session_note;
	approvals->cancel = session_guards_cancel;
	return approvals;
}

void session_spend(struct session *session, const char *note)
{
	agent_spend(session->agent, true);
	session_note(session, "budget_spent", note);
}

uint64_t session_agent(const struct session *session)
{
	return agent_uid(session->agent);
}

unsigned int session_slot(const struct session *session)
{
	return agent_slot(session->agent);
}

uint64_t session_denials(const struct session *session)
{
	return session->denials;
}
