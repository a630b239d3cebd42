// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_changes.c - another policy offers other tools. Up to 2025-11-25 a client
 * hears of it if the server declared tools.listChanged; from 2026-07-28 on if
 * it subscribed and the server agreed, under the id of its subscription.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_impl.h"
#include "user/json/json_span.h"

#define SUBSCRIPTION "io.modelcontextprotocol/subscriptionId"
#define CHANGED "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\""

static bool same_id(const struct message_id *a, const struct message_id *b)
{
	return a->key_len == b->key_len && !memcmp(a->key, b->key, a->key_len);
}

/* A subscription has the id of its request; as text if that is a number. */
static bool is_of(const struct message_id *subscription, const struct message_id *request)
{
	return subscription->key_len == request->key_len &&
	       !memcmp(subscription->key + 1, request->key + 1, request->key_len - 1);
}

static void unsubscribe(struct mcp_changes *changes, const struct message_id *request)
{
	for (size_t i = 0; i < changes->subscriptions_len;) {
		if (is_of(&changes->subscriptions[i], request))
			changes->subscriptions[i] =
				changes->subscriptions[--changes->subscriptions_len];
		else
			i++;
	}
}

void mcp_changes_from_client(struct mcp *mcp, const struct json_scan *scan)
{
	enum message_method method = message_method(scan);
	struct message_id id;

	if (method == METHOD_INITIALIZE && !message_id(scan, MESSAGE_ID, &id)) {
		mcp->changes.is_asked = true;
		mcp->changes.asked = id;
	} else if (method == METHOD_CANCELLED && !message_id(scan, MESSAGE_REQUEST_ID, &id)) {
		unsubscribe(&mcp->changes, &id);
	}
}

static struct json_span find(const struct message *message, const char *const *path)
{
	size_t len = evbuffer_get_length(message->bytes);
	const char *text = (const char *)evbuffer_pullup(message->bytes, -1);
	struct json_span at = { 0 };

	if (text)
		at = json_span_value(text, len);
	for (; at.text && *path; path++)
		at = json_span_member(at, *path);
	return at;
}

#define PATH(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void subscribe(struct mcp_changes *changes, const struct message *message)
{
	struct json_span wanted = find(message,
				       PATH("params", "notifications", "toolsListChanged"));
	struct json_span raw = find(message, PATH("params", "_meta", SUBSCRIPTION));
	struct message_id id;

	if (!json_span_is(wanted, "true") || !raw.text || message_id_of(raw.text, raw.len, &id))
		return;
	unsubscribe(changes, &id);
	if (changes->subscriptions_len == MCP_SUBSCRIPTIONS_MAX)
		memmove(changes->subscriptions, changes->subscriptions + 1,
			--changes->subscriptions_len * sizeof(id));
	changes->subscriptions[changes->subscriptions_len++] = id;
}

void mcp_changes_from_server(struct mcp *mcp, const struct message *message)
{
	struct mcp_changes *changes = &mcp->changes;
	enum message_method method = message_method(message->scan);
	struct message_id id;

	if (method == METHOD_ACKNOWLEDGED)
		subscribe(changes, message);
	else if (method == METHOD_CANCELLED && !message_id(message->scan, MESSAGE_REQUEST_ID, &id))
		unsubscribe(changes, &id);
	if (!message_is_response(message->scan) || message_id(message->scan, MESSAGE_ID, &id))
		return;
	unsubscribe(changes, &id);
	if (!changes->is_asked || !same_id(&changes->asked, &id))
		return;
	changes->is_asked = false;
	changes->is_announced = json_span_is(
		find(message, PATH("result", "capabilities", "tools", "listChanged")), "true");
}

void mcp_tell_changes(struct mcp *mcp)
{
	mcp->changes.is_announced = true;
}

int mcp_policy_replaced(struct mcp *mcp)
{
	const struct mcp_changes *changes = &mcp->changes;

	if (changes->is_announced && evbuffer_add_printf(mcp_answers(mcp), CHANGED "}\n") < 0)
		return -ENOMEM;
	for (size_t i = 0; i < changes->subscriptions_len; i++)
		if (evbuffer_add_printf(mcp_answers(mcp),
					CHANGED ",\"params\":{\"_meta\":{\"" SUBSCRIPTION
						"\":%s}}}\n",
					changes->subscriptions[i].raw) < 0)
			return -ENOMEM;
	return 0;
}
