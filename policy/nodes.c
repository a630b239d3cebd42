// SPDX-License-Identifier: Apache-2.0
/* nodes.c - the objects behind never rules. */
#include "policy/policy.h"
int policy_never_nodes(const struct policy *policy, const struct policy_env *env,
		       size_t max, struct policy_node **ret_nodes,
		       size_t *ret_len, struct policy_diag *ret_diag)
{
	(void)policy; (void)env; (void)max; (void)ret_diag;
	*ret_nodes = NULL; *ret_len = 0; return 0;
}
