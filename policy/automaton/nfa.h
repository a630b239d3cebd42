/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfa.h - patterns as positions. A pattern is a run of items; position p means
 * "items before p have matched". Items lead only to themselves and to the next
 * one or two, which keeps sets of positions sorted almost by themselves.
 */
#ifndef EC_NFA_H
#define EC_NFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nfa_kind {
	NFA_BYTE = 1,	/* one byte */
	NFA_SET = 2,	/* one byte of a set */
	NFA_STAR = 3,	/* any bytes but '/', also none */
	NFA_ANY = 4,	/* any bytes, also none */
	NFA_SKIP = 5,	/* the next item, or the one after it */
	NFA_LOOP = 6,	/* any bytes, ending with '/' */
	NFA_ACCEPT = 7, /* the end */
	NFA_ALSO = 8,	/* may end here, or go on */
};

struct nfa_item {
	uint8_t kind;
	uint8_t byte;
	uint16_t pad;
	uint32_t index;	  /* NFA_SET: sets[]; NFA_ACCEPT, NFA_ALSO: entries[] */
	uint32_t pattern; /* patterns[] */
};

/* What all entries of one pattern have in common. */
struct nfa_pattern {
	uint32_t start; /* its first item */
	uint32_t rule;
	uint32_t who; /* class and id, as in an EC_ACCEPT word */
	uint8_t ops;  /* of all its entries */
	bool guarded; /* a never pattern that does not start with a double star */
	bool wanders; /* has a loop that is not its end */
};

struct nfa_set {
	uint64_t bits[4];
};

/* Is this the endless tail of a pattern: all that follows matches, too? */
#define NFA_IS_TAIL(items, position)                                                               \
	((items)[position].kind == NFA_ANY && (items)[(position) + 1].kind == NFA_ACCEPT)

static inline bool nfa_set_has(const struct nfa_set *set, unsigned int byte)
{
	return set->bits[byte >> 6] >> (byte & 63) & 1;
}

static inline void nfa_set_add(struct nfa_set *set, unsigned int byte)
{
	set->bits[byte >> 6] |= 1ull << (byte & 63);
}

struct nfa {
	struct nfa_item *items;
	size_t items_len, items_max;
	struct nfa_set *sets;
	size_t sets_len, sets_max;
	uint64_t *entries; /* EC_ACCEPT */
	size_t entries_len, entries_max;
	struct nfa_pattern *patterns;
	size_t patterns_len, patterns_max;
	int error; /* sticky: -ENOMEM, -E2BIG */
};

void nfa_done(struct nfa *nfa);
#define _cleanup_nfa_ __attribute__((cleanup(nfa_done)))

/* A pattern: begin, items, end. Errors stick and are read at the end. */
void nfa_begin(struct nfa *nfa, bool guarded);
void nfa_item(struct nfa *nfa, enum nfa_kind kind, uint8_t byte);
void nfa_bytes(struct nfa *nfa, const void *bytes, size_t len);
void nfa_set(struct nfa *nfa, const struct nfa_set *set);
/* The set of all bytes, but for '/' when path is true. */
void nfa_any_byte(struct nfa *nfa, bool path);
/* kind is NFA_ACCEPT or NFA_ALSO, entry an EC_ACCEPT word; those of one pattern
 * differ only in their operations. */
void nfa_accept(struct nfa *nfa, enum nfa_kind kind, uint64_t entry);

#endif
