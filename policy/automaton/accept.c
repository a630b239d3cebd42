// SPDX-License-Identifier: Apache-2.0
#include "accept.h"

#include <stdlib.h>

#define OPS_SHIFT 8
#define QUIET_SHIFT 8 /* EC_STATE_QUIET_OPS within the flags */

static int by_rule(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The rule is in the high half of an entry, so that numbers sort by it. */
size_t accept_reduce(uint64_t *entries, size_t len)
{
	size_t kept = 0;

	if (len > 1)
		qsort(entries, len, sizeof(*entries), by_rule);
	for (size_t i = 0; i < len; i++) {
		uint64_t ops = EC_ACCEPT_OPS(entries[i]);
		size_t same = kept;

		for (size_t j = 0; j < kept; j++) {
			if (EC_ACCEPT_WHO(entries[j]) != EC_ACCEPT_WHO(entries[i]))
				continue;
			ops &= ~(uint64_t)EC_ACCEPT_OPS(entries[j]);
			if (EC_ACCEPT_RULE(entries[j]) == EC_ACCEPT_RULE(entries[i]))
				same = j;
		}
		if (!ops)
			continue;
		if (same < kept)
			entries[same] |= ops << OPS_SHIFT;
		else
			entries[kept++] = (entries[i] & ~(0xffull << OPS_SHIFT)) | ops << OPS_SHIFT;
	}
	return kept;
}

/* Loading is permitted where executing is, or where reading is and nothing
 * could write (bpf/judge.bpf.c). */
uint32_t accept_quiet(const uint64_t *entries, size_t len)
{
	uint32_t baseline = 0, never = 0, writable = 0;

	for (size_t i = 0; i < len; i++) {
		uint32_t ops = EC_ACCEPT_OPS(entries[i]);

		switch (EC_ACCEPT_CLASS(entries[i])) {
		case EC_CLASS_NEVER:
		case EC_CLASS_TRIP: /* the judge must see it */
			never |= ops;
			break;
		case EC_CLASS_BASELINE:
			baseline |= ops;
			break;
		case EC_CLASS_WRITABLE:
			writable |= ops;
			break;
		}
	}
	if (baseline & EC_OP_BIT(EC_OP_EXEC) || (baseline & EC_OP_BIT(EC_OP_READ) && !writable))
		baseline |= EC_OP_BIT(EC_OP_LOAD);
	return (baseline & ~never) << QUIET_SHIFT;
}
