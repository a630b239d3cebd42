// SPDX-License-Identifier: Apache-2.0
/* request_ops.c - begin, run, end: see user/PROTOCOL.md. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "server_impl.h"

/* NULL: not there. -EINVAL: the answer says that it is no string. */
int request_text(const cJSON *request, const char *name, cJSON *answer, const char **ret_text)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(request, name);

	*ret_text = NULL;
	if (!member || cJSON_IsNull(member))
		return 0;
	if (cJSON_IsString(member)) {
		*ret_text = member->valuestring;
		return 0;
	}
	return request_refuse(answer, "bad_request", "\"%s\" is no string", name) ?: -EINVAL;
}

/* ---- begin ---- */

struct begin {
	const char *tool, *client_id;
	const cJSON *args;
	bool exact;
};

static int read_begin(const cJSON *request, cJSON *answer, struct begin *ret_begin)
{
	const cJSON *exact = cJSON_GetObjectItemCaseSensitive(request, "exact");
	int r;

	ret_begin->args = cJSON_GetObjectItemCaseSensitive(request, "arguments");
	ret_begin->exact = cJSON_IsTrue(exact);
	if ((r = request_text(request, "tool", answer, &ret_begin->tool)) < 0 ||
	    (r = request_text(request, "id", answer, &ret_begin->client_id)) < 0)
		return r;
	if (!ret_begin->tool)
		return request_refuse(answer, "bad_request", "\"tool\" is missing") ?: -EINVAL;
	if (ret_begin->args && !cJSON_IsObject(ret_begin->args))
		return request_refuse(answer, "bad_request", "\"arguments\" is no object") ?:
											     -EINVAL;
	if (exact && !cJSON_IsBool(exact))
		return request_refuse(answer, "bad_request", "\"exact\" is no boolean") ?: -EINVAL;
	if (ret_begin->client_id && strlen(ret_begin->client_id) > CONTROL_ID_MAX)
		return request_refuse(answer, "limit", "\"id\" has more than %u bytes", CONTROL_ID_MAX) ?:
			       -EINVAL;
	return 0;
}

static int not_begun(cJSON *answer, const struct session_call *declared, int error)
{
	const char *word = error == -EACCES					   ? "refused" :
			   error == -EMFILE || error == -E2BIG || error == -ENOSPC ? "limit" :
			   error == -EINVAL					   ? "bad_request" :
										     "failed";

	if (declared->rule[0] && !cJSON_AddStringToObject(answer, "rule", declared->rule))
		return -ENOMEM;
	return request_refuse(answer, word, "%s",
			      declared->reason[0] ? declared->reason : strerror(-error));
}

static int begun(struct control_call *call, const struct begin *begin,
		 const struct session_call *declared, cJSON *answer)
{
	call->id = declared->id;
	call->begin_ns = control_now();
	call->deadline_ns = declared->deadline_ns;
	if (begin->client_id)
		snprintf(call->client_id, sizeof(call->client_id), "%s", begin->client_id);
	snprintf(call->tool, sizeof(call->tool), "%s", begin->tool);
	if (!cJSON_AddNumberToObject(answer, "call", (double)call->id) ||
	    !cJSON_AddNumberToObject(answer, "timeout_ms", declared->timeout_ms))
		return -ENOMEM;
	if (!begin->exact)
		return 0;
	control_call_mint(call);
	return cJSON_AddStringToObject(answer, "token", call->token) ? 0 : -ENOMEM;
}

int request_begin_settled(struct connection *peer, const cJSON *request,
			  const struct session_settled *settled, cJSON *answer)
{
	struct control *control = peer->control;
	struct control_call *call;
	struct session_call declared;
	struct begin begin;
	int r = read_begin(request, answer, &begin);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	call = control_calls_add(&control->calls);
	if (!call)
		return request_refuse(answer, "limit", "%u calls are open, the most there can be",
				      EC_MAX_CALLS);
	r = control->options.ops->declare(
		control->options.session,
		&(struct session_declaration) { .tool = begin.tool,
						.args = begin.args,
						.tool_use_id = begin.client_id,
						.exact = begin.exact,
						.settled = *settled },
		&declared);
	if (r == -EINPROGRESS)
		return asked_begin(peer, request, &declared, answer);
	if (r < 0)
		return not_begun(answer, &declared, r);
	r = begun(call, &begin, &declared, answer);
	if (r < 0) {
		control->options.ops->end(control->options.session, call->id, "abandoned");
		control_calls_remove(call);
	}
	return r;
}

int request_begin(struct connection *peer, const cJSON *request, cJSON *answer)
{
	return request_begin_settled(peer, request, &(struct session_settled) { 0 }, answer);
}

/* ---- run ---- */

static int runs(struct control_call *call, cJSON *answer)
{
	call->runs = true;
	return cJSON_AddNumberToObject(answer, "call", (double)call->id) ? 0 : -ENOMEM;
}

int request_run(struct connection *peer, const cJSON *request, cJSON *answer)
{
	struct control *control = peer->control;
	struct control_call *call;
	const char *token;
	int r = request_text(request, "token", answer, &token);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	call = token ? control_calls_by_token(&control->calls, token) : NULL;
	if (!call)
		return request_refuse(answer, "bad_token", "no call waits for this token");
	if (call->offered && peer->peer.call == call->id && peer->peer.task == call->offered)
		return runs(call, answer);
	if (call->offered && (call->runs || peer->peer.task != call->offered))
		return request_refuse(answer, "bad_token", "this token is spent");
	if (peer->role == CONTROL_TOOL)
		return request_refuse(answer, "not_permitted", "this task is part of another call");
	if (!call->offered) {
		r = control->options.ops->offer(control->options.session, call->id,
						peer->peer.task);
		if (r < 0)
			return request_refuse(answer, "bad_token", "this call is over");
		call->offered = peer->peer.task;
	}
	return cJSON_AddTrueToObject(answer, "again") ? 0 : -ENOMEM;
}

/* ---- end ---- */

static int find_call(struct control *control, const cJSON *request, cJSON *answer,
		     struct control_call **ret_call)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(request, "call");
	const char *id, *token;
	int r;

	*ret_call = NULL;
	if ((r = request_text(request, "id", answer, &id)) < 0 ||
	    (r = request_text(request, "token", answer, &token)) < 0)
		return r;
	if (number && !cJSON_IsNumber(number))
		return request_refuse(answer, "bad_request", "\"call\" is no number") ?: -EINVAL;
	if (!number && !id && !token)
		return request_refuse(answer, "bad_request", "\"call\", \"id\" or \"token\" is missing") ?:
			       -EINVAL;
	if (number && number->valuedouble >= 1 && number->valuedouble < 9007199254740992.0)
		*ret_call = control_calls_by_id(&control->calls, (uint64_t)number->valuedouble);
	else if (!number && token)
		*ret_call = control_calls_by_token(&control->calls, token);
	else if (!number)
		*ret_call = control_calls_by_client_id(&control->calls, id);
	if (*ret_call)
		return 0;
	return request_refuse(answer, "no_such_call", "no such call is open") ?: -EINVAL;
}

static int read_outcome(const cJSON *request, cJSON *answer, const char **ret_outcome)
{
	static const char *const outcomes[] = { "done", "error", "cancelled" };
	int r = request_text(request, "outcome", answer, ret_outcome);

	if (r < 0)
		return r;
	if (!*ret_outcome)
		*ret_outcome = outcomes[0];
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (!strcmp(*ret_outcome, outcomes[i]))
			return 0;
	return request_refuse(answer, "bad_request", "\"outcome\" is none of done, error, cancelled") ?:
		       -EINVAL;
}

/* ret_usd is 0 where none is told. A cost that is no number ends no call: it
 * stays open until it is told rightly, or its deadline comes. */
static int read_cost(const cJSON *request, cJSON *answer, double *ret_usd)
{
	const cJSON *usd = cJSON_GetObjectItemCaseSensitive(request, "cost_usd");

	*ret_usd = 0;
	if (!usd)
		return 0;
	if (cJSON_IsNumber(usd) && isfinite(usd->valuedouble) && usd->valuedouble >= 0) {
		*ret_usd = usd->valuedouble;
		return 0;
	}
	return request_refuse(answer, "bad_request", "\"cost_usd\" is no number from 0") ?: -EINVAL;
}

int request_end(struct connection *peer, const cJSON *request, cJSON *answer)
{
	struct control *control = peer->control;
	const struct control_ops *ops = control->options.ops;
	struct session *session = control->options.session;
	struct control_call *call;
	const char *outcome;
	uint64_t id, denials;
	cJSON *reasons;
	double usd;
	int r;

	if ((r = read_outcome(request, answer, &outcome)) < 0 ||
	    (r = read_cost(request, answer, &usd)) < 0 ||
	    (r = find_call(control, request, answer, &call)) < 0)
		return r == -EINVAL ? 0 : r;
	id = call->id;
	ops->drain(session);
	denials = ops->call_denials(session, id);
	reasons = cJSON_AddArrayToObject(answer, "reasons");
	if (!reasons || ops->call_reasons(session, id, reasons) < 0)
		return -ENOMEM;
	r = ops->end(session, id, outcome);
	control_calls_remove(call);
	if (usd > 0 && ops->add_cost(session, usd) < 0)
		return request_refuse(answer, "failed", "the cost could not be counted");
	if (r < 0 && r != -ENOENT)
		return request_refuse(answer, "failed", "the call could not be ended: %s",
				      strerror(-r));
	return cJSON_AddNumberToObject(answer, "call", (double)id) &&
			       cJSON_AddNumberToObject(answer, "denials", (double)denials) ?
		       0 :
		       -ENOMEM;
}
