// SPDX-License-Identifier: Apache-2.0
/* mcp_request.c - tools/call on its way to the server: read, redacted, declared
 * to the session, and only then forwarded, in all else exactly as it came. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "json_keys.h"
#include "mcp_impl.h"
#include "redact.h"

#define TOOL_USE_ID_MAX 256

struct request {
	struct message_id id;
	const char *tool;
	const struct cJSON *args;    /* NULL or an object */
	const char *tool_use_id;     /* NULL or the client's own name for the call */
	const struct cJSON *written; /* the arguments before they were redacted, NULL: args */
	size_t redactions;
	bool alone;
	bool has_waited; /* for others to end */
	struct session_settled settled;
	const struct message *whole; /* the message as the client wrote it */
};

/* claudecode/toolUseId, vendor/tool_use_id, toolCallId, callID, … */
static bool names_tool_use_id(const char *key)
{
	static const char *const suffixes[] = { "toolUseId", "tool_use_id", "callId", "call_id" };
	size_t len = strlen(key);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t suffix_len = strlen(suffixes[i]);

		if (len >= suffix_len && !strcasecmp(key + len - suffix_len, suffixes[i]))
			return true;
	}
	return false;
}

/* Only for the record: what does not look like an id is left out. */
static const char *find_tool_use_id(const struct cJSON *params)
{
	const struct cJSON *meta = cJSON_GetObjectItemCaseSensitive(params, "_meta"), *item;

	cJSON_ArrayForEach (item, meta)
		if (item->string && names_tool_use_id(item->string) && cJSON_IsString(item) &&
		    strlen(item->valuestring) <= TOOL_USE_ID_MAX)
			return item->valuestring;
	return NULL;
}

/* NULL, or why the params are not those of a call. */
static const char *read_params(const struct cJSON *json, struct request *request)
{
	const struct cJSON *params = cJSON_GetObjectItemCaseSensitive(json, "params");
	const struct cJSON *name = cJSON_GetObjectItemCaseSensitive(params, "name");
	const struct cJSON *args = cJSON_GetObjectItemCaseSensitive(params, "arguments");

	if (!cJSON_IsObject(params))
		return "params must be an object";
	if (!cJSON_IsString(name) || !*name->valuestring)
		return "params.name must be the name of a tool";
	if (args && !cJSON_IsNull(args) && !cJSON_IsObject(args))
		return "params.arguments must be an object";
	request->tool = name->valuestring;
	request->args = cJSON_IsObject(args) ? args : NULL;
	request->tool_use_id = find_tool_use_id(params);
	return NULL;
}

static int answer_refused(struct mcp *mcp, const struct request *request, int err,
			  const struct session_call *call)
{
	bool refused = err == -EACCES || err == -E2BIG || err == -EMFILE;
	char text[SESSION_REASON_MAX + 64];

	snprintf(text, sizeof(text), "%s: %s",
		 refused ? "EnforceCore refused this call" : "EnforceCore failed",
		 *call->reason ? call->reason : strerror(-err));
	return answer_refusal(mcp_answers(mcp), request->id.raw, text);
}

static int refuse_limit(struct mcp *mcp, const struct request *request, const char *what,
			size_t count)
{
	struct session_call call = { 0 };

	snprintf(call.reason, sizeof(call.reason), what, count);
	return answer_refused(mcp, request, -EMFILE, &call);
}

/* The policy wants somebody's approval, or its guards to have a look. */
static int ask(struct mcp *mcp, const struct request *request, struct session_call *call)
{
	int err = mcp_ask_add(mcp, &request->id, request->whole, request->tool, call);

	if (err != -E2BIG && err != -EMFILE)
		return err;
	snprintf(call->reason, sizeof(call->reason),
		 "too many calls wait for approval or for guards");
	return answer_refused(mcp, request, err, call);
}

/* Declares the call; on success its grants are in the kernel when this
 * returns, and the request may be seen by the server. */
static int declare(struct mcp *mcp, const struct request *request, const struct message *message)
{
	const struct session_declaration declaration = {
		.tool = request->tool,
		.args = request->args,
		.written = request->written,
		.client_id = request->id.raw,
		.tool_use_id = request->tool_use_id,
		.input_redactions = request->redactions,
		.settled = request->settled,
	};
	struct session_call call = { 0 };
	struct id_entry *entry;
	int err;

	err = mcp->ops->call_begin(mcp->session, &declaration, &call);
	if (err == -EINPROGRESS)
		return ask(mcp, request, &call);
	if (err)
		return answer_refused(mcp, request, err, &call);
	entry = id_table_add(&mcp->calls, &request->id, mcp->pending_max);
	entry->call = call.id;
	entry->begin_ns = call.deadline_ns - call.timeout_ms * 1000000ull;
	entry->deadline_ns = call.deadline_ns;
	entry->alone = request->alone;
	return mcp_pass(mcp->to_server, message);
}

/* What the server gets is what the policy's rules of arguments are about, and
 * what is granted: the arguments that are left. */
static int declare_redacted(struct mcp *mcp, const struct request *written,
			    const struct message *message, const char *text, size_t len,
			    size_t count)
{
	struct cJSON *json = cJSON_ParseWithLength(text, len);
	const char *why = json ? json_keys_ambiguity(json) : "it could not be read";
	struct request request = *written;
	int err;

	if (!why)
		why = read_params(json, &request);
	if (why) {
		cJSON_Delete(json);
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST, why);
	}
	request.written = written->args;
	request.redactions = count;
	struct message redacted = { message->scan, evbuffer_new(), message->newline, false };

	err = -ENOMEM;
	if (redacted.bytes && !evbuffer_add(redacted.bytes, text, len))
		err = declare(mcp, &request, &redacted);
	if (redacted.bytes)
		evbuffer_free(redacted.bytes);
	cJSON_Delete(json);
	return err;
}

static const struct pii *reader_of(const struct mcp *mcp)
{
	if (!mcp->ops->redacts_input || mcp->ops->observes(mcp->session))
		return NULL;
	return mcp->ops->redacts_input(mcp->session);
}

static int redact(struct mcp *mcp, const struct request *request, const struct message *message)
{
	const struct pii *pii = reader_of(mcp);
	const char *text = (const char *)evbuffer_pullup(message->bytes, -1);
	struct session_call call = { 0 };
	char *redacted = NULL;
	size_t len, count;
	int err;

	if (!pii || !request->args)
		return declare(mcp, request, message);
	err = redact_call(pii, text, evbuffer_get_length(message->bytes), &redacted, &len, &count);
	if (err == -E2BIG) {
		snprintf(call.reason, sizeof(call.reason),
			 "personal data in its arguments cannot be replaced");
		return answer_refused(mcp, request, err, &call);
	}
	if (!err)
		err = redacted ? declare_redacted(mcp, request, message, redacted, len, count) :
				 declare(mcp, request, message);
	free(redacted);
	return err;
}

/* The queue has room for what comes before it in the order of the client. */
static int wait_or_send(struct mcp *mcp, struct request *request, const struct message *message)
{
	size_t busy = mcp->calls.len + mcp->queue.len + mcp->asks.len;
	int err;

	request->alone = mcp->ops->serializes && mcp->ops->serializes(mcp->session, request->tool);
	if (busy >= mcp->pending_max)
		return refuse_limit(mcp, request,
				    "%zu calls are open, which is the limit; wait for one to end",
				    busy);
	if (request->has_waited || !mcp_queue_must_wait(mcp, request->alone))
		return redact(mcp, request, message);
	err = mcp_queue_add(mcp, &request->id, message, request->alone, request->settled);
	if (err == -E2BIG)
		return refuse_limit(mcp, request,
				    "%zu calls are open or wait, and there is no room for another; "
				    "wait for one to end",
				    busy);
	return err;
}

static int take_parsed(struct mcp *mcp, const struct message *message, const struct cJSON *json,
		       struct request *request)
{
	const char *why = json_keys_ambiguity(json);

	if (why)
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST, why);
	why = read_params(json, request);
	if (why)
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_PARAMS, why);
	return wait_or_send(mcp, request, message);
}

/* NULL, or why the gateway does not even parse it. */
static const char *find_obstacle(const struct json_scan *scan)
{
	if (scan->values > MCP_VALUES_MAX)
		return "a call has more than 262144 values in its arguments";
	/* The session's strings would end there, the server's would not. */
	if (scan->has_nul)
		return "a call has the character U+0000 in it";
	return NULL;
}

static bool is_in_use(struct mcp *mcp, const struct message_id *id)
{
	return id_table_find(&mcp->calls, id) || id_table_find(&mcp->late, id) ||
	       id_table_find(&mcp->lists, id) || mcp_queue_has(mcp, id) || mcp_ask_has(mcp, id);
}

static int take(struct mcp *mcp, const struct message *message, bool has_waited,
		struct session_settled settled)
{
	size_t len = evbuffer_get_length(message->bytes);
	const char *why = find_obstacle(message->scan);
	struct request request = { .has_waited = has_waited, .settled = settled, .whole = message };
	struct cJSON *json;
	const char *text;
	int err;

	if (message_id(message->scan, MESSAGE_ID, &request.id))
		why = "a call needs an id: a string or a number";
	else if (is_in_use(mcp, &request.id))
		why = "the id of this call is in use";
	if (why)
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST, why);
	text = (const char *)evbuffer_pullup(message->bytes, -1);
	json = text ? cJSON_ParseWithLength(text, len) : NULL;
	if (!json)
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST,
					 "the call could not be read");
	err = take_parsed(mcp, message, json, &request);
	cJSON_Delete(json);
	return err;
}

int mcp_request_call(struct mcp *mcp, const struct message *message)
{
	return take(mcp, message, false, (struct session_settled) { 0 });
}

int mcp_request_waited(struct mcp *mcp, const struct message *message,
		       struct session_settled settled)
{
	return take(mcp, message, true, settled);
}

int mcp_request_settled(struct mcp *mcp, const struct message *message,
			struct session_settled settled)
{
	return take(mcp, message, false, settled);
}
