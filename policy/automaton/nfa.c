// SPDX-License-Identifier: Apache-2.0
#include "nfa.h"

#include "accept.h"
#include "policy/grow.h"

#include <errno.h>
#include <string.h>

/* Positions are 32-bit and are held in sets: past this a policy is no policy. */
#define ITEMS_MAX (1u << 24)

void nfa_done(struct nfa *nfa)
{
	free(nfa->items);
	free(nfa->sets);
	free(nfa->entries);
	free(nfa->patterns);
	memset(nfa, 0, sizeof(*nfa));
}

static struct nfa_item *add(struct nfa *nfa, enum nfa_kind kind)
{
	struct nfa_pattern *pattern;
	struct nfa_item *item;

	if (nfa->error)
		return NULL;
	pattern = &nfa->patterns[nfa->patterns_len - 1];
	if (nfa->items_len >= ITEMS_MAX) {
		nfa->error = -E2BIG;
		return NULL;
	}
	if (GROW(nfa->items, nfa->items_len + 1, nfa->items_max) < 0) {
		nfa->error = -ENOMEM;
		return NULL;
	}
	item = &nfa->items[nfa->items_len];
	memset(item, 0, sizeof(*item));
	item->kind = (uint8_t)kind;
	item->pattern = (uint32_t)nfa->patterns_len - 1;
	if (kind == NFA_LOOP ||
	    (kind != NFA_ACCEPT && nfa->items_len > pattern->start && item[-1].kind == NFA_ANY))
		pattern->wanders = true;
	nfa->items_len++;
	return item;
}

void nfa_begin(struct nfa *nfa, bool guarded)
{
	struct nfa_pattern *pattern;

	if (GROW(nfa->patterns, nfa->patterns_len + 1, nfa->patterns_max) < 0) {
		nfa->error = -ENOMEM;
		return;
	}
	pattern = &nfa->patterns[nfa->patterns_len++];
	memset(pattern, 0, sizeof(*pattern));
	pattern->start = (uint32_t)nfa->items_len;
	pattern->guarded = guarded;
}

void nfa_item(struct nfa *nfa, enum nfa_kind kind, uint8_t byte)
{
	struct nfa_item *item = add(nfa, kind);

	if (item)
		item->byte = byte;
}

void nfa_bytes(struct nfa *nfa, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		nfa_item(nfa, NFA_BYTE, at[i]);
}

static int find_set(struct nfa *nfa, const struct nfa_set *set)
{
	/* most are '?' again: look at the last few */
	for (size_t i = nfa->sets_len; i > 0 && nfa->sets_len - i < 8; i--)
		if (!memcmp(&nfa->sets[i - 1], set, sizeof(*set)))
			return (int)(i - 1);
	if (GROW(nfa->sets, nfa->sets_len + 1, nfa->sets_max) < 0)
		return -ENOMEM;
	nfa->sets[nfa->sets_len] = *set;
	return (int)nfa->sets_len++;
}

void nfa_set(struct nfa *nfa, const struct nfa_set *set)
{
	struct nfa_item *item = add(nfa, NFA_SET);
	int index;

	if (!item)
		return;
	index = find_set(nfa, set);
	if (index < 0)
		nfa->error = index;
	else
		item->index = (uint32_t)index;
}

void nfa_any_byte(struct nfa *nfa, bool path)
{
	struct nfa_set set;

	memset(&set, 0xff, sizeof(set));
	if (path)
		set.bits['/' >> 6] &= ~(1ull << ('/' & 63));
	nfa_set(nfa, &set);
}

void nfa_accept(struct nfa *nfa, enum nfa_kind kind, uint64_t entry)
{
	struct nfa_item *item = add(nfa, kind);
	struct nfa_pattern *pattern;

	if (!item)
		return;
	if (GROW(nfa->entries, nfa->entries_len + 1, nfa->entries_max) < 0) {
		nfa->error = -ENOMEM;
		return;
	}
	pattern = &nfa->patterns[nfa->patterns_len - 1];
	pattern->who = EC_ACCEPT_WHO(entry);
	pattern->ops |= EC_ACCEPT_OPS(entry);
	pattern->rule = EC_ACCEPT_RULE(entry);
	item->index = (uint32_t)nfa->entries_len;
	nfa->entries[nfa->entries_len++] = entry;
}
