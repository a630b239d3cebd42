// SPDX-License-Identifier: Apache-2.0
/* compile.c - all of a declaration: judged, then compiled for the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

/* What its arguments would grant is not for this call. */
static void refuse(struct declare_answer *answer, const struct policy_call *call,
		   const struct policy_diag *diag, int error)
{
	memset(answer, 0, sizeof(*answer));
	answer->verdict = DECLARE_DENY;
	answer->violation = call->closed     ? "tool_denied" :
			    error == -EACCES ? "content_violation" :
			    error == -E2BIG  ? "resource_limit" :
					       "policy_error";
	snprintf(answer->reason, sizeof(answer->reason), "%s",
		 diag->text[0] ? diag->text : strerror(-error));
	if (diag->line)
		snprintf(answer->place, sizeof(answer->place), "%.280s:%u:%u", diag->file,
			 diag->line, diag->column);
}

int declare_compile(const struct declare_context *context, const struct declare_call *call,
		    uint32_t words_max, struct policy_call *ret_call,
		    struct declare_answer *ret_answer)
{
	struct policy_diag diag = { 0 };
	int r;

	memset(ret_call, 0, sizeof(*ret_call));
	r = declare_check(context->policy, context->state, call, ret_answer);
	if (r < 0)
		return r;
	if (ret_answer->verdict == DECLARE_DENY)
		return -EACCES;
	r = policy_call_compile_told(context->policy, context->env, context->image, call->tool,
				     call->args, words_max, context->each, context->each_ctx,
				     ret_call, &diag);
	if (r < 0)
		refuse(ret_answer, ret_call, &diag, r);
	else if (ret_answer->verdict == DECLARE_ASK || ret_answer->verdict == DECLARE_GUARD)
		r = -EINPROGRESS;
	if (r < 0)
		policy_call_done(ret_call);
	return r;
}
