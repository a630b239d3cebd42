// SPDX-License-Identifier: Apache-2.0
/*
 * mcp_peers.c - conversations that share one server. Each asks the others what
 * is open and who waits, so that nothing is counted in two places.
 */
#include "mcp_impl.h"

void mcp_peers_init(struct mcp *mcp)
{
	mcp->next = mcp->prev = mcp;
}

void mcp_share(struct mcp *mcp, struct mcp *with)
{
	mcp->prev = with;
	mcp->next = with->next;
	with->next->prev = mcp;
	with->next = mcp;
}

void mcp_peers_leave(struct mcp *mcp)
{
	mcp_peers_wake(mcp);
	mcp->prev->next = mcp->next;
	mcp->next->prev = mcp->prev;
	mcp_peers_init(mcp);
}

static bool has_open(const struct mcp *mcp)
{
	return mcp->calls.len > 0;
}

static bool has_alone(const struct mcp *mcp)
{
	return mcp->calls.len > 0 && mcp->calls.entries[0].alone;
}

static bool has_waiting(const struct mcp *mcp)
{
	return mcp->queue.len > 0;
}

static bool any(const struct mcp *mcp, bool (*is)(const struct mcp *mcp))
{
	const struct mcp *peer = mcp;

	do {
		if (is(peer))
			return true;
		peer = peer->next;
	} while (peer != mcp);
	return false;
}

bool mcp_peers_open(const struct mcp *mcp)
{
	return any(mcp, has_open);
}

bool mcp_peers_alone(const struct mcp *mcp)
{
	return any(mcp, has_alone);
}

bool mcp_peers_wait(const struct mcp *mcp)
{
	return any(mcp, has_waiting);
}

/* Above those of all that wait now: others are compared with no more. */
uint64_t mcp_peers_ticket(const struct mcp *mcp)
{
	const struct mcp *peer = mcp;
	uint64_t last = 0;

	do {
		const struct mcp_queue *queue = &peer->queue;

		if (queue->len && queue->at[queue->len - 1].ticket > last)
			last = queue->at[queue->len - 1].ticket;
		peer = peer->next;
	} while (peer != mcp);
	return last + 1;
}

bool mcp_peers_is_first(const struct mcp *mcp)
{
	for (const struct mcp *peer = mcp->next; peer != mcp; peer = peer->next)
		if (peer->queue.len && peer->queue.at[0].ticket < mcp->queue.at[0].ticket)
			return false;
	return true;
}

void mcp_peers_wake(const struct mcp *mcp)
{
	for (const struct mcp *peer = mcp->next; peer != mcp; peer = peer->next)
		if (peer->queue.len && peer->wake)
			peer->wake(peer->wake_ctx);
}
