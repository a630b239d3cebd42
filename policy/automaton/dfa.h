/* SPDX-License-Identifier: Apache-2.0 */
/* dfa.h - positions become states: one look at a byte, one next state. */
#ifndef EC_DFA_H
#define EC_DFA_H

#include "nfa.h"

struct dfa_edge {
	uint32_t to;
	uint8_t byte;
};

struct dfa_state {
	uint32_t edges; /* first edge; sorted by byte, none leads to other */
	uint32_t edges_len;
	uint32_t other; /* where every other byte leads */
	uint32_t list;	/* accept list: first word in lists, 0 = none */
	uint32_t flags; /* EC_STATE_NEVER_BELOW, EC_STATE_QUIET_OPS */
};

/* State 0 is dead. lists holds accept lists as in rule.h, each its length and
 * its entries; word 0 is unused. */
struct dfa {
	struct dfa_state *states;
	size_t states_len, states_max;
	struct dfa_edge *edges;
	size_t edges_len, edges_max;
	uint64_t *lists;
	size_t lists_len, lists_max;
	uint32_t start; /* 0: matches nothing */
};

/* -E2BIG: more than states_max states; -EOVERFLOW: more than EC_MAX_ACCEPT
 * entries in one of them. */
int dfa_build(const struct nfa *nfa, size_t states_max, struct dfa *ret_dfa);
void dfa_done(struct dfa *dfa);
#define _cleanup_dfa_ __attribute__((cleanup(dfa_done)))

#endif
