// SPDX-License-Identifier: Apache-2.0
/*
 * dfa_prune.c - below a directory that a rule covers as a whole, most other
 * rules have nothing left to say. Without this, k rules that match at any
 * depth would need a state for each of their 2^k combinations.
 *
 * Verdicts stay as they were. The rule that is named stays the first one, too,
 * but for rules that match at any depth: below what another rule of their kind
 * covers, that one is named.
 */
#include "accept.h"
#include "dfa_builder.h"

static bool is_end(const struct nfa *nfa, uint32_t position)
{
	return NFA_IS_TAIL(nfa->items, position) ||
	       (position && NFA_IS_TAIL(nfa->items, position - 1));
}

/* Is what p may still accept covered by the tail at t? */
static bool is_covered(const struct nfa *nfa, uint32_t p, uint32_t t)
{
	const struct nfa_pattern *tail = &nfa->patterns[nfa->items[t].pattern];
	const struct nfa_pattern *other = &nfa->patterns[nfa->items[p].pattern];
	uint8_t ops = EC_ACCEPT_OPS(nfa->entries[nfa->items[t + 1].index]);

	if (p == t || p == t + 1 || other->ops & ~ops || (other->guarded && !tail->guarded))
		return false;
	if (other == tail)
		return true;
	if (other->who != tail->who)
		return EC_ACCEPT_CLASS(tail->who) == EC_CLASS_NEVER &&
		       EC_ACCEPT_CLASS(other->who) != EC_CLASS_WRITABLE;
	return other->rule > tail->rule || (other->wanders && !is_end(nfa, p));
}

static size_t drop_covered(const struct nfa *nfa, uint32_t *positions, size_t len, uint32_t t)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (!is_covered(nfa, positions[i], t))
			positions[kept++] = positions[i];
	return kept;
}

size_t dfa_prune(const struct nfa *nfa, uint32_t *positions, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint32_t t = positions[i];

		if (!NFA_IS_TAIL(nfa->items, t))
			continue;
		len = drop_covered(nfa, positions, len, t);
		/* some before it may be gone */
		for (i = 0; positions[i] != t; i++)
			;
	}
	return len;
}
