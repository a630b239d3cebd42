/* SPDX-License-Identifier: Apache-2.0 */
/* merge.h - a child's tree over its parent's. */
#ifndef EC_MERGE_H
#define EC_MERGE_H

#include "policy/tree/tree.h"

struct loader;

/* The same policy with every known key under its first spelling and in its own
 * place: keys of rules from the top to `rules`, which is always there, and
 * unknown keys at these two levels gone. Refuses what is then said twice. */
int merge_prepare(struct loader *l, const struct tree *top, struct pool *pool,
		  struct tree **ret_top);

/* Both checked and prepared. What the child writes replaces, key by key, what
 * the parent says; lists that keys.h calls adding are joined, and the parent's
 * list goes where the child's says ${parent}. Only -ENOMEM. */
int merge_trees(struct tree *parent, struct tree *child, struct pool *pool, struct tree **ret_top);

#endif
