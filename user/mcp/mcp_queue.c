// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_queue.c - calls that wait, in the order in which they came. A call that
 * is open alone has every effect to itself; its deadline begins when it is
 * sent, so that no call loses time to another.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "answer.h"
#include "mcp_impl.h"

static bool may_open(const struct mcp *mcp, bool alone)
{
	return !mcp_peers_open(mcp) || (!alone && !mcp_peers_alone(mcp));
}

/* Nobody overtakes, so nobody waits for ever. */
bool mcp_queue_must_wait(const struct mcp *mcp, bool alone)
{
	return mcp_peers_wait(mcp) || !may_open(mcp, alone);
}

int mcp_queue_add(struct mcp *mcp, const struct message_id *id, const struct message *message,
		  bool alone, struct session_settled settled)
{
	struct mcp_queue *queue = &mcp->queue;
	size_t len = evbuffer_get_length(message->bytes);
	uint64_t ticket = mcp_peers_ticket(mcp);
	struct evbuffer *bytes;

	if (queue->len == ID_TABLE_MAX || len > MCP_QUEUE_MAX - queue->bytes - mcp->asks.bytes)
		return -E2BIG;
	bytes = evbuffer_new();
	if (!bytes || evbuffer_add_buffer(bytes, message->bytes)) {
		if (bytes)
			evbuffer_free(bytes);
		return -ENOMEM;
	}
	queue->at[queue->len++] = (struct mcp_waiting) { .id = *id,
							 .bytes = bytes,
							 .newline = message->newline,
							 .alone = alone,
							 .settled = settled,
							 .ticket = ticket };
	queue->bytes += len;
	return 0;
}

static struct mcp_waiting take(struct mcp_queue *queue, size_t i)
{
	struct mcp_waiting taken = queue->at[i];

	queue->len--;
	memmove(&queue->at[i], &queue->at[i + 1], (queue->len - i) * sizeof(queue->at[0]));
	queue->bytes -= evbuffer_get_length(taken.bytes);
	return taken;
}

static size_t find(const struct mcp_queue *queue, const struct message_id *id)
{
	size_t i = 0;

	while (i < queue->len && (queue->at[i].id.key_len != id->key_len ||
				  memcmp(queue->at[i].id.key, id->key, id->key_len)))
		i++;
	return i;
}

bool mcp_queue_has(const struct mcp *mcp, const struct message_id *id)
{
	return find(&mcp->queue, id) < mcp->queue.len;
}

bool mcp_queue_remove(struct mcp *mcp, const struct message_id *id)
{
	size_t i = find(&mcp->queue, id);

	if (i == mcp->queue.len)
		return false;
	evbuffer_free(take(&mcp->queue, i).bytes);
	mcp_peers_wake(mcp);
	return true;
}

int mcp_queue_run(struct mcp *mcp)
{
	int err = 0;

	while (!err && mcp->queue.len && mcp_peers_is_first(mcp) &&
	       may_open(mcp, mcp->queue.at[0].alone)) {
		struct mcp_waiting next = take(&mcp->queue, 0);
		const char *text = (const char *)evbuffer_pullup(next.bytes, -1);
		struct json_scan scan;

		message_scan_init(&scan);
		if (text)
			json_scan_feed(&scan, text, evbuffer_get_length(next.bytes));
		err = -ENOMEM;
		if (text && json_scan_finish(&scan) == JSON_OBJECT)
			err = mcp_request_waited(
				mcp, &(struct message) { &scan, next.bytes, next.newline, false },
				next.settled);
		evbuffer_free(next.bytes);
		mcp_peers_wake(mcp);
	}
	return err;
}

int mcp_queue_abandon(struct mcp *mcp, const char *text)
{
	int err = 0;

	while (!err && mcp->queue.len) {
		struct mcp_waiting next = take(&mcp->queue, 0);

		evbuffer_free(next.bytes);
		err = answer_refusal(mcp_answers(mcp), next.id.raw, text);
	}
	mcp_peers_wake(mcp);
	return err;
}

void mcp_queue_done(struct mcp *mcp)
{
	while (mcp->queue.len)
		evbuffer_free(take(&mcp->queue, 0).bytes);
}
