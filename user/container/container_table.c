// SPDX-License-Identifier: Apache-2.0
#include "container_table.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct entry {
	char id[CONTAINER_ID_SIZE]; /* "" = free */
	struct container_info info;
	uint64_t seen_ms; /* last asked for */
	uint64_t first_ms, next_ms;
	unsigned int wait_ms;
	bool settled;
};

struct container_table {
	struct container_host host;
	struct entry at[CONTAINER_TABLE_MAX];
	size_t len;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int container_table_new(const struct container_host *host, struct container_table **ret_table)
{
	*ret_table = calloc(1, sizeof(**ret_table));
	if (!*ret_table)
		return -ENOMEM;
	(*ret_table)->host = *host;
	return 0;
}

void container_table_free(struct container_table *table)
{
	for (size_t i = 0; table && i < table->len; i++)
		container_info_done(&table->at[i].info);
	free(table);
}

static struct entry *find(struct container_table *table, const char *id)
{
	struct entry *oldest = table->at;

	for (size_t i = 0; i < table->len; i++) {
		if (!strcmp(table->at[i].id, id))
			return &table->at[i];
		if (table->at[i].seen_ms < oldest->seen_ms)
			oldest = &table->at[i];
	}
	if (table->len < CONTAINER_TABLE_MAX)
		oldest = &table->at[table->len++];
	container_info_done(&oldest->info);
	*oldest = (struct entry) { 0 };
	strcpy(oldest->id, id);
	return oldest;
}

/* Is there nothing that somebody might still have to say? */
static bool is_whole(const struct container_info *info)
{
	return !info->is_partial && (info->name || info->image || info->is_sandbox);
}

const struct container_info *container_table_look(struct container_table *table,
						  const struct container_ref *ref)
{
	struct entry *entry = find(table, ref->id);
	uint64_t now = now_ms();

	entry->seen_ms = now;
	if (!entry->first_ms) {
		entry->first_ms = now;
		entry->wait_ms = CONTAINER_TABLE_AGAIN_MS;
	}
	if (entry->settled || now < entry->next_ms)
		return &entry->info;
	container_info_done(&entry->info);
	if (container_describe(&table->host, ref, &entry->info) < 0)
		return NULL;
	entry->info.given_up = now - entry->first_ms >= CONTAINER_TABLE_SETTLED_MS;
	entry->settled = is_whole(&entry->info) || entry->info.given_up;
	entry->next_ms = now + entry->wait_ms;
	if (entry->wait_ms < CONTAINER_TABLE_SELDOM_MS)
		entry->wait_ms *= 2;
	return &entry->info;
}
