// SPDX-License-Identifier: Apache-2.0
#include "gateway.h"

#include <unistd.h>

#include "policy/policy.h"
#include "relay.h"
#include "user/control/room.h"
#include "user/http/proxy.h"

static bool tool_allowed(const struct session *session, const char *tool)
{
	const char *reason;
	uint32_t rule;

	return policy_tool_allowed(session_policy(session), tool, &reason, &rule);
}

static bool serializes(const struct session *session, const char *tool)
{
	return policy_serializes(session_policy(session), tool);
}

const struct gateway_ops gateway_session_ops = {
	.spawn = session_spawn,
	.tool_allowed = tool_allowed,
	.observes = session_observes,
	.call_begin = session_call_declare,
	.call_end = session_call_end,
	.fd = session_fd,
	.reload = session_reload,
	.drain = session_drain,
	.note = session_note,
	.serializes = serializes,
	.redacts_input = session_redacts_input,
	.redacts_output = session_redacts_output,
	.call_redacted = session_call_redacted,
	.call_reasons = session_call_reasons,
	.judges_results = session_judges_results,
	.answered = session_answered,
	.approvals = session_approvals,
};

int gateway_run(struct session *session, const struct gateway_options *options, char *const argv[],
		int *ret_wait_status, bool *ret_spawn_failed)
{
	struct control_room room = { .session = session, .by_default = false };
	const struct relay_options relay = {
		.ops = &gateway_session_ops,
		.session = session,
		.pending_max = options->pending_max,
		.client_in = STDIN_FILENO,
		.client_out = STDOUT_FILENO,
		.attach = control_room_open,
		.detach = control_room_close,
		.ctx = &room,
	};

	return relay_run(&relay, argv, ret_wait_status, ret_spawn_failed);
}

int gateway_serve(struct session *session, const struct gateway_options *options,
		  const struct http_listener *listener, const struct http_upstream *upstream,
		  char *const argv[], int *ret_wait_status, bool *ret_spawn_failed)
{
	struct control_room room = { .session = session, .by_default = false };
	const struct proxy_options proxy = {
		.ops = &gateway_session_ops,
		.session = session,
		.listener = listener,
		.upstream = upstream,
		.pending_max = options->pending_max,
		.attach = control_room_open,
		.detach = control_room_close,
		.ctx = &room,
	};

	return proxy_run(&proxy, argv, ret_wait_status, ret_spawn_failed);
}
