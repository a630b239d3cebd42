// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_result.c - what a call answers, against the policy's rules of results:
 * its size, its content, the use of tokens that it tells. An answer that cannot
 * be read as one thing only is withheld.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>

#include "json_keys.h"
#include "mcp_impl.h"

bool mcp_result_is_judged(const struct mcp *mcp)
{
	return mcp->ops->judges_results && mcp->ops->judges_results(mcp->session);
}

static struct cJSON *parse(const struct message *message, const char **ret_fault)
{
	const char *text = (const char *)evbuffer_pullup(message->bytes, -1);
	struct cJSON *json = NULL;

	*ret_fault = NULL;
	if (message->scan->values > MCP_VALUES_MAX)
		*ret_fault = "it has more than 262144 values, the most that are judged";
	else if (message->scan->has_nul)
		*ret_fault = "a text in it holds U+0000";
	else if (!text ||
		 !(json = cJSON_ParseWithLength(text, evbuffer_get_length(message->bytes))))
		*ret_fault = "it could not be read";
	else if (json_keys_ambiguity(json))
		*ret_fault = "it has a key twice";
	return json;
}

/* One of both, as JSON-RPC has it; of both together nobody knows which counts. */
static const struct cJSON *answer_of(const struct cJSON *json, const char **ret_fault)
{
	const struct cJSON *result = cJSON_GetObjectItemCaseSensitive(json, "result");
	const struct cJSON *error = cJSON_GetObjectItemCaseSensitive(json, "error");

	if (result && error)
		*ret_fault = "it is a result and an error";
	return result ? result : error;
}

static int judge(struct mcp *mcp, const struct cJSON *answer, const struct id_entry *call,
		 char why[MCP_WHY_MAX])
{
	struct session_call said = { 0 };
	int err = mcp->ops->answered(mcp->session, call->call, answer, &said);

	if (!err)
		return 0;
	snprintf(why, MCP_WHY_MAX, "%.250s",
		 err == -EACCES ? said.reason : "it could not be judged");
	return -EACCES;
}

int mcp_result_judge(struct mcp *mcp, const struct message *message, const struct id_entry *call,
		     char why[MCP_WHY_MAX])
{
	const struct cJSON *answer;
	const char *fault;
	struct cJSON *json;
	int err = 0;

	if (!mcp_result_is_judged(mcp))
		return 0;
	json = parse(message, &fault);
	answer = fault ? NULL : answer_of(json, &fault);
	if (fault)
		err = snprintf(why, MCP_WHY_MAX, "%s", fault) ? -EACCES : 0;
	else
		err = judge(mcp, answer, call, why);
	cJSON_Delete(json);
	return mcp->ops->observes(mcp->session) ? 0 : err;
}
