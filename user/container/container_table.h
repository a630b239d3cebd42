/* SPDX-License-Identifier: Apache-2.0 */
/* container_table.h - what was found out of containers, kept for who asks again: of at
 * most CONTAINER_TABLE_MAX of them; of more, those that were not asked for longest are
 * forgotten. */
#ifndef EC_CONTAINER_TABLE_H
#define EC_CONTAINER_TABLE_H

#include "container_info.h"

#define CONTAINER_TABLE_MAX 512u
/* What could not be found out is tried again after so long, then after twice that and so
 * on to CONTAINER_TABLE_SELDOM_MS, until it is CONTAINER_TABLE_SETTLED_MS old: given up. */
#define CONTAINER_TABLE_AGAIN_MS 500u
#define CONTAINER_TABLE_SELDOM_MS 4000u
#define CONTAINER_TABLE_SETTLED_MS 60000u

struct container_table;

int container_table_new(const struct container_host *host, struct container_table **ret_table);
void container_table_free(struct container_table *table); /* NULL is fine */
/* Good until the next look. NULL: no memory for it. */
const struct container_info *container_table_look(struct container_table *table,
						  const struct container_ref *ref);

#endif
