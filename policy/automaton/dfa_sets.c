// SPDX-License-Identifier: Apache-2.0
/* dfa_sets.c - sets of positions, each of them one state. */
#include <errno.h>
#include <string.h>

#include "dfa_builder.h"
#include "policy/grow.h"

/* All sets of positions together, 256 MiB: patterns that multiply each other
 * (many double stars, each followed by stars) end here. */
#define POSITIONS_MAX (1u << 26)
/* Positions entered while building, two or three seconds of work. */
#define EFFORT_MAX ((size_t)1 << 28)

static int put(struct dfa_builder *b, uint32_t position)
{
	if (++b->effort > EFFORT_MAX)
		return -E2BIG;
	if (GROW(b->next, b->next_len + 1, b->next_max) < 0)
		return -ENOMEM;
	b->next[b->next_len++] = position;
	return 0;
}

int dfa_enter(struct dfa_builder *b, uint32_t position)
{
	const struct nfa_item *items = b->nfa->items;
	int r = 0;

	for (;; position++) {
		switch (items[position].kind) {
		case NFA_SKIP:
			r = put(b, position + 1);
			position++;
			break;
		case NFA_STAR:
		case NFA_ANY:
		case NFA_ALSO:
			r = put(b, position);
			break;
		default:
			return put(b, position);
		}
		if (r < 0)
			return r;
	}
}

int dfa_step(struct dfa_builder *b, uint32_t position, unsigned int byte)
{
	const struct nfa_item *item = &b->nfa->items[position];
	int r;

	switch (item->kind) {
	case NFA_SET:
		return nfa_set_has(&b->nfa->sets[item->index], byte) ? dfa_enter(b, position + 1) :
								       0;
	case NFA_STAR:
		return byte == '/' ? 0 : dfa_enter(b, position);
	case NFA_ANY:
		return dfa_enter(b, position);
	case NFA_LOOP:
		r = put(b, position);
		return r < 0 || byte != '/' ? r : dfa_enter(b, position + 1);
	default:
		return dfa_enter(b, position + 1); /* NFA_BYTE: the caller knows */
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_next(struct dfa_builder *b)
{
	uint32_t *at = b->next;
	size_t len = b->next_len, kept = 0, i, j;

	for (i = 1; i < len && at[i - 1] < at[i]; i++)
		;
	if (i >= len)
		return;
	if (len > 24) {
		qsort(at, len, sizeof(*at), by_number);
	} else {
		for (i = 1; i < len; i++) {
			uint32_t value = at[i];

			for (j = i; j > 0 && at[j - 1] > value; j--)
				at[j] = at[j - 1];
			at[j] = value;
		}
	}
	for (i = 0; i < len; i++)
		if (!kept || at[kept - 1] != at[i])
			at[kept++] = at[i];
	b->next_len = kept;
}

static int rehash(struct dfa_builder *b)
{
	size_t len = b->table_len ? b->table_len * 4 : 256;
	uint32_t *table = calloc(len, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (uint32_t s = 1; s < b->sets_len; s++) {
		const struct dfa_set *set = &b->sets[s];
		size_t at = dfa_hash(b->positions + set->first, set->len) & (len - 1);

		while (table[at])
			at = (at + 1) & (len - 1);
		table[at] = s;
	}
	free(b->table);
	b->table = table;
	b->table_len = len;
	return 0;
}

int dfa_add_state(struct dfa_builder *b, uint32_t *ret_state)
{
	struct dfa *dfa = b->dfa;

	if (dfa->states_len > b->states_max || b->positions_len + b->next_len > POSITIONS_MAX)
		return -E2BIG;
	if (GROW(dfa->states, dfa->states_len + 1, dfa->states_max) < 0 ||
	    GROW(b->sets, b->sets_len + 1, b->sets_max) < 0 ||
	    GROW(b->positions, b->positions_len + b->next_len, b->positions_max) < 0)
		return -ENOMEM;
	memset(&dfa->states[dfa->states_len], 0, sizeof(*dfa->states));
	b->sets[b->sets_len].first = (uint32_t)b->positions_len;
	b->sets[b->sets_len].len = (uint32_t)b->next_len;
	if (b->next_len)
		memcpy(b->positions + b->positions_len, b->next, b->next_len * sizeof(*b->next));
	b->positions_len += b->next_len;
	b->sets_len++;
	*ret_state = (uint32_t)dfa->states_len++;
	return 0;
}

int dfa_intern(struct dfa_builder *b, uint32_t *ret_state)
{
	uint32_t *slot;
	size_t at;
	int r;

	*ret_state = 0;
	if (!b->next_len)
		return 0;
	sort_next(b);
	b->next_len = dfa_prune(b->nfa, b->next, b->next_len);
	if (b->sets_len * 2 >= b->table_len && (r = rehash(b)) < 0)
		return r;
	at = dfa_hash(b->next, b->next_len) & (b->table_len - 1);
	for (; *(slot = &b->table[at]); at = (at + 1) & (b->table_len - 1)) {
		const struct dfa_set *set = &b->sets[*slot];

		if (set->len == b->next_len &&
		    !memcmp(b->positions + set->first, b->next, set->len * sizeof(*b->next)))
			break;
	}
	if (!*slot && (r = dfa_add_state(b, slot)) < 0)
		return r;
	*ret_state = *slot;
	b->next_len = 0;
	return 0;
}
