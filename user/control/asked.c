// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server_impl.h"

static struct approvals *approvals_of(const struct connection *peer)
{
	const struct control_options *options = &peer->control->options;

	return options->ops->approvals(options->session);
}

static void decided(void *ctx, uint64_t number, bool allowed, const char *why)
{
	struct connection *peer = ctx;
	struct asked asked = peer->asked;
	cJSON *answer = cJSON_CreateObject();
	int r = answer && cJSON_AddTrueToObject(answer, "ok") ? 0 : -ENOMEM;

	(void)number;
	memset(&peer->asked, 0, sizeof(peer->asked));
	if (r == 0)
		r = allowed ? request_begin_settled(peer, asked.request, &asked.settled, answer) :
			      request_refuse(answer, "refused", "%s: %s", asked.reason, why);
	cJSON_Delete(asked.request);
	if (r < 0 || peer->asked.approval) {
		cJSON_Delete(answer);
		answer = NULL; /* no memory: the connection ends */
	}
	if (r < 0 || !peer->asked.approval)
		connection_answer(peer, answer);
}

int asked_begin(struct connection *peer, const struct cJSON *request,
		const struct session_call *declared, struct cJSON *answer)
{
	const struct approval_request wanted = {
		.tool = cJSON_GetObjectItemCaseSensitive(request, "tool")->valuestring,
		.reason = declared->reason,
		.question = declared->question,
		.now_ns = control_now(),
		.timeout_ms = declared->ask_timeout_ms,
		.decided = decided,
		.ctx = peer,
	};
	struct asked *asked = &peer->asked;

	asked->request = cJSON_Duplicate(request, true);
	if (!asked->request)
		return -ENOMEM;
	asked->settled = declared->settled;
	snprintf(asked->reason, sizeof(asked->reason), "%s", declared->reason);
	if (approvals_add(approvals_of(peer), &wanted, &asked->approval) == 0)
		return 0;
	cJSON_Delete(asked->request);
	memset(asked, 0, sizeof(*asked));
	return request_refuse(answer, "limit", "%u calls wait for approval or for guards, the most",
			      APPROVALS_MAX);
}

void asked_drop(struct connection *peer)
{
	if (!peer->asked.approval)
		return;
	approvals_drop(approvals_of(peer), peer->asked.approval, "who asked is gone");
	cJSON_Delete(peer->asked.request);
	memset(&peer->asked, 0, sizeof(peer->asked));
}
