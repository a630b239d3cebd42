// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server_impl.h"

static void note(struct control *control, const char *kind, const struct approval *approval,
		 const char *how)
{
	const cJSON *tool = cJSON_GetObjectItemCaseSensitive(approval->request, "tool");
	char text[768];

	snprintf(text, sizeof(text), "approval %llu, tool %.64s: %s",
		 (unsigned long long)approval->number,
		 cJSON_IsString(tool) ? tool->valuestring : "", how);
	control->options.ops->note(control->options.session, kind, text);
}

static void clear(struct approval *approval)
{
	if (approval->peer)
		approval->peer->waits = false;
	cJSON_Delete(approval->request);
	memset(approval, 0, sizeof(*approval));
}

int approvals_add(struct connection *peer, const struct cJSON *request, const char *reason,
		  uint32_t timeout_ms, struct cJSON *answer)
{
	struct control *control = peer->control;
	struct approval *approval = NULL;

	for (size_t i = 0; i < APPROVALS_MAX && !approval; i++)
		if (!control->approvals[i].number)
			approval = &control->approvals[i];
	if (!approval)
		return request_refuse(answer, "limit", "%u calls wait for approval, the most", APPROVALS_MAX) ?:
			       1;
	approval->request = cJSON_Duplicate(request, true);
	if (!approval->request)
		return -ENOMEM;
	approval->number = control->options.ops->number(control->options.session);
	approval->peer = peer;
	approval->begin_ns = control_now();
	approval->deadline_ns = approval->begin_ns + timeout_ms * 1000000ull;
	snprintf(approval->reason, sizeof(approval->reason), "%s", reason);
	peer->waits = true;
	note(control, "approval_asked", approval, reason);
	return 0;
}

void approvals_drop(struct control *control, const struct connection *peer)
{
	for (size_t i = 0; i < APPROVALS_MAX; i++) {
		if (!control->approvals[i].number || control->approvals[i].peer != peer)
			continue;
		note(control, "approval_dropped", &control->approvals[i], "who asked is gone");
		clear(&control->approvals[i]);
	}
}

struct approval *approvals_find(struct control *control, uint64_t number)
{
	for (size_t i = 0; number && i < APPROVALS_MAX; i++)
		if (control->approvals[i].number == number)
			return &control->approvals[i];
	return NULL;
}

void approvals_decide(struct control *control, struct approval *approval, bool allowed,
		      const char *why)
{
	struct connection *peer = approval->peer;
	cJSON *answer = cJSON_CreateObject();
	int r = answer && cJSON_AddTrueToObject(answer, "ok") ? 0 : -ENOMEM;

	note(control, allowed ? "approval_given" : "approval_refused", approval, why);
	if (r == 0)
		r = allowed ? request_begin_approved(peer, approval->request, answer) :
			      request_refuse(answer, "refused", "%s: %s", approval->reason, why);
	clear(approval);
	if (r < 0) {
		cJSON_Delete(answer);
		answer = NULL; /* no memory: the connection ends */
	}
	connection_answer(peer, answer);
}

void approvals_tick(struct control *control, uint64_t now_ns)
{
	for (size_t i = 0; i < APPROVALS_MAX; i++)
		if (control->approvals[i].number && control->approvals[i].deadline_ns <= now_ns)
			approvals_decide(control, &control->approvals[i], false,
					 "nobody approved it in time");
}
