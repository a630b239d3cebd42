// SPDX-License-Identifier: Apache-2.0
/*
 * dfa.c - subset construction. A state looks only at the bytes that its
 * positions name; all others go one way together, so that a policy of many
 * literal rules costs about one step per byte of it.
 */
#include "dfa.h"

#include <errno.h>
#include <string.h>

#include "dfa_builder.h"
#include "policy/grow.h"

static void builder_done(struct dfa_builder *b)
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

static int sort_out(struct dfa_builder *b, uint32_t state, bool *ret_has_sets)
{
	const struct dfa_set set = b->sets[state];

	b->loops_len = b->named_len = 0;
	*ret_has_sets = false;
	if (GROW(b->loops, set.len, b->loops_max) < 0 ||
	    GROW(b->named, set.len, b->named_max) < 0 || GROW(b->links, set.len, b->links_max) < 0)
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

static int target_of(struct dfa_builder *b, unsigned int byte, uint32_t *ret_state)
{
	int r;

	b->next_len = 0;
	for (size_t i = 0; i < b->loops_len; i++)
		if ((r = dfa_step(b, b->loops[i], byte)) < 0)
			return r;
	for (uint32_t at = b->head[byte]; at; at = b->links[at - 1])
		if ((r = dfa_step(b, b->named[at - 1], byte)) < 0)
			return r;
	return dfa_intern(b, ret_state);
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
static void classify(const struct dfa_builder *b, unsigned int class[256])
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
static int lead_all(struct dfa_builder *b, uint32_t state)
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
static int lead_named(struct dfa_builder *b, uint32_t state)
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
static int lead_single(struct dfa_builder *b, uint32_t position)
{
	uint32_t to;
	int r;

	b->next_len = 0;
	if ((r = dfa_enter(b, position + 1)) < 0 || (r = dfa_intern(b, &to)) < 0)
		return r;
	return add_edge(b->dfa, b->nfa->items[position].byte, to);
}

static int lead(struct dfa_builder *b, uint32_t state)
{
	const struct dfa_set *set = &b->sets[state];
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
	b->dfa->states[state].edges_len = (uint32_t)b->dfa->edges_len - b->dfa->states[state].edges;
	return r;
}

static int build(struct dfa_builder *b)
{
	const struct nfa *nfa = b->nfa;
	uint32_t dead;
	int r;

	if (nfa->error)
		return nfa->error;
	if (GROW(b->dfa->lists, 1, b->dfa->lists_max) < 0)
		return -ENOMEM;
	b->dfa->lists[b->dfa->lists_len++] = 0;
	if ((r = dfa_add_state(b, &dead)) < 0)
		return r;
	for (size_t i = 0; i < nfa->patterns_len; i++)
		if ((r = dfa_enter(b, nfa->patterns[i].start)) < 0)
			return r;
	if ((r = dfa_intern(b, &b->dfa->start)) < 0)
		return r;
	for (uint32_t state = 1; state < b->dfa->states_len; state++)
		if ((r = dfa_set_accept(b, state)) < 0 || (r = lead(b, state)) < 0)
			return r;
	return 0;
}

int dfa_build(const struct nfa *nfa, size_t states_max, struct dfa *ret_dfa)
{
	__attribute__((cleanup(builder_done))) struct dfa_builder b = {
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
