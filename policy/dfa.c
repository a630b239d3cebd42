// SPDX-License-Identifier: Apache-2.0
/*
 * dfa.c - subset construction. A state looks only at the bytes that its
 * positions name; all others go one way together, so that a policy of many
 * literal rules costs about one step per byte of it.
 */
#include "dfa.h"

#include <errno.h>
#include <string.h>

#include "accept.h"
#include "bpf/rule.h"
#include "grow.h"

/* All sets of positions together, 256 MiB: patterns that multiply each other
 * (many double stars, each followed by stars) end here. */
#define POSITIONS_MAX (1u << 26)

struct set {
	uint32_t first;
	uint32_t len;
};

struct builder {
	const struct nfa *nfa;
	struct dfa *dfa;
	size_t states_max;
	struct set *sets; /* of each state */
	size_t sets_len, sets_max;
	uint32_t *positions;
	size_t positions_len, positions_max;
	uint32_t *table; /* hash of a set -> state, 0 = free */
	size_t table_len;
	uint32_t *next; /* the set being made */
	size_t next_len, next_max;
	uint32_t *loops; /* positions of a state that any byte may move */
	size_t loops_len, loops_max;
	uint32_t *named; /* positions of a state waiting for one byte */
	size_t named_len, named_max;
	uint32_t *links; /* named: the next one with the same byte, + 1 */
	size_t links_max;
	uint32_t head[256], tail[256]; /* named by byte, + 1 */
	uint32_t target[256];
	uint64_t *entries;
	size_t entries_max;
	uint32_t *lists; /* hash of an accept list -> its first word */
	size_t lists_table_len, lists_count;
};

static void builder_done(struct builder *b)
{
	free(b->sets);
	free(b->positions);
	free(b->table);
	free(b->next);
	free(b->loops);
	free(b->named);
	free(b->links);
	free(b->entries);
	free(b->lists);
}

static uint64_t hash_words(const uint32_t *words, size_t len)
{
	uint64_t hash = len;

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return hash;
}

/* --- the set being made --- */

static int put(struct builder *b, uint32_t position)
{
	if (GROW(b->next, b->next_len + 1, b->next_max) < 0)
		return -ENOMEM;
	b->next[b->next_len++] = position;
	return 0;
}

/* Adds a position and all that it reaches without a byte. */
static int enter(struct builder *b, uint32_t position)
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

/* Adds where `position` goes on `byte`. */
static int step(struct builder *b, uint32_t position, unsigned int byte)
{
	const struct nfa_item *item = &b->nfa->items[position];
	int r;

	switch (item->kind) {
	case NFA_SET:
		return nfa_set_has(&b->nfa->sets[item->index], byte) ?
			       enter(b, position + 1) :
			       0;
	case NFA_STAR:
		return byte == '/' ? 0 : enter(b, position);
	case NFA_ANY:
		return enter(b, position);
	case NFA_LOOP:
		r = put(b, position);
		return r < 0 || byte != '/' ? r : enter(b, position + 1);
	default:
		return enter(b, position + 1); /* NFA_BYTE: the caller knows */
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_next(struct builder *b)
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

/* --- states --- */

static int rehash(struct builder *b)
{
	size_t len = b->table_len ? b->table_len * 4 : 256;
	uint32_t *table = calloc(len, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (uint32_t s = 1; s < b->sets_len; s++) {
		const struct set *set = &b->sets[s];
		size_t at = hash_words(b->positions + set->first, set->len) & (len - 1);

		while (table[at])
			at = (at + 1) & (len - 1);
		table[at] = s;
	}
	free(b->table);
	b->table = table;
	b->table_len = len;
	return 0;
}

static int add_state(struct builder *b, uint32_t *ret_state)
{
	struct dfa *dfa = b->dfa;

	if (dfa->states_len > b->states_max ||
	    b->positions_len + b->next_len > POSITIONS_MAX)
		return -E2BIG;
	if (GROW(dfa->states, dfa->states_len + 1, dfa->states_max) < 0 ||
	    GROW(b->sets, b->sets_len + 1, b->sets_max) < 0 ||
	    GROW(b->positions, b->positions_len + b->next_len, b->positions_max) < 0)
		return -ENOMEM;
	memset(&dfa->states[dfa->states_len], 0, sizeof(*dfa->states));
	b->sets[b->sets_len].first = (uint32_t)b->positions_len;
	b->sets[b->sets_len].len = (uint32_t)b->next_len;
	if (b->next_len)
		memcpy(b->positions + b->positions_len, b->next,
		       b->next_len * sizeof(*b->next));
	b->positions_len += b->next_len;
	b->sets_len++;
	*ret_state = (uint32_t)dfa->states_len++;
	return 0;
}

/* The state of the set being made, which is then empty again. */
static int intern(struct builder *b, uint32_t *ret_state)
{
	uint32_t *slot;
	size_t at;
	int r;

	*ret_state = 0;
	if (!b->next_len)
		return 0;
	sort_next(b);
	if (b->sets_len * 2 >= b->table_len && (r = rehash(b)) < 0)
		return r;
	at = hash_words(b->next, b->next_len) & (b->table_len - 1);
	for (; *(slot = &b->table[at]); at = (at + 1) & (b->table_len - 1)) {
		const struct set *set = &b->sets[*slot];

		if (set->len == b->next_len &&
		    !memcmp(b->positions + set->first, b->next,
			    set->len * sizeof(*b->next)))
			break;
	}
	if (!*slot && (r = add_state(b, slot)) < 0)
		return r;
	*ret_state = *slot;
	b->next_len = 0;
	return 0;
}

/* --- what a state accepts --- */

static int find_list(struct builder *b, size_t len, uint32_t *ret_list)
{
	struct dfa *dfa = b->dfa;
	uint64_t hash = hash_words((const uint32_t *)b->entries, len * 2);
	size_t at;

	if (b->lists_count * 2 >= b->lists_table_len) {
		size_t want = b->lists_table_len ? b->lists_table_len * 4 : 64;
		uint32_t *table = calloc(want, sizeof(*table));

		if (!table)
			return -ENOMEM;
		for (size_t i = 1; i < dfa->lists_len; i += dfa->lists[i] + 1) {
			at = hash_words((const uint32_t *)(dfa->lists + i + 1),
					dfa->lists[i] * 2) & (want - 1);
			while (table[at])
				at = (at + 1) & (want - 1);
			table[at] = (uint32_t)i;
		}
		free(b->lists);
		b->lists = table;
		b->lists_table_len = want;
	}
	for (at = hash & (b->lists_table_len - 1); b->lists[at];
	     at = (at + 1) & (b->lists_table_len - 1)) {
		*ret_list = b->lists[at];
		if (dfa->lists[*ret_list] == len &&
		    !memcmp(dfa->lists + *ret_list + 1, b->entries,
			    len * sizeof(*b->entries)))
			return 0;
	}
	if (GROW(dfa->lists, dfa->lists_len + len + 1, dfa->lists_max) < 0)
		return -ENOMEM;
	*ret_list = b->lists[at] = (uint32_t)dfa->lists_len;
	b->lists_count++;
	dfa->lists[dfa->lists_len++] = len;
	memcpy(dfa->lists + dfa->lists_len, b->entries, len * sizeof(*b->entries));
	dfa->lists_len += len;
	return 0;
}

static int set_accept(struct builder *b, uint32_t state)
{
	const struct set *set = &b->sets[state];
	size_t len = 0;
	uint32_t flags = 0;

	for (uint32_t i = 0; i < set->len; i++) {
		const struct nfa_item *item = &b->nfa->items[b->positions[set->first + i]];

		if (item->guarded)
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

/* --- where a state leads --- */

static int sort_out(struct builder *b, uint32_t state, bool *ret_has_sets)
{
	const struct set set = b->sets[state];

	b->loops_len = b->named_len = 0;
	*ret_has_sets = false;
	if (GROW(b->loops, set.len, b->loops_max) < 0 ||
	    GROW(b->named, set.len, b->named_max) < 0 ||
	    GROW(b->links, set.len, b->links_max) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < set.len; i++) {
		uint32_t position = b->positions[set.first + i];
		const struct nfa_item *item = &b->nfa->items[position];

		switch (item->kind) {
		case NFA_ACCEPT:
		case NFA_ALSO:
			break;
		case NFA_BYTE:
			b->links[b->named_len] = 0;
			b->named[b->named_len++] = position;
			if (b->head[item->byte])
				b->links[b->tail[item->byte] - 1] = (uint32_t)b->named_len;
			else
				b->head[item->byte] = (uint32_t)b->named_len;
			b->tail[item->byte] = (uint32_t)b->named_len;
			break;
		case NFA_SET:
			*ret_has_sets = true;
			__attribute__((fallthrough));
		default:
			b->loops[b->loops_len++] = position;
		}
	}
	return 0;
}

static int target_of(struct builder *b, unsigned int byte, uint32_t *ret_state)
{
	int r;

	b->next_len = 0;
	for (size_t i = 0; i < b->loops_len; i++)
		if ((r = step(b, b->loops[i], byte)) < 0)
			return r;
	for (uint32_t at = b->head[byte]; at; at = b->links[at - 1])
		if ((r = step(b, b->named[at - 1], byte)) < 0)
			return r;
	return intern(b, ret_state);
}

static int add_edge(struct dfa *dfa, unsigned int byte, uint32_t to)
{
	if (GROW(dfa->edges, dfa->edges_len + 1, dfa->edges_max) < 0)
		return -ENOMEM;
	dfa->edges[dfa->edges_len].byte = (uint8_t)byte;
	dfa->edges[dfa->edges_len++].to = to;
	return 0;
}

/* The state that most bytes lead to (Boyer-Moore; any answer is correct, a
 * majority makes the shortest row). */
static uint32_t majority(const uint32_t *target)
{
	uint32_t best = target[0];
	int votes = 0;

	for (unsigned int byte = 0; byte < 256; byte++) {
		if (!votes)
			best = target[byte];
		votes += target[byte] == best ? 1 : -1;
	}
	return best;
}

/* Bytes that no position tells apart get the same class. */
static void classify(const struct builder *b, unsigned int class[256])
{
	unsigned int len = 1, byte;

	for (byte = 0; byte < 256; byte++)
		class[byte] = byte == '/' || b->head[byte] ? len++ : 0;
	for (size_t i = 0; i < b->loops_len; i++) {
		const struct nfa_item *item = &b->nfa->items[b->loops[i]];
		unsigned int split[257][2] = { { 0 } }, count = 0;

		if (item->kind != NFA_SET)
			continue;
		for (byte = 0; byte < 256; byte++) {
			bool in = nfa_set_has(&b->nfa->sets[item->index], byte);
			unsigned int *to = &split[class[byte]][in];

			if (!*to)
				*to = ++count;
			class[byte] = *to - 1;
		}
	}
}

/* Sets of bytes: one byte of each class is asked. */
static int lead_all(struct builder *b, uint32_t state)
{
	unsigned int class[256], byte;
	uint32_t answer[257], *target = b->target;
	bool asked[257] = { false };
	int r;

	classify(b, class);
	for (byte = 0; byte < 256; byte++) {
		unsigned int c = class[byte];

		if (!asked[c] && (r = target_of(b, byte, &answer[c])) < 0)
			return r;
		asked[c] = true;
		target[byte] = answer[c];
	}
	b->dfa->states[state].other = majority(target);
	for (byte = 0; byte < 256; byte++)
		if (target[byte] != b->dfa->states[state].other &&
		    (r = add_edge(b->dfa, byte, target[byte])) < 0)
			return r;
	return 0;
}

/* Only single bytes and loops: what is not named goes one way. */
static int lead_named(struct builder *b, uint32_t state)
{
	unsigned int free_byte = 1, byte;
	uint32_t to, other;
	int r;

	while (free_byte == '/' || (free_byte < 256 && b->head[free_byte]))
		free_byte++;
	if (free_byte > 255)
		return lead_all(b, state);
	if ((r = target_of(b, free_byte, &other)) < 0)
		return r;
	b->dfa->states[state].other = other;
	for (byte = 0; byte < 256; byte++) {
		if (!b->head[byte] && byte != '/')
			continue;
		if ((r = target_of(b, byte, &to)) < 0)
			return r;
		if (to != other && (r = add_edge(b->dfa, byte, to)) < 0)
			return r;
	}
	return 0;
}

/* The commonest state of all: one position, one byte. */
static int lead_single(struct builder *b, uint32_t position)
{
	uint32_t to;
	int r;

	b->next_len = 0;
	if ((r = enter(b, position + 1)) < 0 || (r = intern(b, &to)) < 0)
		return r;
	return add_edge(b->dfa, b->nfa->items[position].byte, to);
}

static int lead(struct builder *b, uint32_t state)
{
	const struct set *set = &b->sets[state];
	uint32_t first = b->positions[set->first];
	bool has_sets;
	int r;

	b->dfa->states[state].edges = (uint32_t)b->dfa->edges_len;
	if (set->len == 1 && b->nfa->items[first].kind == NFA_BYTE) {
		r = lead_single(b, first);
	} else {
		if ((r = sort_out(b, state, &has_sets)) < 0)
			return r;
		r = has_sets ? lead_all(b, state) : lead_named(b, state);
		for (size_t i = 0; i < b->named_len; i++)
			b->head[b->nfa->items[b->named[i]].byte] = 0;
	}
	b->dfa->states[state].edges_len =
		(uint32_t)b->dfa->edges_len - b->dfa->states[state].edges;
	return r;
}

static int build(struct builder *b)
{
	const struct nfa *nfa = b->nfa;
	uint32_t dead;
	int r;

	if (nfa->error)
		return nfa->error;
	if (GROW(b->dfa->lists, 1, b->dfa->lists_max) < 0)
		return -ENOMEM;
	b->dfa->lists[b->dfa->lists_len++] = 0;
	if ((r = add_state(b, &dead)) < 0)
		return r;
	for (size_t i = 0; i < nfa->starts_len; i++)
		if ((r = enter(b, nfa->starts[i])) < 0)
			return r;
	if ((r = intern(b, &b->dfa->start)) < 0)
		return r;
	for (uint32_t state = 1; state < b->dfa->states_len; state++)
		if ((r = set_accept(b, state)) < 0 || (r = lead(b, state)) < 0)
			return r;
	return 0;
}

int dfa_build(const struct nfa *nfa, size_t states_max, struct dfa *ret_dfa)
{
	__attribute__((cleanup(builder_done))) struct builder b = {
		.nfa = nfa,
		.dfa = ret_dfa,
		.states_max = states_max,
	};
	int r;

	memset(ret_dfa, 0, sizeof(*ret_dfa));
	r = build(&b);
	if (r < 0)
		dfa_done(ret_dfa);
	return r;
}

void dfa_done(struct dfa *dfa)
{
	free(dfa->states);
	free(dfa->edges);
	free(dfa->lists);
	memset(dfa, 0, sizeof(*dfa));
}
