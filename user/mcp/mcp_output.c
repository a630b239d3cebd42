// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_output.c - what the server says, on its way to the client. Where the
 * policy redacts, all of it is read first, and what cannot be read does not
 * pass: the client gets an error in its place.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "mcp_impl.h"
#include "policy/pii/pii.h"
#include "redact.h"
#include "refusals.h"

const struct pii *mcp_output_reader(const struct mcp *mcp)
{
	return mcp->ops->redacts_output ? mcp->ops->redacts_output(mcp->session) : NULL;
}

static bool enforces(const struct mcp *mcp)
{
	return !mcp->ops->observes(mcp->session);
}

/* ---- what does not pass ---- */

static int refuse_call(struct mcp *mcp, struct id_entry *call, const char *why)
{
	struct message_id id = call->id;
	char text[256];
	int err = mcp_calls_end(mcp, call, "error");

	snprintf(text, sizeof(text), "EnforceCore withheld the answer: %s", why);
	return err ? err : answer_refusal(mcp_answers(mcp), id.raw, text);
}

static int refuse_list(struct mcp *mcp, struct id_entry *list, const char *why)
{
	struct message_id id = list->id;

	id_table_remove(&mcp->lists, list);
	return answer_error(mcp_answers(mcp), id.raw, ANSWER_INTERNAL_ERROR, why);
}

/* A line that holds several answers, or none that can be told. */
static int refuse_all(struct mcp *mcp, const char *why)
{
	int err = 0;

	while (!err && mcp->calls.len)
		err = refuse_call(mcp, mcp->calls.entries, why);
	while (!err && mcp->lists.len)
		err = refuse_list(mcp, mcp->lists.entries, why);
	return err;
}

int mcp_output_withhold(struct mcp *mcp, struct json_scan *scan, const char *why)
{
	enum json_kind kind = json_scan_finish(scan);
	struct id_entry *entry;
	struct message_id id;

	mcp_note(mcp, "a message of the tool server was not passed on: %s", why);
	if (kind == JSON_ARRAY)
		return refuse_all(mcp, why);
	if (kind != JSON_OBJECT || message_id(scan, MESSAGE_ID, &id))
		return 0; /* nobody waits for it */
	entry = id_table_find(&mcp->calls, &id);
	if (entry)
		return refuse_call(mcp, entry, why);
	entry = id_table_find(&mcp->lists, &id);
	if (entry)
		return refuse_list(mcp, entry, why);
	if (message_is_response(scan))
		return answer_error(mcp_answers(mcp), id.raw, ANSWER_INTERNAL_ERROR, why);
	if (mcp->client.mode == LINE_STREAMS)
		return 0; /* nothing goes into the middle of that */
	return answer_error(mcp->to_server, id.raw, ANSWER_INTERNAL_ERROR, why);
}

/* May this line be an answer to a tools/list? */
static bool may_be_list(struct mcp *mcp, const struct json_scan *scan)
{
	struct message_id id;

	if (!mcp->lists.len || json_scan_failed(scan) || scan->seen[MESSAGE_METHOD].count)
		return false;
	return message_id(scan, MESSAGE_ID, &id) || id_table_find(&mcp->lists, &id);
}

const char *mcp_output_must_read(struct mcp *mcp, const struct json_scan *scan)
{
	if (!enforces(mcp))
		return NULL;
	if (mcp_output_reader(mcp))
		return "it is longer than 8 MiB, the most in which personal data is looked for";
	if (mcp->calls.len && mcp_result_is_judged(mcp))
		return "it is longer than 8 MiB, the most in which a result is judged";
	if (may_be_list(mcp, scan))
		return "it is longer than 8 MiB, the most that a list of tools may have";
	return NULL;
}

/* ---- what passes ---- */

static int set_text(const struct message *message, const char *text, size_t len)
{
	evbuffer_drain(message->bytes, evbuffer_get_length(message->bytes));
	return evbuffer_add(message->bytes, text, len) ? -ENOMEM : 0;
}

/* A line that is no JSON is text like any other. */
static int read_text(const struct mcp *mcp, const struct message *message, char **ret_text,
		     size_t *ret_len, size_t *ret_count)
{
	const struct pii *pii = mcp_output_reader(mcp);
	size_t len = evbuffer_get_length(message->bytes);
	const char *text = (const char *)evbuffer_pullup(message->bytes, -1);

	if (!len)
		return 0;
	if (!text)
		return -ENOMEM;
	if (message->is_garbage)
		return pii_redact(pii, text, len, ret_text, ret_len, ret_count);
	return message->scan->deep ? -E2BIG :
				     redact_said(pii, text, len, ret_text, ret_len, ret_count);
}

/* -E2BIG: it must not be passed on. In observe mode only the count is new. */
static int redact(struct mcp *mcp, const struct message *message, size_t *ret_count)
{
	char *text = NULL;
	size_t len = 0;
	int err;

	*ret_count = 0;
	if (!mcp_output_reader(mcp))
		return 0;
	err = read_text(mcp, message, &text, &len, ret_count);
	if (!err && text && enforces(mcp))
		err = set_text(message, text, len);
	free(text);
	return err == -E2BIG && !enforces(mcp) ? 0 : err;
}

static const char too_hard[] = "personal data in it cannot be replaced";

int mcp_output_pass(struct mcp *mcp, const struct message *message)
{
	size_t count;
	int err = redact(mcp, message, &count);

	if (err == -E2BIG)
		return mcp_output_withhold(mcp, message->scan, too_hard);
	return err ? err : mcp_pass(mcp->to_client, message);
}

static int add_words(const struct message *message, const struct cJSON *reasons)
{
	char *text = NULL;
	size_t len;
	int err = refusals_add((const char *)evbuffer_pullup(message->bytes, -1),
			       evbuffer_get_length(message->bytes), reasons, &text, &len);

	if (!err && text)
		err = set_text(message, text, len);
	free(text);
	return err;
}

/* To the words of a failed call: what was refused to it meanwhile. */
static int add_reasons(struct mcp *mcp, const struct message *message, const struct id_entry *call)
{
	struct cJSON *reasons;
	int err;

	if (!mcp->ops->call_reasons || !message_failed(message->scan) || !enforces(mcp))
		return 0;
	reasons = cJSON_CreateArray();
	if (!reasons)
		return -ENOMEM;
	mcp->ops->drain(mcp->session);
	err = mcp->ops->call_reasons(mcp->session, call->call, reasons);
	if (!err && reasons->child)
		err = add_words(message, reasons);
	cJSON_Delete(reasons);
	return err;
}

int mcp_output_answer(struct mcp *mcp, const struct message *message, struct id_entry *call)
{
	char why[MCP_WHY_MAX];
	size_t count = 0;
	int err = mcp_result_judge(mcp, message, call, why);

	if (err == -EACCES)
		return mcp_output_withhold(mcp, message->scan, why);
	if (!err)
		err = add_reasons(mcp, message, call);
	if (!err)
		err = redact(mcp, message, &count);
	if (err == -E2BIG)
		return mcp_output_withhold(mcp, message->scan, too_hard);
	if (err)
		return err;
	if (count)
		mcp->ops->call_redacted(mcp->session, call->call, count);
	err = mcp_calls_end(mcp, call, message_failed(message->scan) ? "error" : "done");
	return err ? err : mcp_pass(mcp->to_client, message);
}
