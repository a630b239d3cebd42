// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_ask.c - calls that somebody has to approve, or that guards look at. They are not open, so nobody
 * waits for them; what was approved is judged again when it is sent, as all else
 * may have changed.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "mcp_impl.h"

static void decided(void *ctx, uint64_t number, bool allowed, const char *why)
{
	struct mcp *mcp = ctx;

	for (size_t i = 0; i < mcp->asks.len; i++) {
		struct mcp_asked *asked = mcp->asks.at[i];
		size_t len = strlen(asked->reason);

		if (asked->approval != number)
			continue;
		asked->approval = 0;
		asked->allowed = allowed;
		snprintf(asked->reason + len, sizeof(asked->reason) - len, ": %s", why);
	}
	if (mcp->wake)
		mcp->wake(mcp->wake_ctx);
}

static void asked_free(struct mcp_asked *asked)
{
	if (asked->bytes)
		evbuffer_free(asked->bytes);
	free(asked);
}

static int enter(struct mcp *mcp, struct mcp_asked *asked, const char *tool,
		 const struct session_call *declared)
{
	const struct approval_request request = {
		.tool = tool,
		.reason = declared->reason,
		.question = declared->question,
		.now_ns = mcp_now_ns(),
		.timeout_ms = declared->ask_timeout_ms,
		.decided = decided,
		.ctx = mcp,
	};

	if (!mcp->ops->approvals)
		return -EMFILE;
	asked->settled = declared->settled;
	snprintf(asked->reason, sizeof(asked->reason), "%s", declared->reason);
	return approvals_add(mcp->ops->approvals(mcp->session), &request, &asked->approval);
}

int mcp_ask_add(struct mcp *mcp, const struct message_id *id, const struct message *message,
		const char *tool, const struct session_call *declared)
{
	size_t len = evbuffer_get_length(message->bytes);
	struct mcp_asked *asked;
	int err;

	if (mcp->asks.len == APPROVALS_MAX ||
	    len > MCP_QUEUE_MAX - mcp->queue.bytes - mcp->asks.bytes)
		return -E2BIG;
	asked = calloc(1, sizeof(*asked));
	if (!asked)
		return -ENOMEM;
	asked->id = *id;
	asked->newline = message->newline;
	asked->bytes = evbuffer_new();
	err = asked->bytes && !evbuffer_add_buffer(asked->bytes, message->bytes) ? 0 : -ENOMEM;
	if (!err)
		err = enter(mcp, asked, tool, declared);
	if (err) {
		asked_free(asked);
		return err;
	}
	mcp->asks.at[mcp->asks.len++] = asked;
	mcp->asks.bytes += len;
	if (!declared->question)
		warn_say("a call of the tool %.64s waits: enforcecore approve %" PRIu64, tool,
			 asked->approval);
	return 0;
}

/* The caller frees it. */
static struct mcp_asked *take(struct mcp *mcp, size_t i)
{
	struct mcp_asks *asks = &mcp->asks;
	struct mcp_asked *taken = asks->at[i];

	asks->len--;
	memmove(&asks->at[i], &asks->at[i + 1], (asks->len - i) * sizeof(asks->at[0]));
	asks->bytes -= evbuffer_get_length(taken->bytes);
	return taken;
}

static size_t find(const struct mcp *mcp, const struct message_id *id)
{
	size_t i = 0;

	while (i < mcp->asks.len && (mcp->asks.at[i]->id.key_len != id->key_len ||
				     memcmp(mcp->asks.at[i]->id.key, id->key, id->key_len)))
		i++;
	return i;
}

bool mcp_ask_has(const struct mcp *mcp, const struct message_id *id)
{
	return find(mcp, id) < mcp->asks.len;
}

static void drop(struct mcp *mcp, size_t i, const char *why)
{
	struct mcp_asked *asked = take(mcp, i);

	if (asked->approval)
		approvals_drop(mcp->ops->approvals(mcp->session), asked->approval, why);
	asked_free(asked);
}

bool mcp_ask_remove(struct mcp *mcp, const struct message_id *id)
{
	size_t i = find(mcp, id);

	if (i == mcp->asks.len)
		return false;
	drop(mcp, i, "the client has cancelled the call");
	return true;
}

static int send_on(struct mcp *mcp, const struct mcp_asked *asked)
{
	const char *text = (const char *)evbuffer_pullup(asked->bytes, -1);
	struct json_scan scan;

	message_scan_init(&scan);
	if (!text)
		return -ENOMEM;
	json_scan_feed(&scan, text, evbuffer_get_length(asked->bytes));
	if (json_scan_finish(&scan) != JSON_OBJECT)
		return -EINVAL;
	return mcp_request_settled(mcp,
				   &(struct message) { &scan, asked->bytes, asked->newline, false },
				   asked->settled);
}

static int refuse(struct mcp *mcp, const struct mcp_asked *asked)
{
	char text[sizeof(asked->reason) + 64];

	snprintf(text, sizeof(text), "EnforceCore refused this call: %s", asked->reason);
	return answer_refusal(mcp_answers(mcp), asked->id.raw, text);
}

static int settle(struct mcp *mcp)
{
	int err = 0;

	for (size_t i = 0; !err && i < mcp->asks.len;) {
		if (mcp->asks.at[i]->approval) {
			i++;
			continue;
		}
		struct mcp_asked *asked = take(mcp, i);

		err = asked->allowed ? send_on(mcp, asked) : refuse(mcp, asked);
		asked_free(asked);
		i = 0; /* what was sent may wait again */
	}
	return err;
}

int mcp_ask_run(struct mcp *mcp, uint64_t now_ns, uint64_t *ret_next_ns)
{
	size_t calls = mcp->calls.len;
	uint64_t next_ns;
	int err;

	if (!mcp->asks.len)
		return 0;
	next_ns = approvals_tick(mcp->ops->approvals(mcp->session), now_ns);
	err = settle(mcp);
	if (mcp->calls.len != calls)
		next_ns = now_ns; /* what was sent has a deadline */
	if (next_ns && (!*ret_next_ns || next_ns < *ret_next_ns))
		*ret_next_ns = next_ns;
	return err;
}

int mcp_ask_abandon(struct mcp *mcp, const char *text)
{
	int err = 0;

	while (!err && mcp->asks.len) {
		struct message_id id = mcp->asks.at[0]->id;

		drop(mcp, 0, "the tool server is gone");
		err = answer_refusal(mcp_answers(mcp), id.raw, text);
	}
	return err;
}

void mcp_ask_done(struct mcp *mcp)
{
	while (mcp->asks.len)
		drop(mcp, 0, "the session ends");
}
