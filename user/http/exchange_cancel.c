// SPDX-License-Identifier: Apache-2.0
/*
 * exchange_cancel.c - over HTTP a request is cancelled by another request: the
 * conversation that has the call is told of it.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "proxy_impl.h"
#include "user/mcp/mcp.h"

static bool is_of(const struct exchange *other, const struct exchange *exchange,
		  const struct message_id *id)
{
	return other != exchange && !other->is_over && other->is_request &&
	       !strcmp(other->session, exchange->session) && other->id.key_len == id->key_len &&
	       !memcmp(other->id.key, id->key, id->key_len);
}

/* NULL: none, or it cannot be told which. Ids are unique within a session only,
 * and a server may have none. */
static struct exchange *find(const struct exchange *exchange, const struct message_id *id)
{
	struct exchange *other = TAILQ_FIRST(&exchange->proxy->exchanges), *found = NULL;

	for (; other; other = TAILQ_NEXT(other, link)) {
		if (!is_of(other, exchange, id))
			continue;
		if (found)
			return NULL;
		found = other;
	}
	return found;
}

bool exchange_cancel(struct exchange *exchange, const struct message_id *id, struct evbuffer *line)
{
	struct exchange *other = find(exchange, id);
	struct evbuffer *told;
	bool was_pending, unheard;

	if (!other)
		return false;
	was_pending = mcp_pending(other->mcp) > 0;
	proxy_fail(exchange->proxy, mcp_from_client(other->mcp, line));
	/* what the conversation would pass on, this request does */
	told = mcp_to_server(other->mcp);
	unheard = was_pending && !evbuffer_get_length(told);
	if (evbuffer_add_buffer(line, told))
		proxy_fail(exchange->proxy, -ENOMEM);
	if (was_pending && !mcp_pending(other->mcp) && !other->upstream.connection)
		exchange_finish(other);
	return unheard;
}
