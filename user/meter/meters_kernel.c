// SPDX-License-Identifier: Apache-2.0
/* meters_kernel.c - sums of what the kernel counted that never go back, although
 * agents come and go. */
#include <sched.h>
#include <string.h>

#include "meters.h"

/* Who is killed while an agent's counts move leaves them odd. */
#define ATTEMPTS 64

static void sum(struct meters_kernel *to, const struct ec_agent *agent)
{
	for (unsigned int i = 0; i < EC_COUNT_MAX; i++)
		to->count[i] += __atomic_load_n(&agent->count[i], __ATOMIC_RELAXED);
	for (unsigned int op = 0; op < EC_EFFECT_OPS; op++)
		for (unsigned int v = 0; v < EC_EFFECT_VERDICTS; v++)
			to->effects[op][v] += __atomic_load_n(&agent->effects[op][v],
							      __ATOMIC_RELAXED);
}

void meters_retire(struct meters *meters, struct ec_agent *agent)
{
	if (!meters)
		return;
	__atomic_or_fetch(&meters->retiring, 1, __ATOMIC_SEQ_CST);
	sum(&meters->retired, agent);
	memset(agent->count, 0, sizeof(agent->count));
	memset(agent->effects, 0, sizeof(agent->effects));
	__atomic_add_fetch(&meters->retiring, 1, __ATOMIC_SEQ_CST);
}

static void sum_all(const struct meters *meters, const struct ec_agent *agents,
		    struct meters_kernel *ret_kernel)
{
	memset(ret_kernel, 0, sizeof(*ret_kernel));
	if (meters)
		*ret_kernel = meters->retired;
	for (unsigned int i = 0; agents && i < EC_MAX_AGENTS; i++)
		if (agents[i].uid)
			sum(ret_kernel, &agents[i]);
}

void meters_kernel(const struct meters *meters, const struct ec_agent *agents,
		   struct meters_kernel *ret_kernel)
{
	uint64_t before, after;

	for (int i = 0; i < ATTEMPTS; i++) {
		before = meters ? __atomic_load_n(&meters->retiring, __ATOMIC_SEQ_CST) : 0;
		sum_all(meters, agents, ret_kernel);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		after = meters ? __atomic_load_n(&meters->retiring, __ATOMIC_SEQ_CST) : 0;
		if (before == after && !(before & 1))
			return;
		sched_yield();
	}
}
