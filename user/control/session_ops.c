// SPDX-License-Identifier: Apache-2.0
#include "ops.h"

#include "policy/policy.h"

static const char *policy(const struct session *session)
{
	return policy_name(session_policy(session));
}

const struct control_ops control_session_ops = {
	.peer = session_door_peer,
	.agent = session_agent,
	.declare = session_call_declare,
	.offer = session_call_offer,
	.end = session_call_end,
	.add_cost = session_add_cost,
	.drain = session_drain,
	.call_denials = session_call_denials,
	.call_reasons = session_call_reasons,
	.denials = session_denials,
	.call_at = session_call_at,
	.policy = policy,
	.observes = session_observes,
	.approvals = session_approvals,
};
