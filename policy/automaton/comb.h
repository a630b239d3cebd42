/* SPDX-License-Identifier: Apache-2.0 */
/* comb.h - the automaton as the kernel reads it (bpf/rule.h). */
#ifndef EC_COMB_H
#define EC_COMB_H

#include "dfa.h"
#include "policy/policy.h"

/* -E2BIG: more than words_max words. */
int comb_pack(const struct dfa *dfa, uint32_t words_max, struct automaton *ret_automaton);

#endif
