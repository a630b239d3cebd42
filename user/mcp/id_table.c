// SPDX-License-Identifier: Apache-2.0
#include "id_table.h"

#include <string.h>

struct id_entry *id_table_find(struct id_table *table, const struct message_id *id)
{
	for (size_t i = 0; i < table->len; i++) {
		struct id_entry *entry = &table->entries[i];

		if (entry->id.key_len == id->key_len &&
		    !memcmp(entry->id.key, id->key, id->key_len))
			return entry;
	}
	return NULL;
}

struct id_entry *id_table_add(struct id_table *table, const struct message_id *id, size_t max)
{
	struct id_entry *entry;

	if (table->len >= max || table->len >= ID_TABLE_MAX)
		return NULL;
	entry = &table->entries[table->len++];
	*entry = (struct id_entry) { .id = *id };
	return entry;
}

void id_table_push(struct id_table *table, const struct message_id *id)
{
	if (table->len == ID_TABLE_MAX)
		id_table_remove(table, table->entries);
	id_table_add(table, id, ID_TABLE_MAX);
}

void id_table_remove(struct id_table *table, struct id_entry *entry)
{
	size_t after = table->len - (size_t)(entry - table->entries) - 1;

	memmove(entry, entry + 1, after * sizeof(*entry));
	table->len--;
}
