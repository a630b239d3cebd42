/* SPDX-License-Identifier: Apache-2.0 */
/* id_table.h - the few requests that the gateway has to remember, by id. */
#ifndef EC_ID_TABLE_H
#define EC_ID_TABLE_H

#include "message.h"

#define ID_TABLE_MAX 64 /* as many calls as the kernel keeps open */

struct id_entry {
	struct message_id id;
	uint64_t call;	   /* as the session numbers it */
	uint64_t begin_ns; /* CLOCK_BOOTTIME */
	uint64_t deadline_ns;
	bool alone; /* no other call may be open beside it */
};

/* In the order in which they came. */
struct id_table {
	size_t len;
	struct id_entry entries[ID_TABLE_MAX];
};

struct id_entry *id_table_find(struct id_table *table, const struct message_id *id);
/* NULL: max entries are there, or ID_TABLE_MAX. */
struct id_entry *id_table_add(struct id_table *table, const struct message_id *id, size_t max);
/* As id_table_add, but drops the oldest entry when the table is full. */
void id_table_push(struct id_table *table, const struct message_id *id);
void id_table_remove(struct id_table *table, struct id_entry *entry);

#endif
