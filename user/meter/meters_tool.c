// SPDX-License-Identifier: Apache-2.0
/* meters_tool.c - figures of each policy and tool. */
#include <stdio.h>
#include <string.h>

#include "meters.h"
#include "policy/declare/declare.h"

#define US 1000ull
#define MS (1000 * US)
#define S (1000 * MS)

const uint64_t meters_overhead_ns[METERS_BUCKETS] = {
	50 * US, 100 * US, 250 * US, 500 * US, 1 * MS,	 2500 * US, 5 * MS,
	10 * MS, 25 * MS,  50 * MS,  100 * MS, 250 * MS, 1 * S,
};
const uint64_t meters_latency_ns[METERS_BUCKETS] = {
	1 * MS,	  5 * MS, 10 * MS,   25 * MS, 50 * MS, 100 * MS, 250 * MS,
	500 * MS, 1 * S,  2500 * MS, 10 * S,  60 * S,  300 * S,
};

static bool is(const struct meters_tool *at, const char *policy, const char *tool)
{
	return !strncmp(at->policy, policy, METERS_NAME - 1) &&
	       !strncmp(at->tool, tool, METERS_NAME - 1);
}

/* Places are taken in their order and stay taken. One whose name somebody else is
 * writing, or died over, is passed by: at worst a tool has two. */
static struct meters_tool *find(struct meters *meters, const char *policy, const char *tool)
{
	for (unsigned int i = 0; i < METERS_TOOLS; i++) {
		struct meters_tool *at = &meters->tools[i];
		uint64_t state = __atomic_load_n(&at->state, __ATOMIC_ACQUIRE);

		if (state == METERS_USED && is(at, policy, tool))
			return at;
		if (state != METERS_FREE ||
		    !__atomic_compare_exchange_n(&at->state, &state, METERS_WRITING, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			continue;
		snprintf(at->policy, sizeof(at->policy), "%s", policy);
		snprintf(at->tool, sizeof(at->tool), "%s", tool);
		__atomic_store_n(&at->state, METERS_USED, __ATOMIC_RELEASE);
		return at;
	}
	return &meters->tools[METERS_OTHER];
}

static void observe(struct meters_histogram *histogram, const uint64_t *bounds, uint64_t ns)
{
	unsigned int i = 0;

	while (i < METERS_BUCKETS && ns > bounds[i])
		i++;
	__atomic_fetch_add(&histogram->sum_ns, ns, __ATOMIC_RELAXED);
	__atomic_fetch_add(&histogram->count[i], 1, __ATOMIC_RELAXED);
}

void meters_declared(struct meters *meters, const char *policy, const char *tool, bool allowed,
		     uint64_t overhead_ns)
{
	struct meters_tool *at;

	if (!meters)
		return;
	at = find(meters, policy, tool);
	__atomic_fetch_add(allowed ? &at->allowed : &at->blocked, 1, __ATOMIC_RELAXED);
	observe(&at->overhead, meters_overhead_ns, overhead_ns);
}

void meters_guard(struct meters *meters, const struct declare_guarded *said)
{
	if (!meters || said->said < DECLARE_SAFE || said->said > DECLARE_FAILED)
		return;
	__atomic_fetch_add(&meters->guards[said->said - DECLARE_SAFE][said->cached], 1,
			   __ATOMIC_RELAXED);
	if (said->said == DECLARE_FAILED && said->opens && !said->refuses)
		__atomic_fetch_add(&meters->guards_opened, 1, __ATOMIC_RELAXED);
	if (!said->cached)
		observe(&meters->guard_ms, meters_latency_ns, said->ms * MS);
}

void meters_ended(struct meters *meters, const char *policy, const char *tool, uint64_t latency_ns)
{
	if (meters)
		observe(&find(meters, policy, tool)->latency, meters_latency_ns, latency_ns);
}
