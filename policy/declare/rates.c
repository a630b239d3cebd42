// SPDX-License-Identifier: Apache-2.0
/* rates.c - how often: of one tool, and of all together. */
#include "judge.h"
#include "state.h"

#define VIOLATION "rate_limit"

static int check(struct judge *j, size_t index, const char *who)
{
	const struct declare_limit *limit = &j->rules->limits[index];
	uint64_t wait_ns = 0;
	uint64_t calls = j->state ? state_calls(j->state, index, j->now_ns, &wait_ns) : 0;

	if (calls < limit->max_calls)
		return 0;
	if (!limit->max_calls)
		return judge_refuse(j, VIOLATION, limit->rule, "%s may have no calls", who);
	return judge_refuse(j, VIOLATION, limit->rule,
			    "%s has had its %llu calls in %.15g s; the next may come in %.0f s",
			    who, (unsigned long long)limit->max_calls,
			    (double)limit->window_ns / 1e9, (double)(wait_ns / 1000000000 + 1));
}

int rates_check(struct judge *j)
{
	int limit = state_limit(j->rules, j->folded), r = 0;

	if (limit >= 0)
		r = check(j, (size_t)limit, "the tool");
	if (r == 0 && j->rules->has_global)
		r = check(j, j->rules->limits_len - 1, "the agent");
	return r;
}
