// SPDX-License-Identifier: Apache-2.0
/* dfa_lists.c - what a state accepts; equal lists are one. */
#include <errno.h>
#include <string.h>

#include "accept.h"
#include "bpf/rule.h"
#include "dfa_builder.h"
#include "policy/grow.h"

static uint64_t hash_of(const uint64_t *entries, size_t len)
{
	return dfa_hash(entries, len * 2);
}

static int grow_table(struct dfa_builder *b)
{
	size_t want = b->lists_table_len ? b->lists_table_len * 4 : 64, at;
	const struct dfa *dfa = b->dfa;
	uint32_t *table = calloc(want, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (size_t i = 1; i < dfa->lists_len; i += dfa->lists[i] + 1) {
		at = hash_of(dfa->lists + i + 1, dfa->lists[i]) & (want - 1);
		while (table[at])
			at = (at + 1) & (want - 1);
		table[at] = (uint32_t)i;
	}
	free(b->lists);
	b->lists = table;
	b->lists_table_len = want;
	return 0;
}

static int add_list(struct dfa_builder *b, size_t len, uint32_t *ret_list)
{
	struct dfa *dfa = b->dfa;

	if (GROW(dfa->lists, dfa->lists_len + len + 1, dfa->lists_max) < 0)
		return -ENOMEM;
	*ret_list = (uint32_t)dfa->lists_len;
	dfa->lists[dfa->lists_len++] = len;
	memcpy(dfa->lists + dfa->lists_len, b->entries, len * sizeof(*b->entries));
	dfa->lists_len += len;
	b->lists_count++;
	return 0;
}

static int find_list(struct dfa_builder *b, size_t len, uint32_t *ret_list)
{
	const struct dfa *dfa = b->dfa;
	size_t at;
	int r;

	if (b->lists_count * 2 >= b->lists_table_len && (r = grow_table(b)) < 0)
		return r;
	at = hash_of(b->entries, len) & (b->lists_table_len - 1);
	for (; b->lists[at]; at = (at + 1) & (b->lists_table_len - 1)) {
		*ret_list = b->lists[at];
		if (dfa->lists[*ret_list] == len &&
		    !memcmp(dfa->lists + *ret_list + 1, b->entries, len * sizeof(*b->entries)))
			return 0;
	}
	r = add_list(b, len, &b->lists[at]);
	*ret_list = b->lists[at];
	return r;
}

int dfa_set_accept(struct dfa_builder *b, uint32_t state)
{
	const struct dfa_set *set = &b->sets[state];
	size_t len = 0;
	uint32_t flags = 0;

	for (uint32_t i = 0; i < set->len; i++) {
		const struct nfa_item *item = &b->nfa->items[b->positions[set->first + i]];

		if (b->nfa->patterns[item->pattern].guarded)
			flags |= EC_STATE_NEVER_BELOW;
		if (item->kind != NFA_ACCEPT && item->kind != NFA_ALSO)
			continue;
		if (GROW(b->entries, len + 1, b->entries_max) < 0)
			return -ENOMEM;
		b->entries[len++] = b->nfa->entries[item->index];
	}
	len = accept_reduce(b->entries, len);
	if (len > EC_MAX_ACCEPT)
		return -EOVERFLOW;
	b->dfa->states[state].flags = flags | accept_quiet(b->entries, len);
	return len ? find_list(b, len, &b->dfa->states[state].list) : 0;
}
