// SPDX-License-Identifier: Apache-2.0
/* mcp_list.c - tools that the policy refuses are not offered. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

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
static int pass_rewritten(struct mcp *mcp, struct cJSON *json, const char *id, bool newline)
{
	struct cJSON *raw_id = cJSON_CreateRaw(id);
	char *text = NULL;
	int err = -ENOMEM;

	if (raw_id && cJSON_ReplaceItemInObjectCaseSensitive(json, "id", raw_id))
		text = cJSON_PrintUnformatted(json);
	else
		cJSON_Delete(raw_id);
	if (text && !evbuffer_add(mcp->to_client, text, strlen(text)) &&
	    (!newline || !evbuffer_add(mcp->to_client, "\n", 1)))
		err = 0;
	cJSON_free(text);
	return err;
}

int mcp_list_pass(struct mcp *mcp, const struct message *message, const char *id)
{
	size_t len = evbuffer_get_length(message->bytes);
	struct cJSON *json;
	const char *text;
	int err;

	if (mcp->ops->observes(mcp->session) || message->scan->values > MCP_VALUES_MAX)
		return mcp_pass(mcp->to_client, message);
	text = (const char *)evbuffer_pullup(message->bytes, -1);
	json = text ? cJSON_ParseWithLength(text, len) : NULL;
	if (json && remove_refused(mcp, json))
		err = pass_rewritten(mcp, json, id, message->newline);
	else
		err = mcp_pass(mcp->to_client, message);
	cJSON_Delete(json);
	return err;
}
