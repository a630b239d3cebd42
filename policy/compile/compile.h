/* SPDX-License-Identifier: Apache-2.0 */
/* compile.h - shared by the compilation of a policy and that of a call. */
#ifndef EC_COMPILE_H
#define EC_COMPILE_H

#include "policy/automaton/glob.h"
#include "policy/text/model.h"

/* What a pattern of this class and operation accepts. */
struct glob_accept compile_accept(enum ec_class class, enum ec_op op, uint16_t id, uint32_t rule);

/* nfa -> image, with diagnostics. */
int compile_image(const struct policy *policy, const struct nfa *nfa, uint32_t words_max,
		  struct automaton *ret_automaton, struct policy_diag *ret_diag);

#endif
