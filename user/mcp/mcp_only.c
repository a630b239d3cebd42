// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_only.c - a conversation about one request, as HTTP has them. A server
 * must not put the answer to a call where the call is not known: nobody would
 * hold it against the rules of results.
 */
#include <errno.h>
#include <string.h>

#include "mcp_impl.h"

void mcp_answer_only(struct mcp *mcp, const struct message_id *request)
{
	mcp->answers_one = true;
	if (request)
		mcp->request = *request;
}

bool mcp_is_answered(const struct mcp *mcp)
{
	return mcp->answered;
}

const char *mcp_only_must_read(const struct mcp *mcp, const struct json_scan *scan)
{
	struct message_id id;

	if (!mcp->answers_one)
		return NULL;
	if (scan->kind == JSON_ARRAY)
		return "it is a batch";
	return message_is_response(scan) && message_id(scan, MESSAGE_ID, &id) == -ENOENT ?
		       "its id comes too late" :
		       NULL;
}

/* An answer with the id null is to nobody, and what has no id is not one. */
bool mcp_only_is_stray(struct mcp *mcp, const struct json_scan *scan)
{
	struct message_id id;

	if (!mcp->answers_one || !message_is_response(scan) || message_id(scan, MESSAGE_ID, &id))
		return false;
	if (!mcp->answered && !message_ambiguity(scan) && id.key_len == mcp->request.key_len &&
	    !memcmp(id.key, mcp->request.key, id.key_len)) {
		mcp->answered = true;
		return false;
	}
	mcp_note(mcp, "the tool server answered request %s where it was not asked; dropped",
		 id.raw);
	return true;
}
