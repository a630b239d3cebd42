// SPDX-License-Identifier: Apache-2.0
/* meters_log.c - the last calls that began and ended. */
#include <errno.h>
#include <string.h>

#include "meters.h"

void meters_log(struct meters *meters, const struct meters_line *line)
{
	struct meters_line *at;
	uint64_t n;

	if (!meters)
		return;
	n = __atomic_fetch_add(&meters->lines, 1, __ATOMIC_ACQ_REL);
	at = &meters->log[n % METERS_LOG];
	__atomic_store_n(&at->seq, 2 * n + 1, __ATOMIC_SEQ_CST);
	memcpy((char *)at + sizeof(at->seq), (const char *)line + sizeof(line->seq),
	       sizeof(*at) - sizeof(at->seq));
	__atomic_store_n(&at->seq, 2 * n + 2, __ATOMIC_SEQ_CST);
}

static void terminate(struct meters_line *line)
{
	line->outcome[sizeof(line->outcome) - 1] = '\0';
	line->tool[sizeof(line->tool) - 1] = '\0';
	line->client_id[sizeof(line->client_id) - 1] = '\0';
	line->reason[sizeof(line->reason) - 1] = '\0';
}

int meters_read_line(const struct meters *meters, uint64_t n, struct meters_line *ret_line)
{
	const struct meters_line *at = &meters->log[n % METERS_LOG];
	uint64_t before = __atomic_load_n(&at->seq, __ATOMIC_SEQ_CST), after;

	if (before < 2 * n + 2)
		return -EAGAIN;
	memcpy(ret_line, at, sizeof(*ret_line));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	after = __atomic_load_n(&at->seq, __ATOMIC_SEQ_CST);
	if (before != 2 * n + 2 || after != before)
		return -ESTALE;
	terminate(ret_line);
	return 0;
}
