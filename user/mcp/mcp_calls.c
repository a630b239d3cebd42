// SPDX-License-Identifier: Apache-2.0
/* mcp_calls.c - how calls end: answered, cancelled, too late, or abandoned. */
#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "mcp_impl.h"

/* What the ring holds belongs to the call while it is open. When the kernel
 * does not end its grants the gateway cannot go on: no answer may pass. */
int mcp_calls_end(struct mcp *mcp, struct id_entry *entry, const char *outcome)
{
	uint64_t call = entry->call;
	int err;

	mcp->ops->drain(mcp->session);
	err = mcp->ops->call_end(mcp->session, call, outcome);
	id_table_remove(&mcp->calls, entry);
	mcp_peers_wake(mcp);
	if (err)
		mcp_note(mcp, "the end of call %" PRIu64 " failed: %s", call, strerror(-err));
	return err == -ENOENT ? 0 : err;
}

int mcp_calls_abandon(struct mcp *mcp, const char *how)
{
	char text[256];
	int err = 0;

	snprintf(text, sizeof(text), "EnforceCore: the tool server %s before it answered this call",
		 how);
	while (!err && mcp->calls.len) {
		struct id_entry *entry = mcp->calls.entries;
		struct message_id id = entry->id;

		err = mcp_calls_end(mcp, entry, "abandoned");
		if (!err)
			err = answer_refusal(mcp_answers(mcp), id.raw, text);
	}
	if (!err)
		err = mcp_ask_abandon(mcp, text);
	return err ? err : mcp_queue_abandon(mcp, text);
}

/* Ends the line that is streaming to the client where it is: the client sees
 * a broken line instead of none at all. The rest is dropped. */
static int cut_line(struct mcp *mcp)
{
	mcp_note(mcp,
		 "a line of the tool server that would not end was cut after %" PRIu64 " bytes",
		 mcp->server.len);
	mcp->server.mode = LINE_DROPPED;
	mcp->client_in_line = false;
	if (evbuffer_add(mcp->to_client, "\n", 1))
		return -ENOMEM;
	return mcp_flush_held(mcp);
}

static bool streams_answer_to(const struct mcp *mcp, const struct message_id *id)
{
	struct message_id streaming;

	return mcp->server.mode == LINE_STREAMS &&
	       !message_id(&mcp->server.scan, MESSAGE_ID, &streaming) &&
	       message_is_response(&mcp->server.scan) && streaming.key_len == id->key_len &&
	       !memcmp(streaming.key, id->key, id->key_len);
}

static int end_late(struct mcp *mcp, struct id_entry *entry)
{
	double seconds = (double)(entry->deadline_ns - entry->begin_ns) / 1e9;
	struct message_id id = entry->id;
	char text[128];
	int err;

	err = mcp_calls_end(mcp, entry, "deadline");
	if (!err && streams_answer_to(mcp, &id))
		err = cut_line(mcp);
	else
		id_table_push(&mcp->late, &id);
	if (err)
		return err;
	snprintf(text, sizeof(text), "EnforceCore ended this call: deadline of %.3g s passed",
		 seconds);
	mcp_note(mcp, "request %s: the deadline of %.3g s passed", id.raw, seconds);
	return answer_refusal(mcp_answers(mcp), id.raw, text);
}

/* Is the line that streams the answer to an open call? Then the deadline of
 * that call is the limit for it. */
static bool line_has_deadline(struct mcp *mcp)
{
	struct message_id id;

	return !message_id(&mcp->server.scan, MESSAGE_ID, &id) && id_table_find(&mcp->calls, &id);
}

static void earlier(uint64_t *next_ns, uint64_t time_ns)
{
	if (time_ns && (!*next_ns || time_ns < *next_ns))
		*next_ns = time_ns;
}

int mcp_tick(struct mcp *mcp, uint64_t now_ns, uint64_t *ret_next_ns)
{
	uint64_t cut_ns;
	int err = 0;

	*ret_next_ns = 0;
	for (size_t i = 0; !err && i < mcp->calls.len;) {
		struct id_entry *entry = &mcp->calls.entries[i];

		if (entry->deadline_ns && entry->deadline_ns <= now_ns) {
			err = end_late(mcp, entry);
		} else {
			earlier(ret_next_ns, entry->deadline_ns);
			i++;
		}
	}
	if (!err)
		err = mcp_ask_run(mcp, now_ns, ret_next_ns);
	if (!err && mcp->queue.len) {
		size_t waiting = mcp->queue.len;

		err = mcp_queue_run(mcp);
		if (mcp->queue.len < waiting)
			*ret_next_ns = now_ns; /* what was sent has a deadline */
	}
	if (err || !mcp->held_since_ns || line_has_deadline(mcp))
		return err;
	cut_ns = mcp->held_since_ns +
		 (json_scan_failed(&mcp->server.scan) ? MCP_CUT_GARBAGE_NS : MCP_CUT_MESSAGE_NS);
	if (cut_ns <= now_ns)
		return cut_line(mcp);
	earlier(ret_next_ns, cut_ns);
	return 0;
}
