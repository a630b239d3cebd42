// SPDX-License-Identifier: Apache-2.0
/* mcp_request.c - tools/call on its way to the server: read, declared to the
 * session, and only then forwarded, exactly as it came. */
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

#define TOOL_USE_ID_MAX 256

struct request {
	struct message_id id;
	const char *tool;
	const struct cJSON *args; /* NULL or an object */
	const char *tool_use_id;  /* NULL or the client's own name for the call */
};

static bool names_tool_use_id(const char *key)
{
	static const char suffix[] = "toolUseId";
	size_t len = strlen(key);

	return !strcmp(key, "tool_use_id") ||
	       (len >= sizeof(suffix) - 1 && !strcmp(key + len - (sizeof(suffix) - 1), suffix));
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

/* Declares the call; on success its grants are in the kernel when this
 * returns, and the request may be seen by the server. */
static int declare(struct mcp *mcp, const struct request *request, const struct message *message)
{
	struct session_call call = { 0 };
	struct id_entry *entry;
	int err;

	if (mcp->calls.len >= mcp->pending_max) {
		snprintf(call.reason, sizeof(call.reason),
			 "%zu calls are open, which is the limit; wait for one to end",
			 mcp->calls.len);
		return answer_refused(mcp, request, -EMFILE, &call);
	}
	err = mcp->ops->call_begin(mcp->session, request->tool, request->args, request->id.raw,
				   request->tool_use_id, &call);
	if (err)
		return answer_refused(mcp, request, err, &call);
	entry = id_table_add(&mcp->calls, &request->id, mcp->pending_max);
	entry->call = call.id;
	entry->begin_ns = mcp_now_ns();
	entry->deadline_ns = call.deadline_ns;
	return mcp_pass(mcp->to_server, message);
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
	return declare(mcp, request, message);
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

int mcp_request_call(struct mcp *mcp, const struct message *message)
{
	size_t len = evbuffer_get_length(message->bytes);
	const char *why = find_obstacle(message->scan);
	struct request request = { 0 };
	struct cJSON *json;
	const char *text;
	int err;

	if (message_id(message->scan, MESSAGE_ID, &request.id))
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST,
					 "a call needs an id: a string or a number");
	if (id_table_find(&mcp->calls, &request.id) || id_table_find(&mcp->late, &request.id) ||
	    id_table_find(&mcp->lists, &request.id))
		return mcp_client_refuse(mcp, message->scan, ANSWER_INVALID_REQUEST,
					 "the id of this call is in use");
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
