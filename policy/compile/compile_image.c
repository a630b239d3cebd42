// SPDX-License-Identifier: Apache-2.0
/* compile_image.c - from positions to the image, and what ends in an accept
 * list for whom. */
#include <errno.h>
#include <string.h>

#include "bpf/rule.h"
#include "policy/automaton/comb.h"
#include "compile.h"
#include "policy/diag.h"

#define R EC_OP_BIT(EC_OP_READ)
#define W EC_OP_BIT(EC_OP_WRITE)
#define X EC_OP_BIT(EC_OP_EXEC)
#define L EC_OP_BIT(EC_OP_LOAD)

/* Executing includes reading, so never reading includes never executing. */
static uint32_t never_ops(enum ec_op op)
{
	switch (op) {
	case EC_OP_READ:
		return R | X | L;
	case EC_OP_EXEC:
		return X | L;
	default:
		return EC_OP_BIT(op);
	}
}

struct glob_accept compile_accept(enum ec_class class, enum ec_op op, uint16_t id, uint32_t rule)
{
	uint32_t ops = op == EC_OP_EXEC ? R | X : EC_OP_BIT(op);
	struct glob_accept accept = { 0 };

	switch (class) {
	case EC_CLASS_NEVER:
		accept.entry = EC_ACCEPT(class, never_ops(op), id, rule);
		accept.self = accept.below = accept.entry;
		accept.guarded = true;
		return accept;
	case EC_CLASS_TRIP: /* as never: what is too much to miss */
		accept.entry = EC_ACCEPT(class, never_ops(op), id, rule);
		accept.self = accept.below = accept.entry;
		return accept;
	case EC_CLASS_WRITABLE:
		ops = W;
		break;
	case EC_CLASS_WITHIN:
		ops = R | W | X;
		accept.self = EC_ACCEPT(class, R, id, rule);
		break;
	default:
		if (op == EC_OP_READ)
			accept.self = EC_ACCEPT(class, R, id, rule);
	}
	accept.entry = EC_ACCEPT(class, ops, id, rule);
	return accept;
}

int compile_image(const struct policy *policy, const struct nfa *nfa, uint32_t words_max,
		  struct automaton *ret_automaton, struct policy_diag *ret_diag)
{
	_cleanup_dfa_ struct dfa dfa = { 0 };
	int r = dfa_build(nfa, words_max / 2, &dfa);

	if (r == 0)
		r = comb_pack(&dfa, words_max, ret_automaton);
	if (r == 0)
		return 0;
	if (r == -EOVERFLOW)
		return diag_set(ret_diag, policy->file, 0, 0, -E2BIG,
				"more than %u rules cover the same path", EC_MAX_ACCEPT);
	if (r == -E2BIG)
		return diag_set(ret_diag, policy->file, 0, 0, r,
				"the patterns together need more room than there is (%u words); "
				"fewer patterns with several ** or * each need less",
				words_max);
	return diag_set(ret_diag, policy->file, 0, 0, r, "%s", strerror(-r));
}
