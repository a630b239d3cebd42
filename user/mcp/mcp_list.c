// SPDX-License-Identifier: Apache-2.0
/* mcp_list.c - tools that the policy refuses are not offered. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "answer.h"
#include "json_keys.h"
#include "mcp_impl.h"

/* Returns how many tools were removed. */
static int remove_refused(struct mcp *mcp, struct cJSON *message)
{
	struct cJSON *result = cJSON_GetObjectItemCaseSensitive(message, "result");
	struct cJSON *tools = cJSON_GetObjectItemCaseSensitive(result, "tools");
	struct cJSON *tool, *next;
	int removed = 0;

	if (!cJSON_IsArray(tools))
		return 0;
	for (tool = tools->child; tool; tool = next) {
		const char *name =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tool, "name"));

		next = tool->next;
		if (!name || mcp->ops->tool_allowed(mcp->session, name))
			continue;
		cJSON_Delete(cJSON_DetachItemViaPointer(tools, tool));
		removed++;
	}
	return removed;
}

/* The id keeps its exact text: a cJSON number has 53 bits. */
static int rewrite(const struct message *message, struct cJSON *json, const char *id)
{
	struct cJSON *raw_id = cJSON_CreateRaw(id);
	char *text = NULL;
	int err = -ENOMEM;

	if (raw_id && cJSON_ReplaceItemInObjectCaseSensitive(json, "id", raw_id))
		text = cJSON_PrintUnformatted(json);
	else
		cJSON_Delete(raw_id);
	evbuffer_drain(message->bytes, evbuffer_get_length(message->bytes));
	if (text && !evbuffer_add(message->bytes, text, strlen(text)))
		err = 0;
	cJSON_free(text);
	return err;
}

/* A list that is not understood is no list: it may offer anything. */
static int refuse(struct mcp *mcp, const char *id, const char *why)
{
	mcp_note(mcp, "the answer to tools/list (request %s) was not passed on: %s", id, why);
	return answer_error(mcp_answers(mcp), id, ANSWER_INTERNAL_ERROR, why);
}

int mcp_list_pass(struct mcp *mcp, const struct message *message, const char *id)
{
	size_t len = evbuffer_get_length(message->bytes);
	const char *text, *why = NULL;
	struct cJSON *json;
	int err = 0;

	if (mcp->ops->observes(mcp->session))
		return mcp_output_pass(mcp, message);
	if (message->scan->values > MCP_VALUES_MAX)
		return refuse(mcp, id, "the list of tools has more than 262144 values");
	text = (const char *)evbuffer_pullup(message->bytes, -1);
	json = text && !message->scan->has_nul ? cJSON_ParseWithLength(text, len) : NULL;
	if (!json)
		why = "the list of tools could not be read";
	else if (json_keys_ambiguity(json))
		why = "the list of tools has a key twice";
	if (why)
		err = refuse(mcp, id, why);
	else if (remove_refused(mcp, json))
		err = rewrite(message, json, id);
	cJSON_Delete(json);
	return err || why ? err : mcp_output_pass(mcp, message);
}
