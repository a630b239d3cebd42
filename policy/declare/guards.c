// SPDX-License-Identifier: Apache-2.0
/* guards.c - what guards said of a call, or that they have to be asked. */
#include <errno.h>

#include "judge.h"

static int refuse_unsafe(struct judge *j, const struct policy_guard *guard,
			 const struct declare_guarded *by)
{
	return judge_refuse(j, "content_violation", guard->rule,
			    "guard %s says that this call is unsafe%s%s%s", guard->name,
			    by->categories[0] ? " (" : "", by->categories,
			    by->categories[0] ? ")" : "");
}

static int refuse_failed(struct judge *j, const struct policy_guard *guard,
			 const struct declare_guarded *by)
{
	return judge_refuse(j, "policy_error", guard->rule, "guard %s gave no verdict: %s",
			    guard->name,
			    by->said == DECLARE_FAILED && by->why[0] ? by->why : "not asked");
}

static bool permits(const struct policy_guard *guard, const struct declare_guarded *by)
{
	if (by->said == DECLARE_FAILED)
		return guard->opens_on_error && !by->refuses;
	return by->said == DECLARE_SAFE;
}

int guards_check(struct judge *j)
{
	const struct policy_guard *guards[POLICY_GUARDS_OF_CALL];
	size_t len = policy_guards_of(j->policy, j->tool, guards);

	if (!len || j->guards_waived)
		return 0;
	if (!j->guarded_len)
		return judge_guard(j, guards[0]->rule,
				   "its guards have to say first whether it is safe");
	if (j->guarded_len != len)
		return -EINVAL;
	/* who says no is told before who says nothing */
	for (size_t i = 0; i < len; i++)
		if (j->guarded[i].said == DECLARE_UNSAFE)
			return refuse_unsafe(j, guards[i], &j->guarded[i]);
	for (size_t i = 0; i < len; i++)
		if (!permits(guards[i], &j->guarded[i]))
			return refuse_failed(j, guards[i], &j->guarded[i]);
	return 0;
}
