/* SPDX-License-Identifier: Apache-2.0 */
/* dfa_builder.h - shared by the parts of the subset construction. */
#ifndef EC_DFA_BUILDER_H
#define EC_DFA_BUILDER_H

#include <string.h>

#include "dfa.h"

struct dfa_set {
	uint32_t first;
	uint32_t len;
};

struct dfa_builder {
	const struct nfa *nfa;
	struct dfa *dfa;
	size_t states_max;
	size_t effort;	      /* positions entered so far */
	struct dfa_set *sets; /* of each state */
	size_t sets_len, sets_max;
	uint32_t *positions; /* of all sets */
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

/* Of an array of 32-bit words. */
static inline uint64_t dfa_hash(const void *words, size_t len)
{
	const unsigned char *at = words;
	uint64_t hash = len;
	uint32_t word;

	for (size_t i = 0; i < len; i++, at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return hash;
}

/* Adds a position, and all that it reaches without a byte, to the set being
 * made. */
int dfa_enter(struct dfa_builder *b, uint32_t position);
/* Adds where `position` goes on `byte`. */
int dfa_step(struct dfa_builder *b, uint32_t position, unsigned int byte);
/* The state of the set being made, which is then empty again. */
int dfa_intern(struct dfa_builder *b, uint32_t *ret_state);
/* A new state of the set being made. */
int dfa_add_state(struct dfa_builder *b, uint32_t *ret_state);

/* Drops from a sorted set what can no longer change a verdict. Returns how
 * many positions stay. */
size_t dfa_prune(const struct nfa *nfa, uint32_t *positions, size_t len);

/* Accept list and flags of a state. */
int dfa_set_accept(struct dfa_builder *b, uint32_t state);

#endif
