// SPDX-License-Identifier: Apache-2.0
/*
 * comb.c - row displacement: the explicit edges of all states lie interleaved
 * in one area, each marked with its owner. An image is
 *
 *   2 zero words | states | transitions | 256 zero words | accept lists
 *
 * so that base + byte of any row stays between the states and the lists.
 */
#include "comb.h"

#include <errno.h>
#include <string.h>

#include "bpf/rule.h"
#include "policy/grow.h"

#define STATE_AT(s) ((uint32_t)(s)*2u)
#define TAIL 256u
/* Places tried for a row before it goes behind everything. */
#define TRIES_MAX 1000u
/* Rows of one shape look on where the last one found its place: what did not
 * fit then never will. Shapes that share a cursor only waste room. */
#define SHAPES (1u << 12)

struct packer {
	const struct dfa *dfa;
	uint64_t *area; /* transitions */
	size_t area_max;
	uint32_t *skip; /* a place at or before the next free one */
	size_t skip_max;
	uint32_t area_len; /* one past the last used */
	uint32_t limit;
	uint32_t *base; /* of each state */
	uint32_t *order;
	uint32_t *cursor; /* of each shape */
};

static void packer_done(struct packer *p)
{
	free(p->area);
	free(p->skip);
	free(p->base);
	free(p->order);
	free(p->cursor);
}

static int reserve(struct packer *p, uint32_t need)
{
	size_t old = p->area_max;

	if (need > p->limit)
		return -E2BIG;
	if (GROW(p->area, need, p->area_max) < 0)
		return -ENOMEM;
	if (p->area_max > old)
		memset(p->area + old, 0, (p->area_max - old) * sizeof(*p->area));
	old = p->skip_max;
	if (GROW(p->skip, need, p->skip_max) < 0)
		return -ENOMEM;
	for (; old < p->skip_max; old++)
		p->skip[old] = (uint32_t)old;
	return 0;
}

/* The first free place from `at` on; shortens the way for the next. */
static uint32_t next_free(struct packer *p, uint32_t at)
{
	while (at < p->area_len && p->area[at]) {
		uint32_t to = p->skip[at] > at ? p->skip[at] : at + 1;
		bool used = to < p->area_len && p->area[to];

		p->skip[at] = used && p->skip[to] > to ? p->skip[to] : to;
		at = to;
	}
	return at;
}

static bool is_free(const struct packer *p, uint32_t at)
{
	return at >= p->area_len || !p->area[at];
}

static bool fits(const struct packer *p, const struct dfa_state *state, uint32_t base)
{
	const struct dfa_edge *edges = p->dfa->edges + state->edges;

	for (uint32_t i = 0; i < state->edges_len; i++)
		if (!is_free(p, base + edges[i].byte))
			return false;
	return true;
}

static uint32_t *cursor_of(struct packer *p, const struct dfa_state *state)
{
	const struct dfa_edge *edges = p->dfa->edges + state->edges;
	uint32_t hash = state->edges_len;

	for (uint32_t i = 1; i < state->edges_len; i++)
		hash = (hash ^ (uint32_t)(edges[i].byte - edges[0].byte)) * 0x9e3779b1u;
	return &p->cursor[hash >> 20 & (SHAPES - 1)];
}

static uint32_t find_base(struct packer *p, const struct dfa_state *state)
{
	uint32_t first = p->dfa->edges[state->edges].byte, at, tries = 0;
	uint32_t *cursor = cursor_of(p, state);

	at = next_free(p, *cursor > first ? *cursor : first);
	for (; at < p->area_len; at = next_free(p, at + 1)) {
		/* small places stay for those of this shape with small bytes */
		if (at >= 256)
			*cursor = at;
		if (fits(p, state, at - first))
			return at - first;
		if (++tries >= TRIES_MAX)
			break;
	}
	return p->area_len < first ? 0 : p->area_len - first;
}

static int place(struct packer *p, uint32_t s)
{
	const struct dfa_state *state = &p->dfa->states[s];
	const struct dfa_edge *edges = p->dfa->edges + state->edges;
	uint32_t base, last;
	int r;

	if (!state->edges_len)
		return 0;
	base = find_base(p, state);
	last = base + edges[state->edges_len - 1].byte;
	if ((r = reserve(p, last + 1)) < 0)
		return r;
	if (last >= p->area_len)
		p->area_len = last + 1;
	for (uint32_t i = 0; i < state->edges_len; i++)
		p->area[base + edges[i].byte] = STATE_AT(s) | (uint64_t)STATE_AT(edges[i].to) << 32;
	p->base[s] = base;
	return 0;
}

/* Long rows first: the short ones fill the gaps. */
static void sort_rows(struct packer *p)
{
	const struct dfa *dfa = p->dfa;
	uint32_t count[258] = { 0 };

	for (size_t s = 1; s < dfa->states_len; s++)
		count[256 - dfa->states[s].edges_len + 1]++;
	for (size_t i = 1; i < 258; i++)
		count[i] += count[i - 1];
	for (size_t s = 1; s < dfa->states_len; s++)
		p->order[count[256 - dfa->states[s].edges_len]++] = (uint32_t)s;
}

static int place_all(struct packer *p)
{
	size_t len = p->dfa->states_len;
	int r;

	p->base = calloc(len, sizeof(*p->base));
	p->order = calloc(len, sizeof(*p->order));
	p->cursor = calloc(SHAPES, sizeof(*p->cursor));
	if (!p->base || !p->order || !p->cursor)
		return -ENOMEM;
	sort_rows(p);
	for (size_t i = 0; i + 1 < len; i++)
		if ((r = place(p, p->order[i])) < 0)
			return r;
	return 0;
}

static void write_states(const struct packer *p, struct automaton *a)
{
	for (size_t s = 1; s < p->dfa->states_len; s++) {
		const struct dfa_state *state = &p->dfa->states[s];
		uint64_t *word = a->words + STATE_AT(s);

		word[0] = (a->moves + p->base[s]) | (uint64_t)STATE_AT(state->other) << 32;
		word[1] = (state->list ? a->lists + state->list - 1 : 0) | (uint64_t)state->flags
										   << 32;
	}
}

static int write_image(const struct packer *p, uint32_t words_max, struct automaton *a)
{
	const struct dfa *dfa = p->dfa;
	size_t states = STATE_AT(dfa->states_len), lists = dfa->lists_len - 1;
	size_t len = states + p->area_len + TAIL + lists;

	if (len > words_max)
		return -E2BIG;
	a->words = calloc(len, sizeof(*a->words));
	if (!a->words)
		return -ENOMEM;
	a->words_len = (uint32_t)len;
	a->start = STATE_AT(dfa->start);
	a->moves = (uint32_t)states;
	a->lists = (uint32_t)(len - lists);
	write_states(p, a);
	if (p->area_len)
		memcpy(a->words + a->moves, p->area, p->area_len * sizeof(*p->area));
	if (lists)
		memcpy(a->words + a->lists, dfa->lists + 1, lists * sizeof(*dfa->lists));
	return 0;
}

int comb_pack(const struct dfa *dfa, uint32_t words_max, struct automaton *ret_automaton)
{
	__attribute__((cleanup(packer_done))) struct packer p = {
		.dfa = dfa,
		.limit = words_max,
	};
	int r;

	memset(ret_automaton, 0, sizeof(*ret_automaton));
	if (!dfa->start)
		return 0;
	if (dfa->states_len >= words_max)
		return -E2BIG;
	r = place_all(&p);
	return r < 0 ? r : write_image(&p, words_max, ret_automaton);
}

void automaton_done(struct automaton *automaton)
{
	free(automaton->words);
	memset(automaton, 0, sizeof(*automaton));
}

/* Both halves are indexes; 0 stays 0. */
static uint64_t move_both(uint64_t word, uint32_t offset)
{
	uint32_t low = (uint32_t)word, high = (uint32_t)(word >> 32);

	return (low ? low + offset : 0) | (uint64_t)(high ? high + offset : 0) << 32;
}

void automaton_install(const struct automaton *automaton, uint32_t offset, uint64_t *dst)
{
	const uint64_t *words = automaton->words;

	for (uint32_t i = 0; i < automaton->words_len; i++) {
		uint32_t low = (uint32_t)words[i];

		if (i >= automaton->lists)
			dst[i] = words[i];
		else if (i >= automaton->moves || i % 2 == 0)
			dst[i] = move_both(words[i], offset);
		else
			dst[i] = (low ? low + offset : 0) | (words[i] >> 32 << 32);
	}
}
