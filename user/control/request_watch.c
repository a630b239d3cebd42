// SPDX-License-Identifier: Apache-2.0
/* request_watch.c - status and approve: see user/PROTOCOL.md. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "server_impl.h"

int request_approve(struct connection *peer, const cJSON *request, cJSON *answer)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(request, "approval");
	struct approvals *approvals =
		peer->control->options.ops->approvals(peer->control->options.session);
	const char *verdict;
	int r = request_text(request, "verdict", answer, &verdict);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (!cJSON_IsNumber(number) || !(number->valuedouble >= 1) ||
	    number->valuedouble >= 9007199254740992.0)
		return request_refuse(answer, "bad_request", "\"approval\" is no number");
	if (!verdict || (strcmp(verdict, "allow") && strcmp(verdict, "deny")))
		return request_refuse(answer, "bad_request",
				      "\"verdict\" is neither allow nor deny");
	if (!strcmp(verdict, "allow"))
		r = approvals_decide(approvals, (uint64_t)number->valuedouble, true,
				     "approved by root");
	else
		r = approvals_decide(approvals, (uint64_t)number->valuedouble, false,
				     "refused by root");
	return r ? request_refuse(answer, "no_such_call",
				  "nothing waits for that approval (any more)") :
		   0;
}

static int add_call(cJSON *list, const struct control_call *call, uint64_t now)
{
	cJSON *one = cJSON_CreateObject();

	if (!one || !cJSON_AddItemToArray(list, one))
		return -ENOMEM;
	return cJSON_AddNumberToObject(one, "call", (double)call->id) &&
			       cJSON_AddStringToObject(one, "tool", call->tool) &&
			       cJSON_AddStringToObject(one, "id", call->client_id) &&
			       cJSON_AddNumberToObject(
				       one, "age_ms",
				       floor((double)(now - call->begin_ns) / 1e6)) &&
			       cJSON_AddBoolToObject(one, "exact", call->exact) ?
		       0 :
		       -ENOMEM;
}

static int add_approval(cJSON *list, const struct approval *approval)
{
	cJSON *one = cJSON_CreateObject();
	uint64_t now = control_now();

	if (!one || !cJSON_AddItemToArray(list, one))
		return -ENOMEM;
	return cJSON_AddNumberToObject(one, "approval", (double)approval->number) &&
			       cJSON_AddStringToObject(one, "tool", approval->tool) &&
			       cJSON_AddStringToObject(one, "reason", approval->reason) &&
			       cJSON_AddNumberToObject(
				       one, "age_ms",
				       floor((double)(now - approval->begin_ns) / 1e6)) &&
			       cJSON_AddNumberToObject(
				       one, "left_ms",
				       floor((double)(approval->deadline_ns - now) / 1e6)) ?
		       0 :
		       -ENOMEM;
}

static int add_waiting(struct control *control, cJSON *answer)
{
	const struct approvals *approvals =
		control->options.ops->approvals(control->options.session);
	cJSON *list = cJSON_AddArrayToObject(answer, "waiting");
	int r = list ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < APPROVALS_MAX; i++)
		if (approvals->at[i].number && !approvals->at[i].question)
			r = add_approval(list, &approvals->at[i]);
	return r;
}

int request_status(struct connection *peer, const cJSON *request, cJSON *answer)
{
	struct control *control = peer->control;
	const struct control_ops *ops = control->options.ops;
	struct session *session = control->options.session;
	cJSON *list;
	int r = 0;

	(void)request;
	ops->drain(session);
	if (!cJSON_AddNumberToObject(answer, "agent", (double)ops->agent(session)) ||
	    !cJSON_AddStringToObject(answer, "policy", ops->policy(session)) ||
	    !cJSON_AddStringToObject(answer, "mode",
				     ops->observes(session) ? "observe" : "enforce") ||
	    !cJSON_AddNumberToObject(answer, "denials", (double)ops->denials(session)))
		return -ENOMEM;
	list = cJSON_AddArrayToObject(answer, "calls");
	for (size_t i = 0; list && r == 0 && i < EC_MAX_CALLS; i++)
		if (control->calls.at[i].id)
			r = add_call(list, &control->calls.at[i], control_now());
	return list && r == 0 ? add_waiting(control, answer) : -ENOMEM;
}
